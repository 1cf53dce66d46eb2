// The same request sent twice, and the audit log, over the SQL stand-in.
import { afterEach, expect, test } from "vitest";
import { createStorageOpener } from "../../simulators/cloud/aurora/test-storage.ts";
import { openApiStorage } from "./api-storage.ts";
import type { AuditEntry } from "./audit.ts";
import { claimHeldMs, idempotencyKeptMs } from "./idempotency.ts";

const opener = createStorageOpener();
afterEach(opener.closeAll);

const open = async () => {
  const opened = await opener.open();
  return { ...opened, storage: openApiStorage(opened.db, opened.redis) };
};

const claim = (claimId: string, now = 0, requestHash = "r") => ({ id: "k", userId: "u", requestHash, claimId, now });

test("of ten at once one carries the request out, and the others hear its answer afterwards", async () => {
  const { storage } = await open();
  const ids = Array.from({ length: 10 }, (_, index) => `c${index}`);
  const states = await Promise.all(ids.map((id) => storage.idempotency.claim(claim(id))));
  const won = ids.filter((_, index) => states[index]?.state === "claimed");
  expect(won).toHaveLength(1);
  await storage.idempotency.finish(claim(won[0] ?? ""), { status: 201, body: "sealed" });
  const later = await storage.idempotency.claim(claim("later", 5));
  expect(later).toEqual({ state: "done", answer: { status: 201, body: "sealed" } });
  expect(await storage.idempotency.claim(claim("x", 5, "another"))).toEqual({ state: "other-request" });
});

test("a key is free again after a refusal, after its holder died, and after a day", async () => {
  const { storage } = await open();
  await storage.idempotency.claim(claim("1"));
  await storage.idempotency.release(claim("1"));
  expect(await storage.idempotency.claim(claim("2", 10))).toEqual({ state: "claimed" });
  expect(await storage.idempotency.claim(claim("3", 10 + claimHeldMs - 1))).toEqual({ state: "in-progress" });
  expect(await storage.idempotency.claim(claim("4", 10 + claimHeldMs))).toEqual({ state: "claimed" });
  // Whoever was given up has no say any more.
  await storage.idempotency.finish(claim("2"), { status: 200, body: "late" });
  await storage.idempotency.release(claim("2"));
  const now = 10 + claimHeldMs + 1;
  expect(await storage.idempotency.claim(claim("5", now))).toEqual({ state: "in-progress" });
  await storage.idempotency.finish(claim("4"), { status: 200, body: "mine" });
  const nextDay = now + idempotencyKeptMs;
  expect(await storage.idempotency.claim(claim("6", nextDay, "another"))).toEqual({ state: "claimed" });
  expect(await storage.idempotency.forget(nextDay + 1, 10)).toBe(1);
});

const entry = (id: string, more: Partial<AuditEntry> = {}): AuditEntry => ({
  id,
  at: Number(id),
  actorId: "u1",
  actorName: "User 1",
  action: "job.changed",
  kind: "job",
  objectId: "j1",
  address: "192.0.2.1",
  requestId: "r",
  before: { name: "a" },
  after: null,
  ...more,
});

test("the audit log tells newest first, by actor, by object, page by page; the same entry twice is one", async () => {
  const { storage } = await open();
  for (const one of [
    entry("1"),
    entry("2", { actorId: "u2" }),
    entry("3", { objectId: "j2" }),
    entry("3"),
    entry("4"),
  ]) {
    await storage.audit.append(one);
  }
  const ids = async (query: Partial<Parameters<typeof storage.audit.list>[0]>) =>
    (await storage.audit.list({ limit: 10, ...query })).map(({ id }) => id).join("");
  expect(await ids({})).toBe("4321");
  expect(await ids({ actorId: "u2" })).toBe("2");
  expect(await ids({ objectId: "j1" })).toBe("421");
  expect(await ids({ limit: 2, before: "4" })).toBe("32");
  expect((await storage.audit.list({ limit: 1 }))[0]).toEqual(entry("4"));
  expect(await storage.audit.forget(3, 1)).toBe(1);
  expect(await ids({})).toBe("432");
});

test("an answer that is longer than a row of a result is heard whole", async () => {
  const { storage } = await open();
  for (const [index, length] of [49_999, 50_000, 50_001, 250_000].entries()) {
    const long = { ...claim("c"), id: `long-${index}` };
    await storage.idempotency.claim(long);
    const body = Array.from({ length }, (_, at) => String(at % 10)).join("");
    await storage.idempotency.finish(long, { status: 200, body });
    const again = await storage.idempotency.claim({ ...long, claimId: "again" });
    expect(again).toEqual({ state: "done", answer: { status: 200, body } });
  }
});

test("what an entry tells is bounded, so that a long one keeps nobody from reading the log; what is short in it stays", async () => {
  const { storage } = await open();
  const long = { entries: ['\u0001"\\é'.repeat(10_000)] };
  const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`field${at}`, "x".repeat(900)]));
  for (let index = 0; index < 30; index += 1) {
    const before = index % 2 === 0 ? { name: "short", params: long } : many;
    await storage.audit.append({ ...entry(String(index + 100)), before, after: [long.entries[0]] });
  }
  const all = await storage.audit.list({ limit: 200 });
  expect(all).toHaveLength(30);
  const digest = { leftOut: expect.stringMatching(/^\d+ bytes$/), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) };
  expect(all.at(-1)?.before).toEqual({ name: "short", params: digest });
  expect(all.at(-2)?.before).toEqual(digest);
  expect(Buffer.byteLength(JSON.stringify(JSON.stringify(all))) * (200 / 30)).toBeLessThan(6_000_000);
});
