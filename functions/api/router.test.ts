// Which route a path leads to, and that nothing but its own path leads to one.
import { expect, test } from "vitest";
import { createRouter } from "./router.ts";
import { routes } from "./routes/index.ts";

const match = createRouter(routes);

test("an id in a path is found, escaped or not", () => {
  expect(match("GET", "/sources/abc@1")).toMatchObject({ kind: "route", params: { sourceId: "abc@1" } });
  expect(match("GET", "/sources/abc%401")).toMatchObject({ kind: "route", params: { sourceId: "abc@1" } });
  expect(match("HEAD", "/sources/abc")).toMatchObject({ kind: "route" });
});

test.each([
  "/sources/{sourceId}",
  "/sources/:sourceId",
  "/sources/",
  "/sources//",
  "//sources",
  "/sources/..",
  "/sources/%2e%2e",
  "/sources/..;/x",
  "/sources/%",
  "/sources/%ff",
  "/sources/a%2Fb",
  "/sources/a%00",
  "/sources/a b",
  "/Sources",
  "/sources/a/b/c",
  "",
  "sources",
  `/sources/${"a".repeat(300)}`,
])("nothing is found by %j", (path) => {
  expect(match("GET", path)).toEqual({ kind: "none" });
});

test("another method of a known path is told which there are", () => {
  expect(match("TRACE", "/sources")).toEqual({ kind: "other-method", allow: ["GET", "HEAD", "POST"] });
});

test("two routes of one method and path do not load", () => {
  expect(() => createRouter([...routes, ...routes])).toThrow(/Two routes for/);
});
