// Hard case 3, from the published OpenAPI document: periods, windows, times and counts that make no sense, in every parameter of
// every route and every field of every body.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EveryRoute, openEveryRoute, readPublished } from "../../../simulators/stack/hard-cases/every-route.ts";
import { routes } from "../routes/index.ts";

let every: EveryRoute;
let published: Map<string, Record<string, unknown>>;
beforeAll(async () => {
  every = await openEveryRoute();
  published = await readPublished(every);
}, 60_000);
afterAll(() => every.close());

const callOf = (id: string) => every.callOf(id);

type Schema = {
  type?: string;
  format?: string;
  pattern?: string;
  properties?: object;
  items?: unknown;
  anyOf?: unknown[];
};

/** Whole numbers, moments and durations such as `5m`. */
const isMeasure = ({ type, format, pattern }: Schema): boolean =>
  type === "integer" || type === "number" || format === "date-time" || pattern?.includes("(ms|s|m|h|d)") === true;

/** Neither a whole number within any bounds we have, nor a moment, nor a duration. */
const badTexts = [
  "",
  "NaN",
  "Infinity",
  "-1",
  "1e308",
  "0x10",
  "9007199254740993",
  "5 minutes",
  "1h30m",
  "-5m",
  "١٢",
  "2026-02-30T00:00:00Z",
  "+010000-01-01T00:00:00Z",
  "null",
];
const badValues: unknown[] = [...badTexts, -1, -0.5, 1e308, 2 ** 53, null, true, [5], {}];

describe("hard case 3: a parameter of a query", () => {
  const withQuery = routes.filter(({ query }) => query).map(({ id }) => id);
  test.each(withQuery)("%s", async (id) => {
    const parameters: { name: string; in: string; schema: Schema }[] = Object(published.get(id)).parameters;
    const call = callOf(id);
    for (const { name } of parameters.filter((one) => one.in === "query" && isMeasure(one.schema))) {
      for (const text of badTexts) {
        const [path = "", given] = call.path.split("?");
        const query = new URLSearchParams(given);
        query.set(name, text);
        const { status, body } = await every.send(call, { path: `${path}?${query}` });
        expect([name, text, [400, 422].includes(status)]).toEqual([name, text, true]);
        expect([name, text, body.errors]).toEqual([
          name,
          text,
          expect.arrayContaining([expect.objectContaining({ path: `query.${name}` })]),
        ]);
      }
    }
  });
});

/** Where in a body a measure stands. */
const measuresIn = (schema: Schema, value: unknown, path: (string | number)[] = []): (string | number)[][] => {
  if (Array.isArray(value))
    return value.slice(0, 1).flatMap((one) => measuresIn(Object(schema.items), one, [...path, 0]));
  return Object.entries(Object(schema.properties)).flatMap(([key, inner]) => {
    const field: Schema = Object(inner);
    return isMeasure(field) ? [[...path, key]] : measuresIn(field, Object(value)[key], [...path, key]);
  });
};

const withValue = (value: unknown, [step, ...rest]: (string | number)[], put: unknown): unknown => {
  if (step === undefined) return put;
  if (Array.isArray(value)) return value.map((one, index) => (index === step ? withValue(one, rest, put) : one));
  const fields: Record<string, unknown> = Object(value);
  return { ...fields, [step]: withValue(fields[step], rest, put) };
};

describe("hard case 3: a field of a body", () => {
  test.each(routes.filter(({ body }) => body).map(({ id }) => id))("%s", async (id) => {
    const content = Object(Object(published.get(id)?.requestBody).content);
    const call = callOf(id);
    for (const path of measuresIn(Object(content["application/json"]).schema, call.body)) {
      for (const put of badValues) {
        const before = every.writes();
        const { status, body } = await every.send(call, { body: withValue(call.body, path, put) });
        const at = ["body", ...path].join(".");
        const isTaken = status < 300;
        expect([at, put, isTaken, status >= 500]).toEqual([at, put, false, false]);
        expect([at, put, body.errors]).toEqual([
          at,
          put,
          expect.arrayContaining([expect.objectContaining({ path: at })]),
        ]);
        expect([at, put, every.writes()]).toEqual([at, put, before]);
      }
    }
  });

  test("there are such fields to try", () => {
    const all = routes.flatMap(({ id, body }) => {
      const content = Object(Object(published.get(id)?.requestBody).content);
      return body
        ? measuresIn(Object(content["application/json"]).schema, callOf(id).body).map((path) => path.join("."))
        : [];
    });
    for (const field of ["every", "window", "delay", "rules.0.hold", "from", "to", "wait", "duration", "maxPerHour"])
      expect(all).toContain(field);
  });
});
