// A link of every kind of mail leads to a page, and what the page says to type is a route of the API with its fields.
import { expect, test } from "vitest";
import * as z from "zod";
import { routes } from "../../functions/api/routes/index.ts";
import { mailedPage } from "./mailed-pages.ts";

const origin = "http://127.0.0.1:3000";

test.each([
  ["/confirm-destination", "confirmDestination"],
  ["/reset-password", "resetPassword"],
  ["/register", "register"],
])("%s says how its token is sent by hand", (path, id) => {
  const page = mailedPage(path, origin) ?? "";
  const [, body = "", url] = /--json '([^']*)' (\S+)<\/pre>/.exec(page) ?? [];
  const route = routes.find((one) => one.id === id);
  expect(url).toBe(`${origin}/api${route?.path}`);
  const fields = route?.body instanceof z.ZodObject ? Object.keys(route.body.shape) : [];
  expect(Object.keys(JSON.parse(body)).sort()).toEqual(fields.sort());
});

test("no other address has such a page", () => {
  for (const path of ["/", "/alerts", "/constructor", "/register/"]) expect(mailedPage(path, origin)).toBeUndefined();
});
