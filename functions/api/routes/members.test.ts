// Members, users and tokens through the real handler.
import { afterEach, expect, test } from "vitest";
import { createApiOpener, type Identity, type TestApi } from "../../../simulators/stack/test-api.ts";
import * as samples from "../../storage/suite-samples.ts";

const opener = createApiOpener();
afterEach(opener.closeAll);

const open = async () => {
  const api = await opener.open();
  const [admin, owner, second] = [await api.user("admin", "admin"), await api.user("owner"), await api.user("user002")];
  const { configuration } = api.storage;
  await configuration.put("sources", owner.user.id, { ...samples.source, id: "source", name: "source" }, 0, 1);
  await configuration.put(
    "services",
    owner.user.id,
    { ...samples.service, id: "s", name: "s", sourceId: "source" },
    0,
    1,
  );
  await api.storage.members.put("s", owner.user.id, "owner", 1);
  return { ...api, admin, owner, second };
};

const add = (api: TestApi, as: Identity, email: string, role = "editor") =>
  api.call("POST", "/services/s/members", { as, body: { email, role } });

test("a member is added by address, seen, changed and removed, by owners alone", async () => {
  const api = await open();
  expect(await add(api, api.owner, "USER002@example.com")).toMatchObject({
    status: 201,
    body: { userId: api.second.user.id, role: "editor" },
  });
  expect(await add(api, api.owner, "user002@example.com")).toMatchObject({ status: 409 });
  expect(await add(api, api.owner, "nobody@example.com")).toMatchObject({
    status: 422,
    body: { errors: [{ path: "body.email" }] },
  });
  expect(await add(api, api.second, "admin@example.com")).toMatchObject({ status: 403 });
  expect((await api.call("GET", "/services/s/members", { as: api.second })).body.items).toHaveLength(2);
  expect((await api.call("GET", "/services/s/members", { as: api.admin })).status).toBe(404);
  const path = `/services/s/members/${api.second.user.id}`;
  expect((await api.call("PUT", path, { as: api.owner, body: { role: "viewer" } })).body).toMatchObject({
    role: "viewer",
  });
  expect((await api.call("DELETE", path, { as: api.owner })).body).toEqual({ jobsOff: 0 });
  expect(await api.call("DELETE", path, { as: api.owner })).toMatchObject({
    status: 409,
    body: { type: "urn:logwatch:problem:no-member" },
  });
  expect((await api.call("GET", "/services/s/members", { as: api.second })).status).toBe(404);
  const told = (await api.storage.audit.list({ objectId: "s", limit: 10 })).map(({ action }) => action);
  expect(told).toEqual(["member.removed", "member.changed", "member.added"]);
});

test("whose source a service reads stays its owner: others neither remove nor demote them, nor do they leave", async () => {
  const api = await open();
  await add(api, api.owner, "user002@example.com", "owner");
  const path = `/services/s/members/${api.owner.user.id}`;
  const kept = { status: 409, body: { type: "urn:logwatch:problem:owns-source" } };
  expect(await api.call("DELETE", path, { as: api.second })).toMatchObject(kept);
  expect(await api.call("PUT", path, { as: api.second, body: { role: "viewer" } })).toMatchObject(kept);
  expect(await api.call("POST", "/services/s/leave", { as: api.owner })).toMatchObject(kept);
  expect(await api.storage.members.roleOf("s", api.owner.user.id)).toBe("owner");
  const moved = { ...samples.source, id: "of-second", name: "of second" };
  await api.storage.configuration.put("sources", api.second.user.id, moved, 0, 1);
  const service = { name: "s", sourceId: "of-second", filter: "*" };
  const put = await api.call("PUT", "/services/s", { as: api.second, body: service, headers: { "if-match": "*" } });
  expect(put.status).toBe(200);
  expect((await api.call("POST", "/services/s/leave", { as: api.owner })).status).toBe(200);
});

test("the last owner stays; a member who leaves has the jobs there turned off, and nobody else's", async () => {
  const api = await open();
  const own = `/services/s/members/${api.owner.user.id}`;
  expect((await api.call("PUT", own, { as: api.owner, body: { role: "viewer" } })).status).toBe(409);
  expect((await api.call("POST", "/services/s/leave", { as: api.owner })).status).toBe(409);
  await add(api, api.owner, "user002@example.com");
  for (const [id, { user }] of [
    ["j-second", api.second],
    ["j-owner", api.owner],
  ] as const) {
    await api.storage.configuration.putJob(user.id, samples.job(id, { serviceId: "s", ownerId: user.id }), [], 0, 1);
  }
  expect((await api.call("POST", "/services/s/leave", { as: api.second })).body).toEqual({ jobsOff: 1 });
  const jobs = await api.storage.configuration.find("jobs", ["j-second", "j-owner"]);
  expect(jobs.map(({ item }) => [item.id, item.enabled])).toEqual([
    ["j-owner", true],
    ["j-second", false],
  ]);
});

