// What a source may not be: every refusal with its path, and bounds that hold as far as the database.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createLogWorlds } from "../../../simulators/stack/test-logs.ts";
import { openSources, type SourcesWorld, secret, settings } from "../../../simulators/stack/test-sources.ts";

const worlds = createLogWorlds();
let world: SourcesWorld;
beforeAll(async () => {
  world = await openSources(worlds);
}, 60_000);
afterAll(worlds.closeAll);

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
  const { api, user } = world;
  const body = { name: "refused", kind: "graylog", params: settings, ...more };
  const made = await api.call("POST", "/sources", { as: user, body });
  expect(made.status).toBe(status);
  expect(made.body.errors).toContainEqual(expect.objectContaining({ path }));
  expect(made.text).not.toContain(secret);
});

test("hard case 14: JSON that is read differently by everybody is refused, and nothing is made", async () => {
  const { api, user } = world;
  const { rows: before } = await api.db.execute("SELECT COUNT(*) AS n FROM sources");
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const texts = [
    '{"name":"a","name":"b","kind":"graylog","params":{}}',
    `{"name":"a","kind":"graylog","params":{"x":${deep}}}`,
    '{"name":"a","kind":"graylog","params":{"timeoutMs":1e400}}',
    `{"name":"a","kind":"graylog","params":{"x":"${"x".repeat(1_100_000)}"}}`,
    "not json",
  ];
  for (const text of texts) {
    const answered = await api.call("POST", "/sources", {
      as: user,
      text,
      headers: { "content-type": "application/json" },
    });
    expect([400, 413, 422]).toContain(answered.status);
  }
  const { rows: after } = await api.db.execute("SELECT COUNT(*) AS n FROM sources");
  expect(after).toEqual(before);
});

test("settings are bounded as they come out of the database: what is taken can be listed, shown and audited", async () => {
  const { api, put } = world;
  const as = await api.user("verbose");
  const sample = (name: string, message: string) => {
    const entry = { at: "2026-11-22T12:00:00.000Z", service: "auth", host: "h", level: 6, message, fields: {} };
    return { name, kind: "memory", params: { entries: [entry] } };
  };
  const made = await api.call("POST", "/sources", { as, body: sample("long", '\u0001"\\'.repeat(1_950)) });
  expect(made.status).toBe(201);
  const changed = await put(made.body.id, sample("longer", '"\\'.repeat(4_900)), '"v1"', as);
  expect(changed.status).toBe(200);
  for (const path of ["/sources", `/sources/${made.body.id}`, "/audit"]) {
    expect((await api.call("GET", path, { as })).status).toBe(200);
  }
  const refused = await api.call("POST", "/sources", { as, body: sample("too long", "x".repeat(20_000)) });
  expect(refused).toMatchObject({ status: 422, body: { errors: [{ path: "body.params" }] } });
});
