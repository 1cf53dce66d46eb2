// A kill at any moment, and a new start on the same file: nothing lost, and nothing handled again that was committed.
import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createFaults } from "../faults.ts";
import { type Kafka, openKafka } from "../kafka/kafka.ts";
import type { NewRecord } from "../kafka/kafka-record.ts";
import { mapEventSource } from "./event-source-mapping.ts";
import type { MskHandler } from "./invoke-handler.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kafka-crash-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (file: string): Kafka => {
  const kafka = openKafka({ file, faults: createFaults() });
  kafka.createTopic("t", 3);
  kafka.createTopic("dead", 1);
  return kafka;
};
const settings = { topic: "t", group: "g", deadLetterTopic: "dead", timeoutMs: 5000, log: () => undefined };
const poison = 13;
/** Equal numbers, equal runs. */
const seeded = (seed: number) => () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
};
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const until = async (isTrue: () => boolean, withinMs: number): Promise<void> => {
  const end = performance.now() + withinMs;
  while (!isTrue() && performance.now() < end) await pause(1);
};

/** A process that ends at its n-th step: from then on nothing it does has an effect, and nothing comes back to it. */
const mortal = (stepsLeft: number) => {
  const never = new Promise<never>(() => undefined);
  const life = {
    isDead: false,
    step: () => {
      stepsLeft -= 1;
      if (stepsLeft <= 0) life.isDead = true;
      return life.isDead;
    },
    /** Ends before the effect, or after it and before its caller learns of it. */
    around: async <T>(effect: () => Promise<T>): Promise<T> => {
      if (life.step()) return never;
      const result = await effect();
      return life.step() ? never : result;
    },
    aroundSync: (effect: () => void): void => {
      if (!life.step()) effect();
      life.step();
    },
  };
  return life;
};

const mortalKafka = (kafka: Kafka, life: ReturnType<typeof mortal>): Kafka => ({
  ...kafka,
  publish: (records) => life.around(() => kafka.publish(records)),
  fetch: (from, limits) => life.around(() => kafka.fetch(from, limits)),
  commit: (group, next) => life.aroundSync(() => kafka.commit(group, next)),
});

it("killed at 400 points: what was published is handled, what was committed never again, the poison is kept", async () => {
  const file = join(folder, "kafka.db");
  const random = seeded(7);
  const acknowledged = new Set<number>();
  const handled = new Map<number, number>();
  let [next, replays, previous] = [0, 0, undefined as Kafka | undefined];
  const runOnce = async (steps: number) => {
    const real = open(file);
    previous?.close();
    previous = real;
    const life = mortal(steps);
    const kafka = mortalKafka(real, life);
    const committed = [0, 1, 2].map((partition) => real.position({ group: "g", topic: "t", partition }));
    const handler: MskHandler = (event) =>
      life.around(async () => {
        const records = Object.values(event.records).flat();
        const bad = records.find(({ value }) => numberOf(value) % 50 === poison);
        for (const { value, partition, offset } of records) {
          if (offset === bad?.offset) break;
          if (offset < (committed[partition] ?? 0)) replays += 1;
          handled.set(numberOf(value), (handled.get(numberOf(value)) ?? 0) + 1);
        }
        const identifier = bad && { partition: `t-${bad.partition}`, offset: bad.offset };
        return { batchItemFailures: identifier ? [{ itemIdentifier: identifier }] : [] };
      });
    const mapping = mapEventSource({
      ...settings,
      ...{ kafka, handler, batchSize: 4, batchingWindowMs: 0, retries: 0, bisect: true, stopWithinMs: 0 },
    });
    const publishing = async () => {
      for (let batch = 0; batch < 3; batch += 1) {
        const numbers = Array.from({ length: 1 + Math.floor(random() * 4) }, () => next++);
        await kafka.publish(numbers.map((n) => ({ topic: "t", key: `k${n % 11}`, value: String(n) })));
        for (const n of numbers) acknowledged.add(n);
      }
    };
    void publishing();
    await until(() => life.isDead || real.lag("g", "t") === 0, 2000);
    await mapping.stop();
    return real;
  };
  for (let point = 0; point < 400; point += 1) await runOnce(1 + Math.floor(random() * 45));
  const real = await runOnce(Number.POSITIVE_INFINITY);
  await until(() => real.lag("g", "t") === 0, 2000);
  const dead = new Set(real.read("dead", 10_000).map(({ value }) => Number(value)));
  real.close();
  expect(acknowledged.size).toBeGreaterThan(500);
  expect(replays).toBe(0);
  expect([...acknowledged].filter((n) => (n % 50 === poison ? !dead.has(n) : !handled.has(n)))).toEqual([]);
  expect([...dead].filter((n) => n % 50 !== poison)).toEqual([]);
  // The kills did hit batches half way: some were handled twice, or this proves nothing.
  expect([...handled.values()].filter((times) => times > 1).length).toBeGreaterThan(20);
}, 60_000);

const numberOf = (base64: string): number => Number(Buffer.from(base64, "base64").toString());

