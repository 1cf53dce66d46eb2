// Services through the real handler: built on one's own sources alone, seen by members, gone with all that hangs on them.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createApiOpener,
  type Identity,
  start,
  type TestApi,
  type TestResponse,
} from "../../../simulators/stack/test-api.ts";
import * as samples from "../../storage/suite-samples.ts";

const opener = createApiOpener();
let api: TestApi;
let owner: Identity;
let stranger: Identity;
let admin: Identity;
let sourceId: string;
beforeAll(async () => {
  api = await opener.open();
  admin = await api.user("admin", "admin");
  owner = await api.user("owner");
  stranger = await api.user("stranger");
  sourceId = await addSource("logs", owner);
  const local = { id: "local.logs", name: "logs", kind: "memory", params: {}, secret: "" };
  await api.storage.configuration.put("sources", "local", local, 0, start);
  const declared = {
    id: "watch.auth",
    name: "auth",
    sourceId: "local.logs",
    filter: "service:auth",
    colour: "#123456",
  };
  await api.storage.configuration.put("services", "watch", declared, 0, start);
}, 60_000);
afterAll(opener.closeAll);

const addSource = async (name: string, as: Identity): Promise<string> => {
  const made = await api.call("POST", "/sources", { as, body: { name, kind: "memory", params: {} } });
  return String(made.body.id);
};
const create = (name: string, more: object = {}, as = owner) =>
  api.call("POST", "/services", { as, body: { name, sourceId, ...more } });
const put = (id: unknown, body: object, version = "*", as = owner) =>
  api.call("PUT", `/services/${id}`, { as, body, headers: { "if-match": version } });
const get = (id: unknown, as = owner) => api.call("GET", `/services/${id}`, { as });
const remove = (id: unknown, query = "", as = owner) => api.call("DELETE", `/services/${id}${query}`, { as });
const addJob = async (id: string, serviceId: string, ownerId = owner.user.id) => {
  const job = samples.job(id, { serviceId, ownerId });
  const rule = samples.rule(`${id}-rule`, id, { destinationIds: [] });
  if (!(await api.storage.configuration.putJob(ownerId, job, [rule], 0, start))) throw new Error("No job.");
};

test("a service is made, its maker is its owner, and it is changed, listed and removed", async () => {
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
    const foreign = await addSource("foreign", stranger);
    const texts: unknown[] = [];
    for (const id of ["local.logs", foreign, "01HZY00000000000000MISSING"]) {
      const made = await create("spy", { sourceId: id });
      expect(made.status).toBe(422);
      expect(made.body.errors).toEqual([
        { path: "body.sourceId", rule: "there is no such source, or it is not yours" },
      ]);
      texts.push(made.text.replace(/urn:logwatch:request:\w+/, ""));
    }
    expect(new Set(texts).size).toBe(1);
    const mine = await create("moves");
    expect((await put(mine.body.id, { name: "moves", sourceId: foreign })).status).toBe(422);
    expect((await get(mine.body.id)).body).toMatchObject({ sourceId, version: 1 });
  });

  test("an admin may build on the instance's own", async () => {
    const made = await create("of the instance", { sourceId: "local.logs" }, admin);
    expect(made.status).toBe(201);
  });

  test("an owner of a service on another's source renames it, and does not widen what is read", async () => {
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
  expect((await get("watch.auth", admin)).body).toMatchObject({ role: "owner", managedByFile: true });
  const body = { name: "auth", sourceId: "local.logs", filter: "*" };
  expect((await put("watch.auth", body, "*", admin)).status).toBe(409);
  expect((await remove("watch.auth", "?jobs=delete", admin)).status).toBe(409);
  expect((await get("watch.auth")).status).toBe(404);
});

test("two editors at once: one is done, the other gets 412 with the newer state", async () => {
  const made = await create("contested");
  const bodies = ["left", "right"].map((filter) => ({ name: "contested", sourceId, filter }));
  const answers = await Promise.all(bodies.map((body) => put(made.body.id, body, '"v1"')));
  const [won, lost] = answers.toSorted((a, b) => a.status - b.status);
  expect([won?.status, lost?.status]).toEqual([200, 412]);
  expect(lost?.body.current).toMatchObject({ filter: won?.body.filter, version: 2 });
});

test("an owner who may not widen what is read does not by naming a version that the source's owner is about to write", async () => {
  const made = await create("narrowed", { filter: "*" });
  const other = await api.user("co-owner");
  await api.storage.members.put(String(made.body.id), other.user.id, "owner", start);
  const { services } = api.storage;
  const write = services.put;
  let waits = true;
  // The source's owner is faster, at the very last moment.
  services.put = async (...given) => {
    if (waits) {
      waits = false;
      await put(made.body.id, { name: "narrowed", sourceId, filter: "service:web" }, '"v1"');
    }
    return write(...given);
  };
  const widened = await put(made.body.id, { name: "wide", sourceId, filter: "*" }, '"v2"', other);
  services.put = write;
  expect(widened).toMatchObject({ status: 412, body: { current: { version: 1 } } });
  if (waits) await put(made.body.id, { name: "narrowed", sourceId, filter: "service:web" }, '"v1"');
  expect((await get(made.body.id)).body).toMatchObject({ filter: "service:web", version: 2 });
});

test("one owner has no two services of one name, also when both are made at once", async () => {
  const both = await Promise.all([create("same"), create("same")]);
  expect(both.map(({ status }) => status).toSorted()).toEqual([201, 409]);
  const other = await create("other name");
  expect((await put(other.body.id, { name: "same", sourceId })).status).toBe(409);
  expect((await get(other.body.id)).body).toMatchObject({ name: "other name", version: 1 });
  const theirs = await addSource("theirs", stranger);
  expect((await create("same", { sourceId: theirs }, stranger)).status).toBe(201);
});

