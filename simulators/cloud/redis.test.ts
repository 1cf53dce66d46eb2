// The Redis stand-in: what it keeps, and how each fault reaches the client.
import { expect, test } from "vitest";
import { createFaults, type Fault } from "./faults.ts";
import { openRedis } from "./redis.ts";

const open = () => {
  const faults = createFaults();
  const redis = openRedis(faults);
  const add = (kind: Fault["kind"], more: Partial<Fault> = {}) =>
    faults.add({ target: "redis", kind, calls: 1, ...more });
  return { redis, add };
};

test("what is written is there, in a transaction too, and ends with its time to live", async () => {
  const { redis } = open();
  await redis.multi().hset("k", { a: 1, b: "two" }).pexpire("k", 60_000).exec();
  expect(await redis.hmget("k", "a", "b", "c")).toEqual(["1", "two", null]);
  expect(await redis.pttl("k")).toBeGreaterThan(59_000);
});

test("two of them share nothing", async () => {
  const [first, second] = [open(), open()];
  await first.redis.set("k", "1");
  expect(await second.redis.get("k")).toBeNull();
});

test.each<[Fault["kind"], RegExp]>([
  ["refuse", /Connection is closed/],
  ["timeout", /Command timed out/],
  ["throttle", /max number of clients/],
  ["error", /OOM command not allowed/],
  ["partial", /Connection is closed/],
])("%s rejects one command and one transaction", async (kind, words) => {
  const { redis, add } = open();
  add(kind);
  await expect(redis.hget("k", "a")).rejects.toThrow(words);
  add(kind);
  await expect(redis.multi().hset("k", "a", "1").pexpire("k", 1000).exec()).rejects.toThrow(words);
  // Only `partial` carried the second one out.
  expect(await redis.hget("k", "a")).toBe(kind === "partial" ? "1" : null);
});

test("slow holds a command back, and past the client's patience it is a time-out", async () => {
  const { redis, add } = open();
  add("slow", { delayMs: 30 });
  const begun = performance.now();
  await redis.set("k", "1");
  expect(performance.now() - begun).toBeGreaterThan(25);
  add("slow", { delayMs: 5_000 });
  await expect(redis.get("k")).rejects.toThrow(/timed out/);
});
