// Sessions over the stand-ins of the database and Redis: how long they live, and that one that ended is never taken again.
import { afterEach, expect, test } from "vitest";
import { createStorageOpener } from "../../simulators/cloud/aurora/test-storage.ts";
import { openApiStorage } from "./api-storage.ts";
import { makeUsers, newSession } from "./api-storage-samples.ts";
import { absoluteMs, idleMs, maxSessionsPerUser } from "./sessions.ts";
import { copyMs, redisSessionCache } from "./sessions-cache.ts";

const opener = createStorageOpener();
afterEach(opener.closeAll);

const hour = 3_600_000;

/** `waits` notes how long a revocation held its answer back. */
const open = async () => {
  const opened = await opener.open();
  const waits: number[] = [];
  const pause = async (ms: number) => {
    waits.push(ms);
  };
  const storage = openApiStorage(opened.db, opened.redis, pause);
  await makeUsers(storage, "a", "b");
  return { ...opened, storage, waits };
};

test("a session lives while it is used, at most 7 days, and ends 12 hours after its last use", async () => {
  const { storage } = await open();
  await storage.sessions.create(newSession("a", "1", { at: 0 }));
  await storage.sessions.create(newSession("a", "2", { at: 0 }));
  for (let now = 0; now < absoluteMs; now += 11 * hour) {
    expect(await storage.sessions.find("token-1", now)).toMatchObject({ user: { id: "id-a" } });
  }
  expect(await storage.sessions.find("token-1", absoluteMs)).toBeUndefined();
  expect(await storage.sessions.find("token-2", idleMs)).toBeUndefined();
  expect((await storage.sessions.list("id-a", 13 * hour)).map(({ id }) => id)).toEqual(["session-1"]);
});

test("use is written once a minute, and otherwise a session costs one statement in ten seconds", async () => {
  const { db, storage, calls } = await open();
  await storage.sessions.create(newSession("a", "1", { at: 0 }));
  calls.made = 0;
  for (let now = 50_000; now < 59_999; now += 1_000) await storage.sessions.find("token-1", now);
  expect(calls.made).toBe(1);
  await storage.sessions.find("token-1", 60_000);
  expect((await db.execute("SELECT seen_at FROM sessions")).rows).toEqual([{ seen_at: 60_000 }]);
  calls.made = 0;
  for (let now = 60_001; now < 120_000; now += 10_000) await storage.sessions.find("token-1", now);
  // The real clock stood still, so the copy before is still in Redis, too old to be taken: all six are reads, and none wrote.
  expect(calls.made).toBe(6);
  expect((await db.execute("SELECT seen_at FROM sessions")).rows).toEqual([{ seen_at: 60_000 }]);
});

test("every way to end a session ends it at once, though a copy of it lies in Redis", async () => {
  const { storage, waits } = await open();
  const ends: Record<string, (id: string) => Promise<unknown>> = {
    "sign-out": (id) => storage.sessions.signOut(`token-${id}`),
    revoke: (id) => storage.sessions.revoke("id-a", `session-${id}`),
    "revoke all": () => storage.sessions.revokeAll("id-a"),
    "revoke others": () => storage.sessions.revokeAll("id-a", "session-kept"),
  };
  await storage.sessions.create(newSession("a", "kept"));
  for (const [way, end] of Object.entries(ends)) {
    await storage.sessions.create(newSession("a", way));
    for (let uses = 0; uses < 2; uses += 1) expect(await storage.sessions.find(`token-${way}`, 2_000)).toBeDefined();
    await end(way);
    expect(await storage.sessions.find(`token-${way}`, 2_000)).toBeUndefined();
    if (way === "revoke all") await storage.sessions.create(newSession("a", "kept", { tokenHash: "token-kept-2" }));
  }
  expect(await storage.sessions.find("token-kept-2", 2_000)).toBeDefined();
  expect(await storage.sessions.revoke("id-b", "session-kept")).toBe(false);
  expect(waits).toEqual([]);
});

