// Secrets of sources: sealed, in no answer and no audit entry, never sent where they were not given for.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createLogWorlds } from "../../../simulators/stack/test-logs.ts";
import { openSources, type SourcesWorld, secret, settings } from "../../../simulators/stack/test-sources.ts";

const worlds = createLogWorlds();
let world: SourcesWorld;
beforeAll(async () => {
  world = await openSources(worlds);
}, 60_000);
afterAll(worlds.closeAll);

test("the audit log says what was done, from where, without a secret", async () => {
  const { api, user, create, put } = world;
  const made = await create("audited");
  await put(made.body.id, { name: "audited again", kind: "graylog", params: settings }, '"v1"');
  await api.call("DELETE", `/sources/${made.body.id}`, { as: user });
  const { rows } = await api.db.execute("SELECT * FROM audit WHERE object_id = :id ORDER BY id", {
    id: String(made.body.id),
  });
  expect(rows.map((row) => row.action)).toEqual(["source.created", "source.changed", "source.removed"]);
  expect(rows[1]).toMatchObject({ actor_id: user.user.id, address: "192.0.2.1" });
  expect(JSON.stringify(rows)).toContain("audited again");
  expect(JSON.stringify(rows)).not.toContain(secret);
});

test("the database holds no secret in clear text", async () => {
  const { api, create } = world;
  const made = await create("sealed");
  const { rows } = await api.db.execute("SELECT * FROM sources WHERE id = :id", { id: String(made.body.id) });
  expect(JSON.stringify(rows)).not.toContain(secret);
  expect(rows[0]?.secret).toMatch(/^v1\./);
});

test("a secret that is null goes, so that a token gives way to a password", async () => {
  const { create, put } = world;
  const made = await create("by token");
  const params = { url: settings.url, username: "reader", password: "pass" };
  const both = await put(made.body.id, { name: "by token", kind: "graylog", params }, "*");
  expect(both.body.errors).toMatchObject([{ path: "body.params.token" }]);
  const body = { name: "by password", kind: "graylog", params: { ...params, token: null } };
  const changed = await put(made.body.id, body, "*");
  expect(changed.body).toMatchObject({ secrets: ["password"] });
});

test("a stored secret never goes to another address: it must be given again", async () => {
  const { create, put } = world;
  const made = await create("where secrets stay");
  const move = (params: object) => put(made.body.id, { name: "where secrets stay", kind: "graylog", params }, "*");
  const moved = await move({ url: "https://elsewhere.example.com" });
  expect(moved).toMatchObject({ status: 422, body: { errors: [{ path: "body.params.token" }] } });
  expect((await move({ url: `${settings.url}/logs` })).status).toBe(200);
  expect((await move({ url: "https://elsewhere.example.com", token: "another" })).status).toBe(200);
});
