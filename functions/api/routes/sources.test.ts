// Sources through the real handler: kept with their secrets sealed, tried against real servers, told in words when they fail.
import { createServer, type RequestListener, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Identity, TestResponse } from "../../../simulators/stack/test-api.ts";
import { createLogWorlds, graylogToken, type LogWorld } from "../../../simulators/stack/test-logs.ts";

const worlds = createLogWorlds();
const servers: Server[] = [];
let world: LogWorld;
let user: Identity;
beforeAll(async () => {
  world = await worlds.open();
  user = await world.api.user("user");
}, 60_000);
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await worlds.closeAll();
});

const secret = "s3cr3t-t0ken-of-a-reader";
const settings = { url: "https://graylog.example.com", token: secret };
const create = (
  name: string,
  params: object = settings,
  more: { as?: Identity; headers?: Record<string, string> } = {},
) => world.api.call("POST", "/sources", { as: user, body: { name, kind: "graylog", params }, ...more });
const put = (id: unknown, body: object, version: string, as = user) =>
  world.api.call("PUT", `/sources/${id}`, { as, body, headers: { "if-match": version } });

test("a source is made, shown without its secret, changed, listed and removed", async () => {
  const made = await create("mine");
  expect(made.status).toBe(201);
  expect(made.headers).toMatchObject({ etag: '"v1"', location: `/api/sources/${made.body.id}` });
  expect(made.body).toMatchObject({ name: "mine", secrets: ["token"], version: 1, params: { url: settings.url } });
  const changed = await put(made.body.id, { name: "renamed", kind: "graylog", params: { url: settings.url } }, '"v1"');
  expect(changed.body).toMatchObject({ name: "renamed", secrets: ["token"], version: 2 });
  const read = await world.api.call("GET", `/sources/${made.body.id}`, { as: user });
  expect(read.body).toEqual(changed.body);
  const list = await world.api.call("GET", "/sources", { as: user });
  expect(list.body.items).toContainEqual(read.body);
  expect((await world.api.call("DELETE", `/sources/${made.body.id}`, { as: user })).status).toBe(204);
  expect((await world.api.call("GET", `/sources/${made.body.id}`, { as: user })).status).toBe(404);
  for (const { text } of [made, changed, read, list]) expect(text).not.toContain(secret);
});

test("the audit log says what was done, from where, without a secret", async () => {
  const made = await create("audited");
  await put(made.body.id, { name: "audited again", kind: "graylog", params: settings }, '"v1"');
  await world.api.call("DELETE", `/sources/${made.body.id}`, { as: user });
  const { rows } = await world.api.db.execute("SELECT * FROM audit WHERE object_id = :id ORDER BY id", {
    id: String(made.body.id),
  });
  expect(rows.map((row) => row.action)).toEqual(["source.created", "source.changed", "source.removed"]);
  expect(rows[1]).toMatchObject({ actor_id: user.user.id, address: "192.0.2.1" });
  expect(JSON.stringify(rows)).toContain("audited again");
  expect(JSON.stringify(rows)).not.toContain(secret);
});

test("the database holds no secret in clear text", async () => {
  const made = await create("sealed");
  const { rows } = await world.api.db.execute("SELECT * FROM sources WHERE id = :id", { id: String(made.body.id) });
  expect(JSON.stringify(rows)).not.toContain(secret);
  expect(rows[0]?.secret).toMatch(/^v1\./);
});

test("a secret that is null goes, so that a token gives way to a password", async () => {
  const made = await create("by token");
  const params = { url: settings.url, username: "reader", password: "pass" };
  const both = await put(made.body.id, { name: "by token", kind: "graylog", params }, "*");
  expect(both.body.errors).toMatchObject([{ path: "body.params.token" }]);
  const body = { name: "by password", kind: "graylog", params: { ...params, token: null } };
  const changed = await put(made.body.id, body, "*");
  expect(changed.body).toMatchObject({ secrets: ["password"] });
});

