// Rate limits over the Redis stand-in, through the real library: hard case 17, and what is left of them when Redis is gone.
import { expect, test } from "vitest";
import { createFaults } from "../../simulators/cloud/faults.ts";
import { openRedis } from "../../simulators/cloud/redis.ts";
import type { User } from "../storage/users.ts";
import { limited, openLimits } from "./limits.ts";
import { networkOf } from "./limits-keys.ts";
import type { Device } from "./session-cookie.ts";

const open = (now: () => number = () => 0) => {
  const faults = createFaults();
  const redis = openRedis(faults);
  const settings = { userPerMinute: 100, addressPerMinute: 40 };
  return { faults, redis, limits: openLimits(redis, now, settings), again: () => openLimits(redis, now, settings) };
};

const email = "user001@example.com";
const device: Device = { id: "d1", userId: "u", at: 0 };
const addressOf = (index: number) => `198.51.100.${index}`;

test("after five wrong passwords an account is shut to that address for a quarter of an hour, and to no other", async () => {
  const { limits } = open();
  const attempt = { email, address: "192.0.2.1", device: undefined };
  for (let tries = 0; tries < 5; tries += 1) expect(await limits.signIn.take(attempt)).toBeUndefined();
  const refused = await limits.signIn.take(attempt);
  expect(refused).toMatchObject({ status: 429, kind: "too-many" });
  expect(Number(refused?.headers?.["retry-after"])).toBeGreaterThan(800);
  expect(await limits.signIn.take({ ...attempt, address: "192.0.2.2" })).toBeUndefined();
  expect(await limits.signIn.take({ ...attempt, email: "user002@example.com" })).toBeUndefined();
});

test("a right password starts the count anew", async () => {
  const { limits } = open();
  const attempt = { email, address: "192.0.2.1", device: undefined };
  for (let round = 0; round < 10; round += 1) {
    for (let tries = 0; tries < 4; tries += 1) await limits.signIn.take(attempt);
    expect(await limits.signIn.take(attempt)).toBeUndefined();
    await limits.signIn.succeeded(attempt);
  }
});

test("10,000 tries on one account from everywhere shut out strangers, never the user's device or usual address", async () => {
  const { limits } = open();
  const home = { email, address: "192.0.2.1", device: undefined };
  await limits.signIn.take(home);
  await limits.signIn.succeeded(home);
  let admitted = 0;
  for (let index = 0; index < 10_000; index += 1) {
    if (!(await limits.signIn.take({ email, address: addressOf(index % 100), device: undefined }))) admitted += 1;
  }
  expect(admitted).toBeLessThanOrEqual(50);
  expect(await limits.signIn.take({ email, address: "203.0.113.9", device: undefined })).toMatchObject({ status: 429 });
  expect(await limits.signIn.take({ email, address: "203.0.113.9", device })).toBeUndefined();
  expect(await limits.signIn.take(home)).toBeUndefined();
});

test("one address that tries many accounts is shut, and a device that signed in there before is not", async () => {
  const { limits } = open();
  const address = "192.0.2.1";
  let admitted = 0;
  for (let index = 0; index < 300; index += 1) {
    const attempt = { email: `user${index}@example.com`, address, device: undefined };
    if (!(await limits.signIn.take(attempt))) admitted += 1;
  }
  expect(admitted).toBe(50);
  expect(await limits.signIn.take({ email, address, device })).toBeUndefined();
});

test("a stolen device cookie gives ten tries, not more", async () => {
  const { limits } = open();
  const attempt = { email, address: "192.0.2.1", device };
  for (let tries = 0; tries < 10; tries += 1) expect(await limits.signIn.take(attempt)).toBeUndefined();
  expect(await limits.signIn.take(attempt)).toMatchObject({ status: 429 });
});

test("without Redis everything is limited still, in this process", async () => {
  const { faults, limits } = open();
  faults.add({ target: "redis", kind: "refuse" });
  const attempt = { email, address: "192.0.2.1", device: undefined };
  for (let tries = 0; tries < 5; tries += 1) expect(await limits.signIn.take(attempt)).toBeUndefined();
  expect(await limits.signIn.take(attempt)).toMatchObject({ status: 429 });
  for (let tries = 0; tries < limited.forgotForAccount.most; tries += 1) {
    expect(await limits.take("forgotForAccount", email)).toBeUndefined();
  }
  expect(await limits.take("forgotForAccount", email)).toMatchObject({ status: 429 });
  await limits.signIn.succeeded(attempt);
});

test("every process counts in the same Redis, and Redis knows neither accounts nor addresses", async () => {
  const { redis, limits, again } = open();
  const other = again();
  for (let tries = 0; tries < limited.registerFromAddress.most; tries += 1) {
    expect(await (tries % 2 === 0 ? limits : other).take("registerFromAddress", "192.0.2.1")).toBeUndefined();
  }
  expect(await other.take("registerFromAddress", "192.0.2.1")).toMatchObject({ status: 429 });
  await limits.signIn.take({ email, address: "192.0.2.1", device: undefined });
  expect((await redis.keys("*")).join()).not.toMatch(/first|192\.0/);
});

const callerOf = (id: string) => {
  const user: User = { id, email, name: "A", role: "user", state: "active", createdAt: 0, updatedAt: 0, version: 1 };
  return { user, via: "session", sessionId: "s", scope: "write" } as const;
};

test("a caller has so many requests a minute, most of which wait for no Redis", async () => {
  let now = 0;
  const { redis, limits, again } = open(() => now);
  const counted = async (check: () => ReturnType<typeof limits.checkCaller>, times: number) => {
    let taken = 0;
    for (let index = 0; index < times; index += 1) if (!(await check())) taken += 1;
    return taken;
  };
  expect(await counted(() => limits.checkCaller(callerOf("u1"), "192.0.2.1"), 500)).toBe(100);
  expect(await counted(() => limits.checkCaller(callerOf("u2"), "192.0.2.1"), 50)).toBe(50);
  expect(await counted(() => limits.checkCaller(undefined, "192.0.2.1"), 500)).toBe(40);
  expect(await counted(() => limits.checkCaller(undefined, "192.0.2.2"), 10)).toBe(10);
  const refused = await limits.checkCaller(callerOf("u1"), "192.0.2.1");
  expect(Number(refused?.headers?.["retry-after"])).toBeLessThanOrEqual(60);
  // The minute is over, in Redis and for a process that was not there.
  await redis.flushall();
  now += 61_000;
  expect(await again().checkCaller(callerOf("u1"), "192.0.2.1")).toBeUndefined();
});

test("all addresses of one IPv6 network are one, and an IPv4 address is one however it is written", () => {
  expect(networkOf("2a00:1450:4001:81c::1")).toBe(networkOf("2a00:1450:4001:81c:ffff::2"));
  expect(networkOf("2a00:1450:4001:81c::1")).not.toBe(networkOf("2a00:1450:4001:81d::1"));
  expect(networkOf("::ffff:192.0.2.1")).toBe(networkOf("192.0.2.1"));
});

test("an IPv6 network has one count for registering and for forgotten passwords, however many addresses it has", async () => {
  const { limits } = open();
  for (const what of ["registerFromAddress", "forgotFromAddress", "mailTokenFromAddress"] as const) {
    for (let index = 0; index < limited[what].most; index += 1) {
      expect(await limits.take(what, `2a00:1450:4001:81c::${index + 1}`)).toBeUndefined();
    }
    expect(await limits.take(what, "2a00:1450:4001:81c:ffff::1")).toMatchObject({ status: 429 });
    expect(await limits.take(what, "2a00:1450:4001:81d::1")).toBeUndefined();
  }
});
