// Whether a source answers: what is right and what is wrong with it is told in words, in its time and no more.
import type { RequestListener } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createLogWorlds, graylogToken } from "../../../simulators/stack/test-logs.ts";
import { openSources, type SourcesWorld, settings } from "../../../simulators/stack/test-sources.ts";
import { ok } from "../../lib/result.ts";
import { graylog } from "../../sources/graylog.ts";
import { toLoopback } from "../../sources/test-fetch.ts";
import { found, send, serve } from "../../sources/test-server.ts";
import { trySource } from "./sources-try.ts";

const worlds = createLogWorlds();
let world: SourcesWorld;
beforeAll(async () => {
  world = await openSources(worlds);
}, 60_000);
afterAll(worlds.closeAll);

const tryOut = (params: object, kind = "graylog") =>
  world.api.call("POST", "/sources/test", { as: world.user, body: { kind, params } });
/** Settings of a source that a few lines of HTTP stand for. */
const atServer = async (listener: RequestListener) => ({ url: (await serve(listener)).url, token: "wrong-one" });

test("a source that answers says what it is and how much of the last hour it finds; nothing is stored", async () => {
  const { api } = world;
  await world.write([{ service: "auth" }, { service: "auth", at: api.clock.now - 7_200_000 }]);
  const { rows: before } = await api.db.execute("SELECT COUNT(*) AS n FROM sources");
  const tried = await tryOut({ url: world.url, token: graylogToken });
  expect(tried.status).toBe(200);
  expect(tried.body).toMatchObject({ ok: true, product: "Graylog", version: "7.0.1", messagesLastHour: 1 });
  const { rows: after } = await api.db.execute("SELECT COUNT(*) AS n FROM sources");
  expect(after).toEqual(before);
  const saved = await api.call("POST", `/sources/${world.sourceId}/test`, { as: world.owner });
  expect(saved.body).toMatchObject({ ok: true, messagesLastHour: 1 });
});

test("a saved one is tried as it is saved right now", async () => {
  const { api, user, create, put } = world;
  const made = await create("changing", { url: world.url, token: "wrong-one", retries: 0 });
  const asked = () => api.call("POST", `/sources/${made.body.id}/test`, { as: user });
  expect((await asked()).body).toMatchObject({ ok: false, kind: "refused" });
  const params = { url: world.url, token: graylogToken };
  await put(made.body.id, { name: "changing", kind: "graylog", params }, "*");
  expect((await asked()).body).toMatchObject({ ok: true });
});

const wrong: [string, () => Promise<object>, string, RegExp][] = [
  ["a wrong token", async () => ({ url: world.url, token: "wrong-one" }), "refused", /token is wrong/],
  [
    "a wrong password",
    async () => ({ url: world.url, username: "reader", password: "wrong-one" }),
    "refused",
    /password is wrong/,
  ],
  ["an unknown host", async () => ({ url: "http://graylog.invalid", token: "wrong-one" }), "unreachable", /name/],
  [
    "an address of a cloud's machines",
    async () => ({ url: "https://169.254.169.254", token: "wrong-one" }),
    "refused",
    /may not be called/,
  ],
  [
    "a private address",
    async () => ({ url: "https://10.0.0.1", token: "wrong-one" }),
    "refused",
    /ALLOWED_SOURCE_HOSTS/,
  ],
  [
    "plain http to a public host",
    async () => ({ url: "http://198.51.100.7", token: "wrong-one" }),
    "refused",
    /may not be called/,
  ],
  ["nobody listening", async () => ({ url: "http://127.0.0.1:1", token: "wrong-one" }), "unreachable", /127/],
  [
    "a web page",
    () => atServer((_, res) => res.writeHead(200, { "content-type": "text/html" }).end("<html>")),
    "unreachable",
    /page/,
  ],
  ["something else that speaks JSON", () => atServer((_, res) => send(res, 200, {})), "unreachable", /shape/],
  [
    "a user who may not read",
    () =>
      atServer((req, res) => {
        const isRoot = /^\/api\/?$/.test(req.url ?? "");
        if (isRoot) send(res, 200, { version: "7.0.1", tagline: "x" });
        else send(res, 403, { type: "MissingStreamPermission", message: "no" });
      }),
    "refused",
    /share the streams/,
  ],
  [
    "a Graylog that is too old",
    () => atServer((_, res) => send(res, 200, { version: "4.3.1", tagline: "x" })),
    "bad-query",
    /5\.1 or newer/,
  ],
  [
    "one that never answers",
    async () => ({ ...(await atServer(() => undefined)), timeoutMs: 300 }),
    "timeout",
    /in time/,
  ],
];
test.each(wrong)("%s is told with its reason and a way out, as 200", async (_, params, kind, says) => {
  const tried = await tryOut({ retries: 0, ...(await params()) });
  expect(tried.status).toBe(200);
  expect(tried.body).toMatchObject({ ok: false, kind, reason: expect.stringMatching(says) });
  expect(String(tried.body.wayOut).length).toBeGreaterThan(20);
  expect(tried.text).not.toContain("wrong-one");
});

test("a secret that does not open any more is told, and nothing else breaks by it", async () => {
  const { api, user, create, put } = world;
  const made = await create("of another key");
  await api.db.execute("UPDATE sources SET secret = 'v1.a.b.c' WHERE id = :id", { id: String(made.body.id) });
  const read = await api.call("GET", `/sources/${made.body.id}`, { as: user });
  expect(read.body).toMatchObject({ secrets: [] });
  const tried = await api.call("POST", `/sources/${made.body.id}/test`, { as: user });
  expect(tried.body).toMatchObject({ ok: false, reason: expect.stringMatching(/Set it again/) });
  const body = { name: "of another key", kind: "graylog", params: settings };
  expect((await put(made.body.id, body, "*")).body).toMatchObject({ secrets: ["token"] });
});

test("settings that are not right are refused with their paths, and no call is made", async () => {
  const before = world.asked.length;
  const tried = await tryOut({ url: world.url });
  expect(tried.status).toBe(422);
  expect(tried.body.errors).toMatchObject([{ path: "body.params.token" }]);
  expect((await tryOut({}, "elastic")).body.errors).toMatchObject([{ path: "body.kind" }]);
  expect(world.asked.length).toBe(before);
});

const patient = (url: string) => ok(graylog.open({ url, token: "t", timeoutMs: 60_000, retries: 0 }, toLoopback));

test("a source that never answers is told as too slow when the time is over, however patient its settings are", async () => {
  const { url } = await serve(() => undefined);
  const tried = await trySource(patient(url), Date.now, 300);
  expect(tried).toMatchObject({ ok: false, kind: "timeout", reason: "There was no answer within 0.3 s." });
  expect(tried.tookMs).toBeLessThan(3000);
});

test("a count that does not come in time takes nothing from a source that answered", async () => {
  const { url } = await serve(
    (_, res) => send(res, 200, { version: "6.1.4", tagline: "x" }),
    (_, res) => send(res, 200, found(3)),
    () => undefined,
  );
  expect(await trySource(patient(url), Date.now, 500)).toMatchObject({
    ok: true,
    version: "6.1.4",
    messagesLastHour: null,
  });
});