test("two editors at once: one is done, the other gets 412 with the newer state", async () => {
  const made = await create("contested");
  const bodies = ["left", "right"].map((name) => ({ name, kind: "graylog", params: { url: settings.url } }));
  const answers = await Promise.all(bodies.map((body) => put(made.body.id, body, '"v1"')));
  const [won, lost] = answers.toSorted((a, b) => a.status - b.status);
  expect([won?.status, lost?.status]).toEqual([200, 412]);
  const { id, name, params, version } = won?.body ?? {};
  expect(lost?.body.current).toMatchObject({ id, name, params, version });
  expect(lost?.headers.etag).toBe('"v2"');
});

test("the same request sent twice with one key makes one source", async () => {
  const headers = { ...user.headers, "idempotency-key": "once-1" };
  const [first, second] = [await create("once", settings, { headers }), await create("once", settings, { headers })];
  expect([first.status, second.status]).toEqual([201, 201]);
  expect(second.body).toEqual(first.body);
});

test("one owner has no two sources of one name, also when both are made at once; two owners may", async () => {
  const both = await Promise.all([create("same"), create("same")]);
  expect(both.map(({ status }) => status).toSorted()).toEqual([201, 409]);
  expect(both.find(({ status }) => status === 409)?.body.errors).toMatchObject([{ path: "body.name" }]);
  const other = await create("other name");
  expect((await put(other.body.id, { name: "same", kind: "graylog", params: settings }, "*")).status).toBe(409);
  const read = await world.api.call("GET", `/sources/${other.body.id}`, { as: user });
  expect(read.body).toMatchObject({ name: "other name", version: 1 });
  expect((await create("same", settings, { as: world.owner })).status).toBe(201);
});

test("a source that a service reads stays", async () => {
  const made = await create("read");
  const body = { name: "reader", sourceId: made.body.id };
  await world.api.call("POST", "/services", { as: user, body });
  const removed = await world.api.call("DELETE", `/sources/${made.body.id}`, { as: user });
  expect(removed.status).toBe(409);
});

test("another's source is as one that is not there: same answers, same number of database calls", async () => {
  const made = await create("private");
  const stranger = await world.api.user("stranger");
  await world.api.call("GET", "/sources", { as: stranger });
  const body = { name: "stolen", kind: "graylog", params: settings };
  const asks: ((id: unknown) => Promise<TestResponse>)[] = [
    (id) => world.api.call("GET", `/sources/${id}`, { as: stranger }),
    (id) => world.api.call("POST", `/sources/${id}/test`, { as: stranger }),
    (id) => world.api.call("GET", `/sources/${id}/fields`, { as: stranger }),
    (id) => world.api.call("DELETE", `/sources/${id}`, { as: stranger }),
    (id) => put(id, body, "*", stranger),
  ];
  for (const ask of asks) {
    const seen: unknown[] = [];
    for (const id of [made.body.id, "01HZY00000000000000MISSING"]) {
      const before = world.api.calls.made;
      const { status, text } = await ask(id);
      expect(status).toBe(404);
      seen.push([world.api.calls.made - before, text.replace(/urn:logwatch:request:\w+/, "")]);
    }
    expect(seen[0]).toEqual(seen[1]);
  }
  const list = await world.api.call("GET", "/sources", { as: stranger });
  expect(list.body).toEqual({ items: [], next: null });
});

