// What must hold of every route, whatever it does: a row in the access table, schemas, examples, a place in the OpenAPI document.
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { access, accessOf } from "../access.ts";
import { openApiOf } from "../openapi.ts";
import type { Route } from "../route.ts";
import { createRouter, paramName } from "../router.ts";
import { routes } from "./index.ts";

const problemsOf = (route: Route): string[] => {
  const row = accessOf(route.id);
  const problems: string[] = [];
  const names = route.path.split("/").flatMap((segment) => paramName(segment) ?? []);
  if (!row) problems.push("has no row in the access table");
  if (row?.object && !names.includes(row.object.param)) problems.push(`its path has no ${row.object.param}`);
  for (const name of names) if (!route.example.params?.[name]) problems.push(`has no example for ${name}`);
  if (route.title === "") problems.push("has no title");
  if (route.method !== "GET" && row?.scope === "read" && !readsByPost.has(route.id))
    problems.push("writes with the scope read");
  if (route.method === "GET" && row?.scope === "write") problems.push("reads with the scope write");
  if (route.body) {
    if (!isStrict(route.body)) problems.push("takes unknown body fields");
    const parsed = route.body.safeParse(route.example.body);
    if (!parsed.success) problems.push(`its example body: ${z.prettifyError(parsed.error)}`);
  }
  if (route.query) {
    if (!isStrict(route.query)) problems.push("takes unknown query parameters");
    const parsed = route.query.safeParse(route.example.query ?? {});
    if (!parsed.success) problems.push(`its example query: ${z.prettifyError(parsed.error)}`);
  }
  if (route.reply && !route.media && !selfDescribing.has(route.id)) {
    const decoded = z.safeDecode(route.reply, route.example.reply);
    if (!decoded.success) problems.push(`its example reply: ${z.prettifyError(decoded.error)}`);
  }
  return problems;
};

/** What only computes, from a body that no URL could hold. */
const readsByPost = new Set(["previewRules", "previewSilence"]);
/** Documents of thousands of lines, made from what stands here. */
const selfDescribing = new Set(["getOpenApi", "getCatalogue", "exportWatch"]);

const isStrict = (schema: z.ZodType): boolean =>
  z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }).additionalProperties === false ||
  (schema instanceof z.ZodUnion && schema.options.every((one) => one instanceof z.ZodType && isStrict(one)));

describe("every route", () => {
  test.each(routes.map((route) => [route.id, route] as const))("%s is complete", (_, route) => {
    expect(problemsOf(route)).toEqual([]);
  });

  test("has one row of the access table, and every row one route", () => {
    const ids = routes.map((route) => route.id).sort();
    expect(ids).toEqual(Object.keys(access).sort());
  });

  test("is found by its own path and method, and by nothing else", () => {
    const match = createRouter(routes);
    for (const route of routes) {
      const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => route.example.params?.[name] ?? "x");
      const found = match(route.method, path);
      expect(found.kind === "route" && found.route.id).toBe(route.id);
    }
  });

  test("a route that lacks an example or a strict schema is told", () => {
    const [route] = routes.filter((one) => one.body);
    if (!route) throw new Error("No route takes a body.");
    expect(problemsOf({ ...route, example: {} }).join()).toMatch(/example body/);
    expect(problemsOf({ ...route, body: z.object({}) }).join()).toMatch(/unknown body fields/);
  });
});

test("the OpenAPI document names every route once, with its schemas", () => {
  const document = openApiOf(routes);
  const operations = Object.values(Object(document.paths)).flatMap((path) => Object.values(Object(path)));
  expect(operations.length).toBe(routes.length);
  expect(JSON.stringify(document)).not.toMatch(/"wire"|"list":true/);
});
