// Every route, by every kind of caller, on every kind of id: what the access table promises, cell by cell. What is refused changes
// nothing in the database, and what is another's answers as what is not there.
import { createHash } from "node:crypto";
import Database from "libsql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApiOpener, type TestApi, type TestResponse } from "../../simulators/stack/test-api.ts";
import { buildWorld, type CallerName, callerNames, otherMark, type World } from "../../simulators/stack/test-world.ts";
import { type Access, accessOf, isAtLeast, type Role } from "./access.ts";
import type { Route } from "./route.ts";
import { routes } from "./routes/index.ts";

const opener = createApiOpener();
let api: TestApi;
let world: World;
let database: ReturnType<typeof openDirectly>;

beforeAll(async () => {
  // More calls than people make, from one address.
  api = await opener.open({ LOGWATCH_REQUESTS_PER_USER: "1000000", LOGWATCH_REQUESTS_PER_ADDRESS: "1000000" });
  world = await buildWorld(api);
  // That a session or token was used is written once a minute; here the clock stands.
  for (const caller of callerNames) await api.call("GET", "/catalogue", world.callers[caller]);
  database = openDirectly(api.file);
  database.keep();
}, 60_000);
afterAll(async () => {
  database.close();
  await opener.closeAll();
});

const idVariants = [
  "own id",
  "other's id",
  "missing id",
  "malformed id",
  "pattern text",
  "..",
  "%2e%2e",
  "empty",
] as const;
type IdVariant = (typeof idVariants)[number];

const unsignedCallers: readonly CallerName[] = ["nobody", "disabled user", "expired session", "revoked session"];
const serviceRoles: Partial<Record<CallerName, Role>> = {
  viewer: "viewer",
  editor: "editor",
  owner: "owner",
  "member of another service": "owner",
  "read-only token": "owner",
  "write token": "owner",
};

/** What belongs to a service; of everything else the owner is the owner and everybody else nobody. */
const onServices: readonly string[] = ["service", "job", "alert", "silence", "notification"];

const roleOf = (caller: CallerName, kind: string): Role | undefined => {
  if (kind === "user") return caller === "admin" ? "owner" : undefined;
  const role = serviceRoles[caller];
  return onServices.includes(kind) || role === "owner" ? role : undefined;
};

/** 401, 403 or 404 where the table says so; undefined: the handler is reached. */
const refusedWith = (row: Access, caller: CallerName, id: IdVariant | null): number | undefined => {
  if (id !== null && ["malformed id", "pattern text", "..", "%2e%2e", "empty"].includes(id)) return 404;
  if (row.who === "anyone") return undefined;
  if (unsignedCallers.includes(caller)) return 401;
  const isToken = caller === "read-only token" || caller === "write token";
  if (row.session && isToken) return 403;
  if (row.scope === "write" && caller === "read-only token") return 403;
  if (row.who === "admin" && caller !== "admin") return 403;
  if (!row.object) return undefined;
  if (id !== "own id") return row.object.kind === "user" && id === "other's id" ? undefined : 404;
  const role = roleOf(caller, row.object.kind);
  if (!role) return 404;
  return isAtLeast(role, row.object.role) ? undefined : 403;
};

/** For the member of another service, that one is the own one. */
const idIn = (kind: string, caller: CallerName, id: IdVariant): string => {
  const isOwn = (id === "own id") === (caller !== "member of another service");
  const ids: Record<string, string> = isOwn ? world.own : world.other;
  if (id === "own id" || id === "other's id") return ids[kind] ?? "";
  const texts = {
    "missing id": `${kind}-missing`,
    "malformed id": "a b",
    "pattern text": `{${kind}Id}`,
    "..": "..",
    "%2e%2e": "%2e%2e",
    empty: "",
  };
  return texts[id];
};

const pathOf = (route: Route, row: Access, caller: CallerName, id: IdVariant | null): string =>
  route.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    if (row.object?.param === name && id !== null) return idIn(row.object.kind, caller, id);
    const own = caller === "member of another service" ? world.other : world.own;
    return name === "userId" ? own.user : (route.example.params?.[name] ?? "x");
  });

