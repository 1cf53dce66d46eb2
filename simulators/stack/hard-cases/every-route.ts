// For tests of hard cases that hold of every route: an instance with things of two owners, each route's example as a call about what
// is there, and how often the database was written.
import Database from "libsql";
import { type Access, accessOf } from "../../../functions/api/access.ts";
import type { Route } from "../../../functions/api/route.ts";
import { routes } from "../../../functions/api/routes/index.ts";
import { type CallOptions, createApiOpener, origin, type TestApi, type TestResponse } from "../test-api.ts";
import { buildWorld, callerNames, type World } from "../test-world.ts";

/** A route as somebody calls it who may: everything but the input is right. */
export type ExampleCall = {
  route: Route;
  row: Access;
  path: string;
  /** Of a route that takes one. */
  body: unknown;
  /** The owner of what it is about, an admin, or nobody where no sign-in is asked for. */
  who: CallOptions;
};

export type EveryRoute = Awaited<ReturnType<typeof openEveryRoute>>;

/** A browser of the dashboard. */
export const browser = { origin, "x-logwatch-csrf": "1", "if-match": "*" };

/** `close` ends it. */
export const openEveryRoute = async () => {
  const opener = createApiOpener();
  // More calls than people make, from one address.
  const api = await opener.open({
    LOGWATCH_REQUESTS_PER_USER: "1000000",
    LOGWATCH_REQUESTS_PER_ADDRESS: "1000000",
  });
  const world = await buildWorld(api);
  // That a session or token was used is written once a minute; here the clock stands.
  for (const caller of callerNames) await api.call("GET", "/catalogue", world.callers[caller]);
  const database = new Database(api.file);
  /** Changes with every commit of anybody, whatever it wrote. */
  const writes = () => Number(Object(database.prepare("PRAGMA data_version").get()).data_version);
  writes();
  const calls = routes.map((route) => exampleCall(route, world));
  return {
    api,
    world,
    calls,
    callOf: (id: string): ExampleCall => {
      const found = calls.find(({ route }) => route.id === id);
      if (!found) throw new Error(`There is no route ${id}.`);
      return found;
    },
    send: (call: ExampleCall, over: Sent = {}) => send(api, call, over),
    writes,
    close: async () => {
      database.close();
      await opener.closeAll();
    },
  };
};

export type Sent = CallOptions & { method?: string; path?: string };

const send = (api: TestApi, { route, path, body, who }: ExampleCall, over: Sent): Promise<TestResponse> => {
  const { method = route.method, path: other = path, headers, ...more } = over;
  const given = over.text === undefined && !("body" in over) ? { body } : {};
  return api.call(method, other, { ...who, ...given, ...more, headers: { ...browser, ...headers } });
};

const exampleCall = (route: Route, { own, callers }: World): ExampleCall => {
  const row = accessOf(route.id);
  const ids: Record<string, string> = Object.fromEntries(Object.entries(own).map(([kind, id]) => [`${kind}Id`, id]));
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? "x");
  const query = new URLSearchParams({ ...route.example.query }).toString();
  const body = route.body && JSON.parse(JSON.stringify(route.example.body), (key, value) => ids[key] ?? value);
  const who = row.who === "anyone" ? callers.nobody : callers[row.who === "admin" ? "admin" : "owner"];
  return { route, row, path: query === "" ? path : `${path}?${query}`, body, who };
};

/** The operations of the published OpenAPI document, by id. */
export const readPublished = async ({ api }: EveryRoute): Promise<Map<string, Record<string, unknown>>> => {
  const { body } = await api.call("GET", "/openapi.json");
  const paths: Record<string, unknown>[] = Object.values(Object(body.paths));
  const operations = paths.flatMap((path) => Object.values(path).map((one) => Object(one)));
  return new Map(operations.map((one) => [String(one.operationId), one]));
};
