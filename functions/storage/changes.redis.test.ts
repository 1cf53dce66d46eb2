// What only Redis can show of changes: a life that ended, an answer that does not come, and that no set grows.
import { afterEach, expect, test } from "vitest";
import { createStorageOpener } from "../../simulators/cloud/aurora/test-storage.ts";
import { mostMarks } from "./changes.ts";

const opener = createStorageOpener();
afterEach(opener.closeAll);

const auth = { service: "auth" };
const now = 1_800_000_000_000;
const mark = (id: string) => ({ scope: auth, kind: "snapshot" as const, id });

test("Redis lost everything: whoever asks is told to look at everything, once", async () => {
  const { storage, redis } = await opener.open();
  const { position } = await storage.changes.since([auth], undefined, now);
  await storage.changes.mark([mark("a")], now + 1000);
  await redis.flushall();
  const after = await storage.changes.since([auth], position, now + 2000);
  expect(after).toMatchObject({ changes: [], reset: true });
  expect(await storage.changes.since([auth], after.position, now + 3000)).toMatchObject({ changes: [], reset: false });
});

test("a set is bounded in size and life", async () => {
  const { storage, redis } = await opener.open();
  const marks = Array.from({ length: mostMarks * 2 }, (_, index) => mark(`j${index}`));
  await storage.changes.mark(marks.slice(0, mostMarks), now);
  await storage.changes.mark(marks.slice(mostMarks), now + 1);
  expect(await redis.zcard("{changes:service:auth}")).toBe(mostMarks);
  expect(await redis.pttl("{changes:service:auth}")).toBeGreaterThan(3_600_000);
});

test("Redis that does not answer is an error to who asks and to who marks", async () => {
  const { storage, faults } = await opener.open();
  faults.add({ target: "redis", kind: "refuse", calls: 2 });
  await expect(storage.changes.mark([mark("a")], now)).rejects.toThrow(/Connection is closed/);
  await expect(storage.changes.since([auth], undefined, now)).rejects.toThrow(/Connection is closed/);
  expect(await storage.changes.since([auth], undefined, now)).toMatchObject({ reset: true });
});