test("a reader that read before the end and stores its copy after it brings nothing back", async () => {
  const { redis, storage } = await open();
  await storage.sessions.create(newSession("a", "1"));
  const read = await storage.sessions.find("token-1", 2_000);
  await redis.flushall();
  await storage.sessions.signOut("token-1");
  if (!read) throw new Error("There was no session.");
  await redisSessionCache(redis).keep("token-1", read, 2_000);
  expect(await storage.sessions.find("token-1", 2_000)).toBeUndefined();
});

test("a copy stored long after its read, as by a frozen process, is not taken", async () => {
  const { redis, storage } = await open();
  await storage.sessions.create(newSession("a", "1"));
  const read = await storage.sessions.find("token-1", 2_000);
  await redis.flushall();
  if (!read) throw new Error("There was no session.");
  const cache = redisSessionCache(redis);
  await cache.keep("token-1", read, 2_000);
  expect(await cache.get("token-1", 2_000 + copyMs - 1)).toBeDefined();
  expect(await cache.get("token-1", 2_000 + copyMs)).toBeUndefined();
  // Nor one from a clock that runs ahead.
  expect(await cache.get("token-1", 500)).toBeUndefined();
});

test.each(["refuse", "error", "partial"] as const)(
  "Redis that fails (%s) holds the answer back until every copy is too old",
  async (kind) => {
    const { faults, storage, waits } = await open();
    await storage.sessions.create(newSession("a", "1"));
    await storage.sessions.find("token-1", 2_000);
    faults.add({ target: "redis", kind, calls: 1 });
    await storage.sessions.signOut("token-1");
    expect(waits).toHaveLength(1);
    expect(waits[0]).toBeGreaterThanOrEqual(copyMs);
    expect(await storage.sessions.find("token-1", 2_000 + (waits[0] ?? 0))).toBeUndefined();
  },
);

test("without Redis sessions are read from the database, and Redis that hangs is left alone for a while", async () => {
  const { faults, storage } = await open();
  await storage.sessions.create(newSession("a", "1"));
  faults.add({ target: "redis", kind: "timeout" });
  const begun = performance.now();
  for (let uses = 0; uses < 5; uses += 1) expect(await storage.sessions.find("token-1", 2_000)).toBeDefined();
  // One time-out of a second, not ten.
  expect(performance.now() - begun).toBeLessThan(1_900);
});

test("a password changed between its check and the new session gives no session", async () => {
  const { storage } = await open();
  await storage.users.update("id-a", 1, { passwordHash: "new" }, 2_000);
  expect(await storage.sessions.create(newSession("a", "1"))).toBeUndefined();
  expect(await storage.sessions.create(newSession("a", "2", { passwordHash: "new" }))).toBeDefined();
});

test("a disabled user's session is not found even when nobody revoked it", async () => {
  const { db, storage } = await open();
  await storage.sessions.create(newSession("b", "1"));
  await db.execute("UPDATE users SET state = 'disabled' WHERE id = 'id-b'");
  expect(await storage.sessions.find("token-1", 2_000)).toBeUndefined();
});

test("of too many sessions the least used end", async () => {
  const { storage } = await open();
  for (let index = 0; index <= maxSessionsPerUser; index += 1) {
    await storage.sessions.create(newSession("a", String(index), { at: 1_000 + index }));
  }
  expect(await storage.sessions.find("token-0", 2_000)).toBeUndefined();
  expect(await storage.sessions.list("id-a", 2_000)).toHaveLength(maxSessionsPerUser);
});

test("what ended long ago is forgotten in bounded parts", async () => {
  const { storage } = await open();
  for (const id of ["1", "2", "3"]) await storage.sessions.create(newSession("a", id, { at: 0 }));
  expect(await storage.sessions.forget(idleMs + 1, 2)).toBe(2);
  expect(await storage.sessions.forget(idleMs + 1, 2)).toBe(1);
  expect(await storage.sessions.forget(idleMs + 1, 2)).toBe(0);
});
