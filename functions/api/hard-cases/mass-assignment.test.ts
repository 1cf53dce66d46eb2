// Hard case 20, from the published OpenAPI document: fields that are ours to set, limits out of bounds, and cursors of others.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EveryRoute, openEveryRoute, readPublished } from "../../../simulators/stack/hard-cases/every-route.ts";
import { openCursors } from "../cursor.ts";
import { routes } from "../routes/index.ts";

let every: EveryRoute;
/** By operation id. */
let published: Map<string, Record<string, unknown>>;
beforeAll(async () => {
  every = await openEveryRoute();
  published = await readPublished(every);
}, 60_000);
afterAll(() => every.close());

const callOf = (id: string) => every.callOf(id);

const ours: Record<string, unknown> = {
  id: "01HZY000000000000000000OUR",
  role: "admin",
  state: "active",
  ownerId: "admin",
  userId: "admin",
  tenantId: "other",
  managedBy: "watch",
  managed_by: "watch",
  managedByFile: true,
  version: 7,
  createdAt: "2026-01-01T00:00:00.000Z",
  updatedAt: "2026-01-01T00:00:00.000Z",
  confirmedAt: "2026-01-01T00:00:00.000Z",
  passwordHash: "$2b$12$x",
  secret: "v1.a.b.c",
  startAt: 0,
  constructor: "x",
  toString: "x",
  hasOwnProperty: "x",
};

type Schema = {
  properties?: object;
  additionalProperties?: unknown;
  items?: unknown;
  anyOf?: unknown[];
  oneOf?: unknown[];
};
type Place = { path: (string | number)[]; known: string[] };

/** Every object of a body whose fields the document names, with the names. */
const placesIn = (schema: Schema, value: unknown, path: (string | number)[] = []): Place[] => {
  const branches = (schema.anyOf ?? schema.oneOf ?? []).map((one): Schema => Object(one));
  if (branches.length > 0) {
    const known = branches.flatMap((one) => Object.keys(one.properties ?? {}));
    return branches.every((one) => one.additionalProperties === false) ? [{ path, known }] : [];
  }
  if (Array.isArray(value))
    return value.slice(0, 1).flatMap((one) => placesIn(Object(schema.items), one, [...path, 0]));
  if (value === null || typeof value !== "object") return [];
  const properties: Record<string, unknown> = Object(schema.properties);
  const inner = Object.entries(value).flatMap(([key, one]) =>
    Object.hasOwn(properties, key) ? placesIn(Object(properties[key]), one, [...path, key]) : [],
  );
  return schema.additionalProperties === false ? [{ path, known: Object.keys(properties) }, ...inner] : inner;
};

/** A copy with one field more. */
const withField = (value: unknown, [step, ...rest]: (string | number)[], field: string, put: unknown): unknown => {
  if (step === undefined) return Object.fromEntries([...Object.entries(Object(value)), [field, put]]);
  const change = (one: unknown) => withField(one, rest, field, put);
  if (Array.isArray(value)) return value.map((one, index) => (index === step ? change(one) : one));
  return Object.fromEntries(Object.entries(Object(value)).map(([key, one]) => [key, key === step ? change(one) : one]));
};

const bodySchemaOf = (id: string): Schema =>
  Object(Object(Object(Object(published.get(id)?.requestBody).content)["application/json"]).schema);

describe("hard case 20: what is ours to set is refused by name, wherever a body has fields", () => {
  test.each(routes.filter(({ body }) => body).map(({ id }) => id))("%s", async (id) => {
    const call = callOf(id);
    const places = placesIn(bodySchemaOf(id), call.body);
    expect(places.map(({ path }) => path.length)).toContain(0);
    for (const { path, known } of places) {
      for (const [field, put] of Object.entries(ours).filter(([name]) => !known.includes(name))) {
        const before = every.writes();
        const { status, body } = await every.send(call, { body: withField(call.body, path, field, put) });
        const at = ["body", ...path, field].join(".");
        expect([at, status]).toEqual([at, 400]);
        expect(body.errors).toContainEqual({ path: at, rule: "is not known here" });
        expect([at, every.writes()]).toEqual([at, before]);
      }
    }
  });

  test("rules of jobs and matchers of silences are such places too", () => {
    const nested = every.calls.flatMap(({ route, body }) =>
      route.body ? placesIn(bodySchemaOf(route.id), body).filter(({ path }) => path.length > 0) : [],
    );
    expect(nested.map(({ path }) => path[0])).toContain("rules");
  });
});

