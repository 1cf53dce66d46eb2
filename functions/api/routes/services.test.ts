// Services through the real handler: built on one's own sources alone, seen by members, changed by owners.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApiOpener, type Identity, start, type TestResponse } from "../../../simulators/stack/test-api.ts";
import { missingId, textOf, traceOf } from "../../../simulators/stack/test-missing.ts";
import { openServices, type ServicesWorld } from "../../../simulators/stack/test-services.ts";

const opener = createApiOpener();
let world: ServicesWorld;
beforeAll(async () => {
  world = await openServices(opener);
}, 60_000);
afterAll(opener.closeAll);

test("a service is made, its maker is its owner, and it is changed, listed and removed", async () => {
  const { api, owner, sourceId, create, put, get, remove } = world;
  const made = await create("auth", { filter: "service:auth", colour: "#3366cc" });
  expect(made.status).toBe(201);
  expect(made.headers).toMatchObject({ etag: '"v1"', location: `/api/services/${made.body.id}` });
  expect(made.body).toMatchObject({ name: "auth", sourceId, filter: "service:auth", role: "owner", version: 1 });
  expect(await api.storage.members.roleOf(String(made.body.id), owner.user.id)).toBe("owner");
  const changed = await put(made.body.id, { name: "sign-ins", sourceId, filter: "service:sshd" }, '"v1"');
  expect(changed.body).toMatchObject({ name: "sign-ins", filter: "service:sshd", colour: "#5b7fa6", version: 2 });
  expect((await get(made.body.id)).body).toEqual(changed.body);
  const list = await api.call("GET", "/services", { as: owner });
  expect(list.body.items).toContainEqual(changed.body);
  expect((await remove(made.body.id)).status).toBe(204);
  expect((await get(made.body.id)).status).toBe(404);
  const { rows } = await api.db.execute("SELECT * FROM audit WHERE object_id = :id ORDER BY id", {
    id: String(made.body.id),
  });
  expect(rows.map((row) => row.action)).toEqual(["service.created", "service.changed", "service.removed"]);
});

describe("whose source", () => {
  test("a user builds on no source but their own: not the instance's, not another's; both are as missing", async () => {
    const { stranger, sourceId, addSource, create, put, get } = world;
    const foreign = await addSource("foreign", stranger);
    const texts: unknown[] = [];
    for (const id of ["local.logs", foreign, missingId]) {
      const made = await create("spy", { sourceId: id });
      expect(made.status).toBe(422);
      expect(made.body.errors).toEqual([
        { path: "body.sourceId", rule: "there is no such source, or it is not yours" },
      ]);
      texts.push(textOf(made));
    }
    expect(new Set(texts).size).toBe(1);
    const mine = await create("moves");
    expect((await put(mine.body.id, { name: "moves", sourceId: foreign })).status).toBe(422);
    expect((await get(mine.body.id)).body).toMatchObject({ sourceId, version: 1 });
  });

  test("an admin may build on the instance's own", async () => {
    const { admin, create } = world;
    const made = await create("of the instance", { sourceId: "local.logs" }, admin);
    expect(made.status).toBe(201);
  });

  test("an owner of a service on another's source renames it, and does not widen what is read", async () => {
    const { api, stranger, sourceId, create, put } = world;
    const made = await create("shared", { filter: "service:auth" });
    await api.storage.members.put(String(made.body.id), stranger.user.id, "owner", start);
    const renamed = await put(made.body.id, { name: "renamed", sourceId, filter: "service:auth" }, "*", stranger);
    expect(renamed.body).toMatchObject({ name: "renamed", role: "owner", version: 2 });
    const wider = await put(made.body.id, { name: "renamed", sourceId, filter: "*" }, "*", stranger);
    expect(wider.status).toBe(422);
    expect(wider.body.errors).toMatchObject([{ path: "body.filter" }]);
    expect((await put(made.body.id, { name: "renamed", sourceId, filter: "*" })).status).toBe(200);
  });
});

test("members see a service with their role; what it takes more for is refused", async () => {
  const { api, sourceId, create, put, get, remove } = world;
  const made = await create("seen");
  const member = await api.user("member");
  await api.storage.members.put(String(made.body.id), member.user.id, "editor", start);
  expect((await get(made.body.id, member)).body).toMatchObject({ role: "editor" });
  const list = await api.call("GET", "/services", { as: member });
  expect(list.body.items).toEqual([expect.objectContaining({ id: made.body.id, role: "editor" })]);
  const body = { name: "mine", sourceId, filter: "*" };
  expect((await put(made.body.id, body, "*", member)).status).toBe(403);
  expect((await remove(made.body.id, "", member)).status).toBe(403);
});

test("pages hold every visible service once; only admins see what the instance's file declares", async () => {
  const { api, admin, owner, addSource, create } = world;
  const many = await api.user("many");
  const mine = await addSource("many", many);
  for (let n = 0; n < 5; n += 1) await create(`service ${n}`, { sourceId: mine }, many);
  const listAll = async (as: Identity) => {
    const ids: unknown[] = [];
    for (let cursor = "", pages = 0; pages < 20; pages += 1) {
      const page = await api.call("GET", `/services?limit=2${cursor}`, { as });
      ids.push(...(page.body.items ?? []).map((one) => one.id));
      if (page.body.next === null) break;
      cursor = `&cursor=${page.body.next}`;
    }
    return ids;
  };
  const ids = await listAll(many);
  expect(ids).toHaveLength(5);
  expect(new Set(ids).size).toBe(5);
  expect(await listAll(admin)).toContain("watch.auth");
  expect(await listAll(owner)).not.toContain("watch.auth");
  const page = await api.call("GET", "/services?limit=2", { as: many });
  const stolen = await api.call("GET", `/services?limit=2&cursor=${page.body.next}`, { as: owner });
  expect(stolen.status).toBe(422);
});

test("what the instance's file declares is changed in the file alone", async () => {
  const { admin, put, get, remove } = world;
  expect((await get("watch.auth", admin)).body).toMatchObject({ role: "owner", managedByFile: true });
  const body = { name: "auth", sourceId: "local.logs", filter: "*" };
  expect((await put("watch.auth", body, "*", admin)).status).toBe(409);
  expect((await remove("watch.auth", "?jobs=delete", admin)).status).toBe(409);
  expect((await get("watch.auth")).status).toBe(404);
});

test("another's service is as one that is not there: same answers, same number of database calls", async () => {
  const { api, sourceId, create, put, get, remove } = world;
  const made = await create("private");
  const outsider = await api.user("outsider");
  await api.call("GET", "/services", { as: outsider });
  const asks: ((id: unknown) => Promise<TestResponse>)[] = [
    (id) => get(id, outsider),
    (id) => put(id, { name: "stolen", sourceId }, "*", outsider),
    (id) => remove(id, "?jobs=delete", outsider),
    (id) => api.call("GET", `/services/${id}/fields`, { as: outsider }),
    (id) => api.call("GET", `/services/${id}/fields/values?field=a`, { as: outsider }),
    (id) => api.call("GET", `/services/${id}/logs`, { as: outsider }),
  ];
  for (const ask of asks) {
    const [others, missing] = [await traceOf(api, () => ask(made.body.id)), await traceOf(api, () => ask(missingId))];
    expect(missing.status).toBe(404);
    expect(others).toEqual(missing);
  }
});