/** The example, about what is there. */
const bodyOf = (route: Route): unknown => {
  if (!route.body) return undefined;
  const own: Record<string, string> = {
    serviceId: world.own.service,
    sourceId: world.own.source,
    jobId: world.own.job,
  };
  return JSON.parse(JSON.stringify(route.example.body), (key, value) =>
    key === "destinationIds" ? [world.own.destination] : (own[key] ?? value),
  );
};

const queryOf = (route: Route): string => {
  const text = new URLSearchParams({ ...route.example.query }).toString();
  return text === "" ? "" : `?${text}`;
};

const callCell = async (route: Route, caller: CallerName, id: IdVariant | null): Promise<TestResponse> => {
  const path = `${pathOf(route, accessOf(route.id), caller, id)}${queryOf(route)}`;
  const { headers, ...who } = world.callers[caller];
  return api.call(route.method, path, { ...who, body: bodyOf(route), headers: { "if-match": "*", ...headers } });
};

/** Nothing of the body but the id of the request. */
const shapeOf = ({ status, body }: TestResponse): unknown => ({ status, body: body && { ...body, instance: "" } });

describe.each(routes.map((route) => [route.id, route] as const))("%s", (_, route) => {
  const row = accessOf(route.id);
  const ids: readonly (IdVariant | null)[] = row.object ? idVariants : [null];

  test.each(callerNames)(
    "by %s",
    async (caller) => {
      for (const id of ids) {
        const before = database.hash();
        const response = await callCell(route, caller, id);
        const cell = `${route.id}, ${caller}, ${id}: ${response.status} ${response.text.slice(0, 300)}`;
        const expected = refusedWith(row, caller, id);
        expect(response.status, cell).not.toBe(500);
        if (expected !== undefined) expect(response.status, cell).toBe(expected);
        else if (row.object || row.who === "anyone")
          expect([401, 404].includes(response.status) && row.object, cell).toBeFalsy();
        else expect(response.status, cell).not.toBe(401);
        if (response.status >= 400 || row.scope === "read")
          expect(database.hash(), `${cell} changed the database`).toBe(before);
        else if (database.hash() !== before) await database.restore(api);
        const seesAll = caller === "member of another service" || caller === "admin";
        if (!seesAll && id !== "other's id") expect(response.text, cell).not.toContain(otherMark);
      }
    },
    60_000,
  );

  if (row.object && row.object.kind !== "user") {
    test("what is another's answers as what is not there, after the same calls", async () => {
      for (const caller of ["viewer", "editor", "owner", "admin", "write token"] as const) {
        const answers = [];
        for (const id of ["other's id", "missing id"] as const) {
          await callCell(route, caller, id);
          const before = api.calls.made;
          const response = await callCell(route, caller, id);
          answers.push({ response: shapeOf(response), calls: api.calls.made - before });
        }
        expect(answers[0], `${route.id}, ${caller}`).toEqual(answers[1]);
      }
    });
  }
});

/** The file of the stand-in, beside it: what is in it, whether it changed, and back to how it was. */
function openDirectly(file: string) {
  const db = new Database(file);
  const tables = () =>
    db
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .all()
      .map((one) => String(Object(one).name));
  const rowsOf = (table: string): unknown[][] =>
    db
      .prepare(`SELECT * FROM ${table} ORDER BY 1`)
      .raw()
      .all()
      .map((row) => Object.values(Object(row)));
  let kept = new Map<string, unknown[][]>();
  let known = { version: -1, hash: "" };
  return {
    keep: () => {
      kept = new Map(tables().map((table) => [table, rowsOf(table)]));
    },
    hash: (): string => {
      const version = Number(Object(db.prepare("PRAGMA data_version").get()).data_version);
      if (version === known.version) return known.hash;
      const hash = createHash("sha256");
      for (const table of tables()) hash.update(JSON.stringify([table, rowsOf(table)]));
      known = { version, hash: hash.digest("hex") };
      return known.hash;
    },
    restore: async ({ redis }: TestApi) => {
      db.exec("BEGIN IMMEDIATE");
      for (const [table, rows] of kept) {
        db.exec(`DELETE FROM ${table}`);
        for (const row of rows) db.prepare(`INSERT INTO ${table} VALUES (${row.map(() => "?").join(",")})`).run(...row);
      }
      db.exec("COMMIT");
      await redis.flushall();
      known = { version: -1, hash: "" };
    },
    close: () => db.close(),
  };
}
