// Sources through the real handler: made, changed, listed and removed by their owner, and nobody else's to see.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestResponse } from "../../../simulators/stack/test-api.ts";
import { createLogWorlds } from "../../../simulators/stack/test-logs.ts";
import { missingId, traceOf } from "../../../simulators/stack/test-missing.ts";
import { openSources, type SourcesWorld, secret, settings } from "../../../simulators/stack/test-sources.ts";

const worlds = createLogWorlds();
let world: SourcesWorld;
beforeAll(async () => {
  world = await openSources(worlds);
}, 60_000);
afterAll(worlds.closeAll);

test("a source is made, shown without its secret, changed, listed and removed", async () => {
  const { api, user, create, put } = world;
  const made = await create("mine");
  expect(made.status).toBe(201);
  expect(made.headers).toMatchObject({ etag: '"v1"', location: `/api/sources/${made.body.id}` });
  expect(made.body).toMatchObject({ name: "mine", secrets: ["token"], version: 1, params: { url: settings.url } });
  const changed = await put(made.body.id, { name: "renamed", kind: "graylog", params: { url: settings.url } }, '"v1"');
  expect(changed.body).toMatchObject({ name: "renamed", secrets: ["token"], version: 2 });
  const read = await api.call("GET", `/sources/${made.body.id}`, { as: user });
  expect(read.body).toEqual(changed.body);
  const list = await api.call("GET", "/sources", { as: user });
  expect(list.body.items).toContainEqual(read.body);
  expect((await api.call("DELETE", `/sources/${made.body.id}`, { as: user })).status).toBe(204);
  expect((await api.call("GET", `/sources/${made.body.id}`, { as: user })).status).toBe(404);
  for (const { text } of [made, changed, read, list]) expect(text).not.toContain(secret);
});

test("two editors at once: one is done, the other gets 412 with the newer state", async () => {
  const { create, put } = world;
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
  const { user, create } = world;
  const headers = { ...user.headers, "idempotency-key": "once-1" };
  const [first, second] = [await create("once", settings, { headers }), await create("once", settings, { headers })];
  expect([first.status, second.status]).toEqual([201, 201]);
  expect(second.body).toEqual(first.body);
});

test("one owner has no two sources of one name, also when both are made at once; two owners may", async () => {
  const { api, user, create, put } = world;
  const both = await Promise.all([create("same"), create("same")]);
  expect(both.map(({ status }) => status).toSorted()).toEqual([201, 409]);
  expect(both.find(({ status }) => status === 409)?.body.errors).toMatchObject([{ path: "body.name" }]);
  const other = await create("other name");
  expect((await put(other.body.id, { name: "same", kind: "graylog", params: settings }, "*")).status).toBe(409);
  const read = await api.call("GET", `/sources/${other.body.id}`, { as: user });
  expect(read.body).toMatchObject({ name: "other name", version: 1 });
  expect((await create("same", settings, { as: world.owner })).status).toBe(201);
});

test("a source that a service reads stays", async () => {
  const { api, user, create } = world;
  const made = await create("read");
  const body = { name: "reader", sourceId: made.body.id };
  await api.call("POST", "/services", { as: user, body });
  const removed = await api.call("DELETE", `/sources/${made.body.id}`, { as: user });
  expect(removed.status).toBe(409);
});

test("another's source is as one that is not there: same answers, same number of database calls", async () => {
  const { api, create, put } = world;
  const made = await create("private");
  const stranger = await api.user("stranger");
  await api.call("GET", "/sources", { as: stranger });
  const body = { name: "stolen", kind: "graylog", params: settings };
  const asks: ((id: unknown) => Promise<TestResponse>)[] = [
    (id) => api.call("GET", `/sources/${id}`, { as: stranger }),
    (id) => api.call("POST", `/sources/${id}/test`, { as: stranger }),
    (id) => api.call("GET", `/sources/${id}/fields`, { as: stranger }),
    (id) => api.call("DELETE", `/sources/${id}`, { as: stranger }),
    (id) => put(id, body, "*", stranger),
  ];
  for (const ask of asks) {
    const [others, missing] = [await traceOf(api, () => ask(made.body.id)), await traceOf(api, () => ask(missingId))];
    expect(missing.status).toBe(404);
    expect(others).toEqual(missing);
  }
  const list = await api.call("GET", "/sources", { as: stranger });
  expect(list.body).toEqual({ items: [], next: null });
});

test("what the instance's file declares is an admin's to see and nobody's to change here", async () => {
  const { api, user, put } = world;
  const admin = await api.user("admin", "admin");
  const item = { id: "local.logs", name: "logs", kind: "graylog", params: { url: world.url }, secret: "" };
  await api.storage.configuration.put("sources", "local", item, 0, api.clock.now);
  const read = await api.call("GET", "/sources/local.logs", { as: admin });
  expect(read.body).toMatchObject({ managedByFile: true });
  const body = { name: "mine now", kind: "graylog", params: settings };
  expect((await put("local.logs", body, "*", admin)).status).toBe(409);
  expect((await api.call("DELETE", "/sources/local.logs", { as: admin })).status).toBe(409);
  expect((await api.call("GET", "/sources/local.logs", { as: user })).status).toBe(404);
});