test.each([
  [{ ownerId: "somebody" }, "body.ownerId", 400],
  [{ id: "mine" }, "body.id", 400],
  [{ version: 7 }, "body.version", 400],
  [{ createdAt: "2026-01-01T00:00:00Z" }, "body.createdAt", 400],
  [{ secret: "v1.a.b.c" }, "body.secret", 400],
  [{ name: "" }, "body.name", 400],
  [{ name: "a\r\nBcc: everybody@example.com" }, "body.name", 400],
  [{ name: " blank" }, "body.name", 422],
  [{ kind: "elastic" }, "body.kind", 422],
  [{ kind: "constructor" }, "body.kind", 422],
  [{ params: {} }, "body.params.url", 422],
  [{ params: { ...settings, verify: false } }, "body.params.verify", 422],
  [{ params: { ...settings, constructor: 1 } }, "body.params.constructor", 422],
  [{ params: { ...settings, streams: ["x"] } }, "body.params.streams.0", 422],
  [{ params: { ...settings, url: "https://reader:pass@graylog.example.com" } }, "body.params.url", 422],
  [{ params: { ...settings, url: "file:///etc/passwd" } }, "body.params.url", 422],
  [{ params: { ...settings, token: "t".repeat(50_000) } }, "body.params", 422],
])("%j is refused at %s", async (more, path, status) => {
  const body = { name: "refused", kind: "graylog", params: settings, ...more };
  const made = await world.api.call("POST", "/sources", { as: user, body });
  expect(made.status).toBe(status);
  expect(made.body.errors).toContainEqual(expect.objectContaining({ path }));
  expect(made.text).not.toContain(secret);
});

test("hard case 14: JSON that is read differently by everybody is refused, and nothing is made", async () => {
  const { rows: before } = await world.api.db.execute("SELECT COUNT(*) AS n FROM sources");
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const texts = [
    '{"name":"a","name":"b","kind":"graylog","params":{}}',
    `{"name":"a","kind":"graylog","params":{"x":${deep}}}`,
    '{"name":"a","kind":"graylog","params":{"timeoutMs":1e400}}',
    `{"name":"a","kind":"graylog","params":{"x":"${"x".repeat(1_100_000)}"}}`,
    "not json",
  ];
  for (const text of texts) {
    const answered = await world.api.call("POST", "/sources", {
      as: user,
      text,
      headers: { "content-type": "application/json" },
    });
    expect([400, 413, 422]).toContain(answered.status);
  }
  const { rows: after } = await world.api.db.execute("SELECT COUNT(*) AS n FROM sources");
  expect(after).toEqual(before);
});