test("hard case 20: a query parameter that no route has is refused by name, on every route", async () => {
  for (const call of every.calls) {
    for (const name of [
      "role",
      "ownerId",
      "userIds",
      "admin",
      "__proto__",
      "constructor",
      "toString",
      "limit[]",
      "$where",
    ]) {
      const before = every.writes();
      const path = `${call.path.replace(/\?.*/s, "")}?${encodeURIComponent(name)}=1`;
      const { status, body } = await every.send(call, { path });
      expect([call.route.id, name, status]).toEqual([call.route.id, name, 400]);
      expect(body.errors).toContainEqual({ path: `query.${name}`, rule: "is not known here" });
      expect(every.writes()).toBe(before);
    }
  }
}, 60_000);

const hasQuery = (name: string) =>
  routes.filter((route) => {
    const query: unknown = route.query;
    return query !== null && typeof query === "object" && "shape" in query && Object.hasOwn(Object(query.shape), name);
  });
const withQuery = (path: string, added: string) => `${path}${path.includes("?") ? "&" : "?"}${added}`;

const badLimits = [
  "-1",
  "0",
  "1e9",
  "1000000000",
  "0x10",
  "0b1",
  "1e1",
  "5.0",
  "",
  "+5",
  "05x",
  "٣",
  "NaN",
  "Infinity",
  "9".repeat(400),
  "null",
];

describe("hard case 20: a page has bounds, and a cursor is good for its user and its list alone", () => {
  test.each(hasQuery("limit").map(({ id }) => id))("%s: limits", async (id) => {
    const call = callOf(id);
    for (const limit of badLimits) {
      const { status, body } = await every.send(call, {
        path: withQuery(call.path, `limit=${encodeURIComponent(limit)}`),
      });
      expect([limit, [400, 422].includes(status)]).toEqual([limit, true]);
      expect(body.errors).toMatchObject([{ path: "query.limit" }]);
    }
    const twice = await every.send(call, { path: withQuery(call.path, "limit=1&limit=200") });
    expect([twice.status, twice.body.errors]).toEqual([400, [{ path: "query.limit", rule: "must be given once" }]]);
  });

  test.each(hasQuery("cursor").map(({ id }) => id))("%s: cursors", async (id) => {
    const call = callOf(id);
    const { write } = openCursors(every.api.config.LOGWATCH_SECRETS_KEY);
    const callerOf = (who: typeof call.who) => {
      if (!who.as) throw new Error("A list is nobody's.");
      return { user: who.as.user, via: "session", sessionId: null, scope: "write" } as const;
    };
    const others = { "of another user": callerOf(every.world.callers["member of another service"]) };
    const mine = callerOf(call.who);
    const other = routes.find((route) => route.id !== id && route.id !== call.route.id)?.id ?? "getMe";
    const good = write(mine, call.route.id, ["a", "b", "c"]);
    const cursors = {
      "of another user": write(others["of another user"], call.route.id, ["a", "b", "c"]),
      "of another list": write(mine, other, ["a", "b", "c"]),
      "changed in one letter": `${good.slice(0, -2)}${good.endsWith("AA") ? "BB" : "AA"}`,
      "cut short": good.slice(0, -5),
      "an offset": "100",
      "of an object's own words": "__proto__",
      "JSON of somebody's making": Buffer.from('["admin","listUsers","a"]').toString("base64url"),
      "of SQL": "' OR 1=1 --",
    };
    for (const [what, cursor] of Object.entries(cursors)) {
      const before = every.writes();
      const answered = await every.send(call, { path: withQuery(call.path, `cursor=${encodeURIComponent(cursor)}`) });
      expect([what, answered.status]).toEqual([what, 422]);
      expect(answered.body.errors).toMatchObject([{ path: "query.cursor" }]);
      expect(every.writes()).toBe(before);
    }
  });
});