it("killed with SIGKILL while it publishes and handles: nothing acknowledged is lost, nothing committed comes again", async () => {
  const file = join(folder, "kafka.db");
  const acknowledged = new Set<number>();
  const handled = new Set<number>();
  for (let life = 0; life < 5; life += 1) {
    for (const line of await runAndKill(file, life * 1_000_000, 60 + life * 37)) {
      const [what, n] = line.split(" ");
      (what === "published" ? acknowledged : handled).add(Number(n));
    }
  }
  const kafka = open(file);
  const before = kafka.lag("g", "t");
  let again = 0;
  const handler: MskHandler = async (event) => {
    for (const { value } of Object.values(event.records).flat()) {
      again += 1;
      handled.add(numberOf(value));
    }
  };
  const mapping = mapEventSource({
    ...settings,
    ...{ kafka, handler, batchSize: 500, batchingWindowMs: 0, retries: 0, bisect: true },
  });
  await until(() => kafka.lag("g", "t") === 0, 5000);
  await mapping.stop();
  kafka.close();
  expect(acknowledged.size).toBeGreaterThan(100);
  expect([...acknowledged].filter((n) => !handled.has(n))).toEqual([]);
  expect(again).toBe(before);
}, 60_000);

/** Lines a process wrote until it was killed, `afterMs` after its first. */
const runAndKill = async (file: string, from: number, afterMs: number): Promise<string[]> => {
  const at = (path: string) => JSON.stringify(resolve(import.meta.dirname, path));
  const script = `
    import { writeSync } from "node:fs";
    import { createFaults } from ${at("../faults.ts")};
    import { openKafka } from ${at("../kafka/kafka.ts")};
    import { mapEventSource } from ${at("event-source-mapping.ts")};
    const kafka = openKafka({ file: ${JSON.stringify(file)}, faults: createFaults() });
    kafka.createTopic("t", 3);
    kafka.createTopic("dead", 1);
    const handler = async (event) => {
      const numbers = Object.values(event.records).flat().map(({ value }) => Buffer.from(value, "base64").toString());
      writeSync(1, numbers.map((n) => "handled " + n + "\\n").join(""));
    };
    mapEventSource({ kafka, topic: "t", group: "g", handler, batchSize: 20, batchingWindowMs: 0, retries: 0, bisect: true,
      deadLetterTopic: "dead", timeoutMs: 5000 });
    for (let n = ${from}; ; n += 5) {
      const numbers = [n, n + 1, n + 2, n + 3, n + 4];
      await kafka.publish(numbers.map((one) => ({ topic: "t", key: "k" + (one % 11), value: String(one) })));
      writeSync(1, numbers.map((one) => "published " + one + "\\n").join(""));
      await new Promise((resolve) => setImmediate(resolve));
    }`;
  // A file takes what is written before the kill, whole, however slowly it is read here; a pipe may be full.
  const written = join(folder, "written");
  const fd = openSync(written, "w");
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
    cwd: resolve(import.meta.dirname, "../../.."),
    stdio: ["ignore", fd, "pipe"],
  });
  closeSync(fd);
  let problems = "";
  child.stderr?.on("data", (text: Buffer) => (problems += text));
  const ended = new Promise((done) => child.once("close", (_code, signal) => done(signal)));
  await until(() => statSync(written).size > 0 || child.exitCode !== null, 15_000);
  await pause(afterMs);
  child.kill("SIGKILL");
  if ((await ended) !== "SIGKILL") throw new Error(`ended by itself: ${problems}`);
  return readFileSync(written, "utf8").split("\n").slice(0, -1);
};

it("order holds per key under any batch size, any failures and any retries; nothing is lost", async () => {
  const plan = fc.record({
    batchSize: fc.integer({ min: 1, max: 12 }),
    retries: fc.integer({ min: 0, max: 2 }),
    keys: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 40 }),
    // How often each record makes its batch fail, and how: 9 is for ever.
    failures: fc.array(fc.tuple(fc.constantFrom(0, 0, 0, 0, 1, 2, 9), fc.boolean()), { minLength: 40, maxLength: 40 }),
  });
  await fc.assert(
    fc.asyncProperty(plan, async ({ batchSize, retries, keys, failures }) => {
      const kafka = open(":memory:");
      const left: number[] = failures.map(([times]) => times);
      const handled: number[] = [];
      const handler: MskHandler = async (event) => {
        const records = Object.values(event.records).flat();
        const bad = records.find(({ value }) => (left[numberOf(value)] ?? 0) > 0);
        if (bad && failures[numberOf(bad.value)]?.[1]) {
          left[numberOf(bad.value)] = (left[numberOf(bad.value)] ?? 0) - 1;
          throw new Error("failed");
        }
        for (const { offset, value } of records) if (offset < (bad?.offset ?? Infinity)) handled.push(numberOf(value));
        if (!bad) return undefined;
        left[numberOf(bad.value)] = (left[numberOf(bad.value)] ?? 0) - 1;
        return { batchItemFailures: [{ itemIdentifier: { partition: `t-${bad.partition}`, offset: bad.offset } }] };
      };
      await kafka.publish(keys.map((key, n): NewRecord => ({ topic: "t", key: `k${key}`, value: String(n) })));
      const mapping = mapEventSource({
        ...settings,
        ...{ kafka, handler, batchSize, batchingWindowMs: 0, retries, bisect: true, outageMs: 20 },
      });
      await until(() => kafka.lag("g", "t") === 0, 10_000);
      const dead = kafka.read("dead", 100).map(({ value }) => Number(value));
      await mapping.stop();
      kafka.close();
      expect([...handled, ...dead].sort((one, other) => one - other)).toEqual(keys.map((_key, n) => n));
      for (const key of new Set(keys)) {
        const mine = handled.filter((n) => keys[n] === key);
        expect(mine).toEqual([...mine].sort((one, other) => one - other));
      }
    }),
    { seed: 3, numRuns: 40 },
  );
}, 120_000);