test("admins see and change users, keep one admin, and see nothing that users watch", async () => {
  const api = await open();
  const { admin, owner, second } = api;
  await api.storage.members.put("s", second.user.id, "editor", 1);
  const theirs = samples.job("j-second", { serviceId: "s", ownerId: second.user.id });
  expect(await api.storage.configuration.putJob(second.user.id, theirs, [], 0, 1)).toBe(true);
  expect((await api.call("GET", "/users", { as: second })).status).toBe(403);
  expect((await api.call("GET", "/users", { as: admin })).body.items).toHaveLength(3);
  const put = (of: Identity, body: unknown, version: string) =>
    api.call("PUT", `/users/${of.user.id}`, { as: admin, body, headers: { "if-match": version } });
  expect(await put(admin, { role: "user", state: "active" }, "*")).toMatchObject({ status: 409 });
  expect(await put(second, { role: "user", state: "active" }, '"v1"')).toMatchObject({
    status: 200,
    body: { version: 1 },
  });
  expect((await api.call("GET", "/me", { as: second })).status).toBe(200);
  expect(await put(second, { role: "user", state: "disabled" }, '"v9"')).toMatchObject({
    status: 412,
    body: { current: { version: 1 } },
  });
  expect(await put(second, { role: "user", state: "disabled" }, '"v1"')).toMatchObject({
    status: 200,
    body: { state: "disabled" },
  });
  // What somebody set up who may not sign in tells nobody of logs any more.
  const [job] = await api.storage.configuration.find("jobs", ["j-second"]);
  expect(job?.item.enabled).toBe(false);
  expect((await api.call("DELETE", `/users/${owner.user.id}`, { as: admin })).status).toBe(409);
  const whole = `/users/${owner.user.id}?sharedServices=delete`;
  expect((await api.call("DELETE", whole, { as: admin })).status).toBe(204);
  expect(await api.storage.configuration.find("services", ["s"])).toEqual([]);
  expect((await api.call("DELETE", `/users/${admin.user.id}`, { as: admin })).status).toBe(409);
});

test("a token is shown once, reads or writes as it may, makes no other, and is gone when revoked", async () => {
  const api = await open();
  const make = (body: unknown) => api.call("POST", "/tokens", { as: api.owner, body });
  const made = await make({ name: "nightly", scope: "read" });
  expect(made.status).toBe(201);
  const text = String(made.body.token);
  expect(text).toMatch(/^lw_[0-9A-Za-z]{43}$/);
  const listed = await api.call("GET", "/tokens", { as: api.owner });
  expect(listed.text).not.toContain(text);
  expect(listed.body.items).toMatchObject([{ name: "nightly", scope: "read", prefix: text.slice(0, 9), usedAt: null }]);
  const headers = { authorization: `Bearer ${text}` };
  expect((await api.call("GET", "/me", { headers })).body).toMatchObject({ via: "token", scope: "read" });
  expect((await api.call("POST", "/tokens", { headers, body: { name: "x" } })).status).toBe(403);
  expect((await api.call("GET", "/sessions", { headers })).status).toBe(403);
  expect(await make({ name: "old", expiresAt: "2020-01-01T00:00:00Z" })).toMatchObject({ status: 422 });
  expect((await api.call("DELETE", `/tokens/${made.body.id}`, { as: api.second })).status).toBe(404);
  expect((await api.call("DELETE", `/tokens/${made.body.id}`, { as: api.owner })).status).toBe(204);
  expect((await api.call("GET", "/me", { headers })).status).toBe(401);
});

test("a token made twice under one key is one token, and the second answer says the same text", async () => {
  const api = await open();
  const make = () =>
    api.call("POST", "/tokens", { as: api.owner, body: { name: "n" }, headers: { "idempotency-key": "k1" } });
  const [first, second] = [await make(), await make()];
  expect(second.body).toEqual(first.body);
  expect((await api.call("GET", "/tokens", { as: api.owner })).body.items).toHaveLength(1);
  const kept = JSON.stringify((await api.db.execute("SELECT * FROM idempotency")).rows);
  expect(kept).not.toContain(String(first.body.token));
});