test("the same request sent twice with one key makes one service", async () => {
  const options = { as: owner, body: { name: "once", sourceId }, headers: { "idempotency-key": "once-1" } };
  const [first, second] = [await api.call("POST", "/services", options), await api.call("POST", "/services", options)];
  expect([first.status, second.status]).toEqual([201, 201]);
  expect(second.body).toEqual(first.body);
});

describe("a service that jobs watch", () => {
  test("stays, and says how many; nothing of it is touched", async () => {
    const made = await create("watched");
    const id = String(made.body.id);
    await addJob("job-a", id);
    expect((await remove(id)).body.detail).toMatch(/^1 job watches/);
    await addJob("job-b", id);
    const refused = await remove(id);
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({ type: "urn:logwatch:problem:in-use" });
    expect(refused.body.detail).toMatch(/^2 jobs watch/);
    expect((await get(id)).body).toMatchObject({ version: 1 });
  });

  test("goes with them where that is confirmed, and so do rules, silences, members and runs", async () => {
    const made = await create("goes");
    const id = String(made.body.id);
    const stays = String((await create("stays")).body.id);
    for (const [job, service] of [
      ["goes-1", id],
      ["goes-2", id],
      ["stays-1", stays],
    ] as const) {
      await addJob(job, service);
      await api.storage.runs.create({
        id: `run-${job}`,
        userId: owner.user.id,
        serviceId: service,
        jobId: null,
        analysis: "log-search",
        params: {},
        window: { from: 1, to: 2 },
        requestedAt: start,
      });
      await api.db.execute(
        `INSERT INTO silences (id, service_id, starts_at, ends_at, created_at, version, body)
          VALUES (:id, :service, 1, 2, 1, 1, '{}')`,
        { id: `silence-${job}`, service },
      );
    }
    await api.storage.members.put(id, stranger.user.id, "viewer", start);
    expect((await remove(id, "?jobs=yes")).status).toBe(400);
    expect((await remove(id, "?jobs=delete")).status).toBe(204);
    const count = async (table: string, column: string, value: string) =>
      (await api.db.execute(`SELECT id FROM ${table} WHERE ${column} = :value`, { value })).rows.length;
    for (const table of ["jobs", "silences", "runs"]) {
      expect([table, await count(table, "service_id", id)]).toEqual([table, 0]);
      expect([table, await count(table, "service_id", stays)]).toEqual([table, 1]);
    }
    expect(await count("rules", "job_id", "goes-1")).toBe(0);
    expect(await count("rules", "job_id", "stays-1")).toBe(1);
    expect(await api.storage.members.roleOf(id, owner.user.id)).toBeUndefined();
    expect(await api.storage.members.roleOf(id, stranger.user.id)).toBeUndefined();
    expect(await api.storage.members.roleOf(stays, owner.user.id)).toBe("owner");
    const { rows } = await api.db.execute("SELECT before_body FROM audit WHERE object_id = :id AND action = :action", {
      id,
      action: "service.removed",
    });
    expect(JSON.parse(String(rows[0]?.before_body))).toMatchObject({ name: "goes", jobs: 2 });
  });

  test("is removed while a job is added: the job is there with its service, or neither is", async () => {
    for (let n = 0; n < 5; n += 1) {
      const id = String((await create(`race ${n}`)).body.id);
      const added = addJob(`race-${n}`, id).then(
        () => true,
        () => false,
      );
      const [removed, isAdded] = await Promise.all([remove(id), added]);
      expect([removed.status, isAdded]).toEqual(removed.status === 204 ? [204, false] : [409, true]);
    }
  });
});

test.each([
  [{ role: "owner" }, "body.role", 400],
  [{ ownerId: "somebody" }, "body.ownerId", 400],
  [{ id: "mine" }, "body.id", 400],
  [{ version: 7 }, "body.version", 400],
  [{ createdAt: "2026-01-01T00:00:00Z" }, "body.createdAt", 400],
  [{ managedByFile: true }, "body.managedByFile", 400],
  [{ name: "a\u001b[31m\r\nBcc: x" }, "body.name", 400],
  [{ colour: "red;}" }, "body.colour", 400],
  [{ sourceId: "../x" }, "body.sourceId", 400],
  [{ sourceId: 5 }, "body.sourceId", 400],
  [{ filter: "x) OR (y" }, "body.filter", 422],
  [{ filter: "/.*/" }, "body.filter", 422],
])("%j is refused at %s, in POST and in PUT", async (more, path, status) => {
  const made = await create(`refused ${path} ${status} ${JSON.stringify(more).length}`, {});
  const body = { name: "refused", sourceId, ...more };
  for (const answered of [await api.call("POST", "/services", { as: owner, body }), await put(made.body.id, body)]) {
    expect(answered.status).toBe(status);
    expect(answered.body.errors).toContainEqual(expect.objectContaining({ path }));
  }
});

test("names of other languages' templates and prototypes are names (hard cases 12, 13)", async () => {
  for (const name of ["{{constructor}}", "__proto__", "constructor", "toString", "%s%n", "<script>", "‮gnp"]) {
    const made = await create(name);
    expect(made.status).toBe(201);
    expect((await get(made.body.id)).body.name).toBe(name);
  }
});

test("another's service is as one that is not there: same answers, same number of database calls", async () => {
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
    const seen: unknown[] = [];
    for (const id of [made.body.id, "01HZY00000000000000MISSING"]) {
      const before = api.calls.made;
      const { status, text } = await ask(id);
      expect(status).toBe(404);
      seen.push([api.calls.made - before, text.replace(/urn:logwatch:request:\w+/, "")]);
    }
    expect(seen[0]).toEqual(seen[1]);
  }
});