describe("whether a source answers", () => {
  const serve = async (listener: RequestListener): Promise<string> => {
    const server = createServer(listener);
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    return `http://127.0.0.1:${address !== null && typeof address === "object" ? address.port : 0}`;
  };
  const tryOut = (params: object, kind = "graylog") =>
    world.api.call("POST", "/sources/test", { as: user, body: { kind, params } });

  test("a right one says what it is and how much of the last hour it finds; nothing is stored", async () => {
    await world.write([{ service: "auth" }, { service: "auth", at: world.api.clock.now - 7_200_000 }]);
    const { rows: before } = await world.api.db.execute("SELECT COUNT(*) AS n FROM sources");
    const tried = await tryOut({ url: world.url, token: graylogToken });
    expect(tried.status).toBe(200);
    expect(tried.body).toMatchObject({ ok: true, product: "Graylog", version: "7.0.1", messagesLastHour: 1 });
    const { rows: after } = await world.api.db.execute("SELECT COUNT(*) AS n FROM sources");
    expect(after).toEqual(before);
    const saved = await world.api.call("POST", `/sources/${world.sourceId}/test`, { as: world.owner });
    expect(saved.body).toMatchObject({ ok: true, messagesLastHour: 1 });
  });

  test("a saved one is tried as it is saved right now", async () => {
    const made = await create("changing", { url: world.url, token: "wrong-one", retries: 0 });
    const asked = () => world.api.call("POST", `/sources/${made.body.id}/test`, { as: user });
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
      async () => ({
        url: await serve((_, res) => res.writeHead(200, { "content-type": "text/html" }).end("<html>")),
        token: "wrong-one",
      }),
      "unreachable",
      /page/,
    ],
    [
      "something else that speaks JSON",
      async () => ({
        url: await serve((_, res) => res.writeHead(200, { "content-type": "application/json" }).end("{}")),
        token: "wrong-one",
      }),
      "unreachable",
      /shape/,
    ],
    [
      "a user who may not read",
      async () => ({
        url: await serve((req, res) => {
          const isRoot = /^\/api\/?$/.test(req.url ?? "");
          const body = isRoot ? { version: "7.0.1", tagline: "x" } : { type: "MissingStreamPermission", message: "no" };
          res.writeHead(isRoot ? 200 : 403, { "content-type": "application/json" }).end(JSON.stringify(body));
        }),
        token: "wrong-one",
      }),
      "refused",
      /share the streams/,
    ],
    [
      "a Graylog that is too old",
      async () => ({
        url: await serve((_, res) =>
          res
            .writeHead(200, { "content-type": "application/json" })
            .end(JSON.stringify({ version: "4.3.1", tagline: "x" })),
        ),
        token: "wrong-one",
      }),
      "bad-query",
      /5\.1 or newer/,
    ],
    [
      "one that never answers",
      async () => ({ url: await serve(() => undefined), token: "wrong-one", timeoutMs: 300 }),
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
    const made = await create("of another key");
    await world.api.db.execute("UPDATE sources SET secret = 'v1.a.b.c' WHERE id = :id", { id: String(made.body.id) });
    const read = await world.api.call("GET", `/sources/${made.body.id}`, { as: user });
    expect(read.body).toMatchObject({ secrets: [] });
    const tried = await world.api.call("POST", `/sources/${made.body.id}/test`, { as: user });
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
});

test("what the instance's file declares is an admin's to see and nobody's to change here", async () => {
  const admin = await world.api.user("admin", "admin");
  const item = { id: "local.logs", name: "logs", kind: "graylog", params: { url: world.url }, secret: "" };
  await world.api.storage.configuration.put("sources", "local", item, 0, world.api.clock.now);
  const read = await world.api.call("GET", "/sources/local.logs", { as: admin });
  expect(read.body).toMatchObject({ managedByFile: true });
  const body = { name: "mine now", kind: "graylog", params: settings };
  expect((await put("local.logs", body, "*", admin)).status).toBe(409);
  expect((await world.api.call("DELETE", "/sources/local.logs", { as: admin })).status).toBe(409);
  expect((await world.api.call("GET", "/sources/local.logs", { as: user })).status).toBe(404);
});

test("a stored secret never goes to another address: it must be given again", async () => {
  const made = await create("where secrets stay");
  const move = (params: object) => put(made.body.id, { name: "where secrets stay", kind: "graylog", params }, "*");
  const moved = await move({ url: "https://elsewhere.example.com" });
  expect(moved).toMatchObject({ status: 422, body: { errors: [{ path: "body.params.token" }] } });
  expect((await move({ url: `${settings.url}/logs` })).status).toBe(200);
  expect((await move({ url: "https://elsewhere.example.com", token: "another" })).status).toBe(200);
});

test("settings are bounded as they come out of the database: what is taken can be listed, shown and audited", async () => {
  const as = await world.api.user("verbose");
  const sample = (name: string, message: string) => {
    const entry = { at: "2026-11-22T12:00:00.000Z", service: "auth", host: "h", level: 6, message, fields: {} };
    return { name, kind: "memory", params: { entries: [entry] } };
  };
  const made = await world.api.call("POST", "/sources", { as, body: sample("long", '\u0001"\\'.repeat(1_950)) });
  expect(made.status).toBe(201);
  const changed = await put(made.body.id, sample("longer", '"\\'.repeat(4_900)), '"v1"', as);
  expect(changed.status).toBe(200);
  for (const path of ["/sources", `/sources/${made.body.id}`, "/audit"]) {
    expect((await world.api.call("GET", path, { as })).status).toBe(200);
  }
  const refused = await world.api.call("POST", "/sources", { as, body: sample("too long", "x".repeat(20_000)) });
  expect(refused).toMatchObject({ status: 422, body: { errors: [{ path: "body.params" }] } });
});
