// Accounts over the SQL stand-in: one address, one first admin, never without an admin, and what goes with a user.
import { afterEach, expect, test } from "vitest";
import { createStorageOpener } from "../../simulators/cloud/aurora/test-storage.ts";
import { openApiStorage } from "./api-storage.ts";
import { makeUsers, newSession, newUser } from "./api-storage-samples.ts";
import { job, service, source } from "./suite-samples.ts";

const opener = createStorageOpener();
afterEach(opener.closeAll);

const open = async () => {
  const opened = await opener.open();
  return { ...opened, storage: openApiStorage(opened.db, opened.redis, async () => undefined) };
};

test("the first account is the admin, and of ten at once one is", async () => {
  const { storage } = await open();
  const names = Array.from({ length: 10 }, (_, index) => `u${index}`);
  const users = await Promise.all(names.map((name) => storage.users.create(newUser(name))));
  expect(users.map((user) => user?.role).sort()).toEqual(["admin", ...Array(9).fill("user")]);
});

test("an address is taken once, whatever its case and however many want it at once", async () => {
  const { storage } = await open();
  const spellings = ["a@example.com", " A@Example.com ", "a@EXAMPLE.COM"];
  const made = await Promise.all(
    spellings.map((email, index) => storage.users.create(newUser(`u${index}`, { email }))),
  );
  expect(made.filter(Boolean)).toHaveLength(1);
  expect(await storage.users.findByEmail("A@example.com")).toMatchObject({ email: "a@example.com", version: 1 });
});

test("a change is made on the version it was made for", async () => {
  const { storage } = await open();
  await makeUsers(storage, "a");
  expect(await storage.users.update("id-a", 1, { name: "New" }, 2_000)).toBe("done");
  expect(await storage.users.update("id-a", 1, { name: "Late" }, 3_000)).toBe("stale");
  expect(await storage.users.find("id-a")).toMatchObject({ name: "New", version: 2, updatedAt: 2_000 });
  expect(await storage.users.update("id-none", 1, { name: "x" }, 2_000)).toBe("stale");
});

test("the last active admin stays one, also when two leave at once", async () => {
  const { storage } = await open();
  await makeUsers(storage, "a", "b", "c");
  expect(await storage.users.update("id-a", 1, { role: "user" }, 2_000)).toBe("last-admin");
  expect(await storage.users.update("id-a", 1, { state: "disabled" }, 2_000)).toBe("last-admin");
  expect(await storage.users.remove("id-a", 1)).toBe("last-admin");
  await storage.users.update("id-b", 1, { role: "admin" }, 2_000);
  const left = await Promise.all([
    storage.users.update("id-a", 1, { role: "user" }, 3_000),
    storage.users.remove("id-b", 2),
  ]);
  expect(left.sort()).toEqual(["done", "last-admin"]);
  // A disabled admin is none who could act.
  await makeUsers(storage, "d");
  await storage.users.update("id-c", 1, { role: "admin" }, 4_000);
  await storage.users.update("id-c", 2, { state: "disabled" }, 4_000);
  const [last] = (await storage.users.list({ limit: 10 })).filter(
    ({ role, state }) => role === "admin" && state === "active",
  );
  expect(await storage.users.remove(last?.id ?? "", last?.version ?? 0)).toBe("last-admin");
});

test("a new password, role or state ends every session and a mailed reset; a new name none", async () => {
  const { storage } = await open();
  await makeUsers(storage, "admin", "a");
  const changes = [{ passwordHash: "other" }, { role: "admin" }, { state: "disabled" }] as const;
  let version = 1;
  const signIn = async (session: string) => {
    const passwordHash = await storage.users.passwordHash("id-a");
    return storage.sessions.create(newSession("a", session, { passwordHash: passwordHash ?? "" }));
  };
  expect(await signIn("0")).toBeDefined();
  expect(await storage.users.update("id-a", version++, { name: "New" }, 2_000)).toBe("done");
  expect(await storage.sessions.find("token-0", 2_000)).toMatchObject({ user: { name: "New" } });
  for (const [index, change] of changes.entries()) {
    const session = String(index + 1);
    expect(await signIn(session)).toBeDefined();
    expect(await storage.sessions.find(`token-${session}`, 2_000)).toBeDefined();
    await storage.mailTokens.issue({
      tokenHash: session,
      purpose: "reset",
      subject: "id-a",
      createdAt: 1,
      expiresAt: 9_000,
    });
    expect(await storage.users.update("id-a", version++, change, 2_000)).toBe("done");
    for (const old of ["0", session]) expect(await storage.sessions.find(`token-${old}`, 2_000)).toBeUndefined();
    expect(await storage.mailTokens.peek("reset", session, 2_000)).toBeUndefined();
  }
  expect(await signIn("9")).toBeUndefined();
});

test("who is no admin any more is told nothing more of services that only admins see", async () => {
  const { storage } = await open();
  await makeUsers(storage, "first", "a");
  const { configuration, members, users } = storage;
  await users.update("id-a", 1, { role: "admin" }, 1_000);
  await configuration.put("sources", "local", source, 0, 1);
  for (const id of ["declared", "joined"])
    await configuration.put("services", "watch", { ...service, id, name: id }, 0, 1);
  await members.put("joined", "id-a", "editor", 1);
  for (const serviceId of ["declared", "joined"])
    await configuration.putJob("id-a", job(`on-${serviceId}`, { serviceId, ownerId: "id-a" }), [], 0, 1);
  expect(await users.update("id-a", 2, { role: "user" }, 2_000)).toBe("done");
  const jobs = await configuration.find("jobs", ["on-declared", "on-joined"]);
  expect(jobs.map(({ item, version }) => [item.id, item.enabled, version])).toEqual([
    ["on-declared", false, 2],
    ["on-joined", true, 1],
  ]);
});

test("who goes takes sessions, tokens and memberships along", async () => {
  const { db, storage } = await open();
  await makeUsers(storage, "admin", "a");
  await storage.sessions.create(newSession("a", "1"));
  const token = {
    id: "t",
    userId: "id-a",
    name: "t",
    scope: "read",
    prefix: "lw_",
    createdAt: 1,
    expiresAt: null,
  } as const;
  expect(await storage.apiTokens.create({ ...token, tokenHash: "h" })).toBe(true);
  expect(await storage.users.remove("id-a", 1)).toBe("done");
  expect(await storage.sessions.find("token-1", 1_500)).toBeUndefined();
  expect(await storage.apiTokens.find("h", 1_500)).toBeUndefined();
  for (const table of ["sessions", "api_tokens", "service_members"]) {
    expect((await db.execute(`SELECT COUNT(*) AS n FROM ${table}`)).rows).toEqual([{ n: 0 }]);
  }
});

test("users are listed page by page, each once", async () => {
  const { storage } = await open();
  await makeUsers(storage, "a", "b", "c");
  const first = await storage.users.list({ limit: 2 });
  const rest = await storage.users.list({ after: first[1]?.id, limit: 2 });
  expect([...first, ...rest].map(({ id }) => id)).toEqual(["id-a", "id-b", "id-c"]);
});
