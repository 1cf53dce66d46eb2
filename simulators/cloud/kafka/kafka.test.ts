import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFaults } from "../faults.ts";
import { type Kafka, type KafkaOptions, openKafka } from "./kafka.ts";
import type { NewRecord } from "./kafka-record.ts";

let folder = "";
let opened: Kafka[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kafka-"));
});
afterEach(() => {
  for (const kafka of opened) kafka.close();
  opened = [];
  rmSync(folder, { recursive: true });
});

const open = (options: Partial<KafkaOptions> = {}): Kafka => {
  const kafka = openKafka({ file: ":memory:", faults: createFaults(), ...options });
  opened.push(kafka);
  return kafka;
};
const record = (key: string | null, value: string | Uint8Array | null, topic = "t"): NewRecord => ({
  topic,
  key,
  value,
});
const everything = { maxRecords: 10_000, maxBytes: 1e9 };
const valuesOf = async (kafka: Kafka, partition = 0, topic = "t"): Promise<(string | undefined)[]> =>
  (await kafka.fetch({ topic, partition, offset: 0 }, everything)).map(({ value }) => value?.toString());

describe("publish", () => {
  it("keeps key, value and headers byte for byte, in memory and after a restart", async () => {
    const hostile = [
      record("k", "a\0b\u2028\ud83d\ude00"),
      record("", ""),
      record(null, null),
      record("k", Uint8Array.from([0, 255, 254])),
      { ...record("k", "v"), headers: { reason: "r\0\n", "": "é" } },
    ];
    const file = join(folder, "kafka.db");
    const first = open({ file });
    first.createTopic("t", 1);
    await first.publish(hostile);
    const before = await first.fetch({ topic: "t", partition: 0, offset: 0 }, everything);
    expect(before.map(({ value }) => value?.toString("hex"))).toEqual([
      Buffer.from("a\0b\u2028\ud83d\ude00").toString("hex"),
      "",
      undefined,
      "00fffe",
      "76",
    ]);
    expect(before[2]).toMatchObject({ key: null, value: null });
    const second = open({ file });
    expect(await second.fetch({ topic: "t", partition: 0, offset: 0 }, everything)).toEqual(before);
  });

  it("stores all or nothing when one record is refused", async () => {
    const kafka = open();
    kafka.createTopic("t", 1);
    await expect(kafka.publish([record("a", "1"), record("a", "1", "unknown")])).rejects.toMatchObject({
      code: "UNKNOWN_TOPIC_OR_PARTITION",
      retriable: false,
    });
    await expect(kafka.publish([record("a", "1"), record("a", "x".repeat(1_048_600))])).rejects.toMatchObject({
      code: "MESSAGE_TOO_LARGE",
    });
    expect(await valuesOf(kafka)).toEqual([]);
    await kafka.publish([record("a", "2")]);
    expect(await valuesOf(kafka)).toEqual(["2"]);
  });

  it("keeps the order of each key over any number of partitions and batches", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 7 }),
        fc.array(fc.array(fc.constantFrom("a", "b", "c", "d", ""), { maxLength: 9 }), { maxLength: 9 }),
        async (partitions, batches) => {
          const kafka = openKafka({ file: ":memory:", faults: createFaults() });
          kafka.createTopic("t", partitions);
          let n = 0;
          for (const keys of batches) await kafka.publish(keys.map((key) => record(key, String(n++))));
          const found: { key: string; n: number; partition: number }[] = [];
          for (let partition = 0; partition < partitions; partition += 1) {
            const records = await kafka.fetch({ topic: "t", partition, offset: 0 }, everything);
            expect(records.map(({ offset }) => offset)).toEqual(records.map((_one, at) => at));
            found.push(...records.map(({ key, value }) => ({ key: String(key), n: Number(value), partition })));
          }
          expect(found).toHaveLength(batches.flat().length);
          for (const key of new Set(batches.flat())) {
            const mine = found.filter((one) => one.key === key);
            expect(new Set(mine.map(({ partition }) => partition)).size).toBe(1);
            expect(mine.map((one) => one.n)).toEqual(mine.map((one) => one.n).sort((one, other) => one - other));
          }
          kafka.close();
        },
      ),
      { seed: 1, numRuns: 100 },
    );
  });

  it("spreads records without a key over all partitions", async () => {
    const kafka = open();
    kafka.createTopic("t", 3);
    await kafka.publish(Array.from({ length: 9 }, () => record(null, "v")));
    expect(await Promise.all([0, 1, 2].map(async (n) => (await valuesOf(kafka, n)).length))).toEqual([3, 3, 3]);
  });
});

describe("topics and groups", () => {
  it("can be created twice, grow, and never shrink", async () => {
    const file = join(folder, "kafka.db");
    const first = open({ file });
    first.createTopic("t", 2);
    const told: number[] = [];
    first.eachPartition("t", new AbortController().signal, (partition) => void told.push(partition));
    first.createTopic("t", 1);
    first.createTopic("t", 4);
    expect(told).toEqual([0, 1, 2, 3]);
    await first.publish(Array.from({ length: 100 }, (_one, n) => record(`k${n}`, "v")));
    expect((await valuesOf(open({ file }), 3)).length).toBeGreaterThan(0);
  });

  it("go on after a restart where they were, and a new group begins at the start", async () => {
    const file = join(folder, "kafka.db");
    const first = open({ file });
    first.createTopic("t", 1);
    await first.publish(["1", "2", "3"].map((value) => record("k", value)));
    first.commit({ group: "g", topic: "t", partition: 0 }, 2);
    const second = open({ file });
    expect(second.position({ group: "g", topic: "t", partition: 0 })).toBe(2);
    expect(second.position({ group: "new", topic: "t", partition: 0 })).toBe(0);
    expect([second.lag("g", "t"), second.lag("new", "t")]).toEqual([1, 3]);
    await second.publish([record("k", "4")]);
    expect(await valuesOf(second)).toEqual(["1", "2", "3", "4"]);
  });

  it("a committed offset never goes back, and cannot run ahead of the log", async () => {
    const file = join(folder, "kafka.db");
    const kafka = open({ file });
    kafka.createTopic("t", 1);
    await kafka.publish([record("k", "1"), record("k", "2")]);
    const group = { group: "g", topic: "t", partition: 0 };
    kafka.commit(group, 2);
    kafka.commit(group, 1);
    expect(() => kafka.commit(group, 3)).toThrow(/OFFSET_OUT_OF_RANGE/);
    expect([kafka.position(group), open({ file }).position(group)]).toEqual([2, 2]);
  });

  it("whoever waits is told of new records at once, by time, and by the signal", async () => {
    const kafka = open();
    kafka.createTopic("t", 1);
    const place = { topic: "t", partition: 0 };
    const stopping = new AbortController();
    const told: string[] = [];
    const waits = [
      kafka.waitForEnd(place, 2, 60_000, stopping.signal).then(() => told.push("two records")),
      kafka.waitForEnd(place, 9, 5, stopping.signal).then(() => told.push("time")),
    ];
    const never = kafka.waitForEnd(place, 9, Number.POSITIVE_INFINITY, stopping.signal).then(() => told.push("signal"));
    await kafka.publish([record("k", "1")]);
    await kafka.publish([record("k", "2")]);
    await Promise.all(waits);
    expect(told).toEqual(["two records", "time"]);
    stopping.abort();
    await never;
  });
});

describe("fetch", () => {
  it("stops at the limits, but gives one record however large", async () => {
    const file = join(folder, "kafka.db");
    const first = open({ file });
    first.createTopic("t", 1);
    await first.publish(Array.from({ length: 30 }, (_one, n) => record("k", `${n}`.padStart(100, "0"))));
    for (const kafka of [first, open({ file })]) {
      const lengths = async (maxRecords: number, maxBytes: number) =>
        (await kafka.fetch({ topic: "t", partition: 0, offset: 5 }, { maxRecords, maxBytes })).map((one) => one.offset);
      expect(await lengths(3, 1e9)).toEqual([5, 6, 7]);
      expect(await lengths(100, 210)).toEqual([5, 6]);
      expect(await lengths(100, 1)).toEqual([5]);
      expect((await lengths(100, 1e9)).length).toBe(25);
    }
  });

  it("reads across what is in memory and what is only in the file", async () => {
    const kafka = open({ file: join(folder, "kafka.db") });
    kafka.createTopic("t", 1);
    for (let batch = 0; batch < 12; batch += 1) {
      await kafka.publish(Array.from({ length: 1000 }, (_one, n) => record("k", String(batch * 1000 + n))));
    }
    const records = await kafka.fetch({ topic: "t", partition: 0, offset: 0 }, { maxRecords: 20_000, maxBytes: 1e9 });
    expect(records.map(({ value }) => Number(value))).toEqual(Array.from({ length: 12_000 }, (_one, n) => n));
  });
});

describe("faults", () => {
  it("refuse, time out, throttle and err before anything is stored, and say they may be tried again", async () => {
    const faults = createFaults();
    const kafka = open({ faults });
    kafka.createTopic("t", 1);
    for (const [kind, code] of [
      ["refuse", "BROKER_NOT_AVAILABLE"],
      ["timeout", "REQUEST_TIMED_OUT"],
      ["throttle", "THROTTLING_QUOTA_EXCEEDED"],
      ["error", "UNKNOWN_SERVER_ERROR"],
    ] as const) {
      faults.add({ target: "kafka", kind, calls: 1, delayMs: 5 });
      await expect(kafka.publish([record("k", "v")])).rejects.toMatchObject({ code, retriable: true });
    }
    expect(await valuesOf(kafka)).toEqual([]);
    faults.add({ target: "kafka", kind: "slow", calls: 1, delayMs: 30 });
    const start = performance.now();
    await kafka.publish([record("k", "v")]);
    expect(performance.now() - start).toBeGreaterThan(25);
    expect(await valuesOf(kafka)).toEqual(["v"]);
  });

  it("a partial answer: the first half is stored, and the caller learns of a failure", async () => {
    const faults = createFaults();
    const kafka = open({ faults });
    kafka.createTopic("t", 1);
    faults.add({ target: "kafka", kind: "partial", calls: 1 });
    await expect(kafka.publish(["1", "2", "3"].map((value) => record("k", value)))).rejects.toThrow(/answer was lost/);
    expect(await valuesOf(kafka)).toEqual(["1", "2"]);
  });
});

describe("retention", () => {
  it("forgets what is old and read by every group, keeps the rest, and offsets go on after a restart", async () => {
    let now = 1_000_000;
    const file = join(folder, "kafka.db");
    const retention = { keptMs: 100, maxRead: 1e6, unreadMs: 1e6, groupMs: 1e9 };
    const kafka = open({ file, now: () => now, retention });
    kafka.createTopic("t", 1);
    kafka.createTopic("dead", 1);
    await kafka.publish([
      record("k", "old", "dead"),
      ...Array.from({ length: 10 }, (_one, n) => record("k", String(n))),
    ]);
    kafka.commit({ group: "fast", topic: "t", partition: 0 }, 10);
    kafka.commit({ group: "slow", topic: "t", partition: 0 }, 4);
    now += 60_001;
    await kafka.publish([record("k", "10")]);
    expect(await valuesOf(open({ file }))).toEqual(["4", "5", "6", "7", "8", "9", "10"]);
    expect(await valuesOf(open({ file }), 0, "dead")).toEqual(["old"]);
    kafka.commit({ group: "fast", topic: "t", partition: 0 }, 11);
    kafka.commit({ group: "slow", topic: "t", partition: 0 }, 11);
    now += 60_001;
    await kafka.publish([record("k", "11")]);
    const reopened = open({ file, now: () => now });
    expect(await valuesOf(reopened)).toEqual(["11"]);
    await reopened.publish([record("k", "12")]);
    expect(
      (await reopened.fetch({ topic: "t", partition: 0, offset: 0 }, everything)).map((one) => one.offset),
    ).toEqual([11, 12]);
  });

  it("waits for a group that lags, but not for ever for one that never comes back", async () => {
    let now = 1_000_000;
    const file = join(folder, "kafka.db");
    const retention = { keptMs: 1000, maxRead: 1e6, unreadMs: 1e9, groupMs: 300_000 };
    const kafka = open({ file, now: () => now, retention });
    kafka.createTopic("t", 1);
    await kafka.publish(["1", "2", "3"].map((value) => record("k", value)));
    kafka.commit({ group: "gone", topic: "t", partition: 0 }, 0);
    now += 200_000;
    kafka.commit({ group: "live", topic: "t", partition: 0 }, 3);
    await kafka.publish([record("k", "4")]);
    expect(await valuesOf(open({ file }))).toEqual(["1", "2", "3", "4"]);
    now += 200_000;
    await kafka.publish([record("k", "5")]);
    expect(await valuesOf(open({ file }))).toEqual(["4", "5"]);
  });

  it("bounds the file by number too, however young the records are", async () => {
    let now = 1_000_000;
    const file = join(folder, "kafka.db");
    const kafka = open({
      file,
      now: () => now,
      retention: { keptMs: 1e9, maxRead: 1000, unreadMs: 1e9, groupMs: 1e9 },
    });
    kafka.createTopic("t", 1);
    let largest = 0;
    for (let batch = 0; batch < 60; batch += 1) {
      now += 60_001;
      await kafka.publish(Array.from({ length: 400 }, () => record("k", "x".repeat(1000))));
      kafka.commit({ group: "g", topic: "t", partition: 0 }, (batch + 1) * 400);
      largest = Math.max(largest, statSync(file).size);
    }
    expect((await valuesOf(open({ file }))).length).toBeLessThanOrEqual(1500);
    expect(largest).toBeLessThan(8_000_000);
  });
});

it("read shows the newest records first, as a person reads them", async () => {
  let now = Date.UTC(2025, 0, 1);
  const kafka = open({ now: () => now });
  kafka.createTopic("t", 2);
  for (const value of ['{"a":1}', "{", Uint8Array.from([255]), null]) {
    await kafka.publish([{ ...record(`key-${String(value)}`, value), headers: { reason: "because" } }]);
    now += 1000;
  }
  expect(kafka.read("t", 3).map(({ value, at }) => [value, at])).toEqual([
    [null, "2025-01-01T00:00:03.000Z"],
    [{ base64: "/w==" }, "2025-01-01T00:00:02.000Z"],
    ["{", "2025-01-01T00:00:01.000Z"],
  ]);
  expect(kafka.read("t", 9)[3]).toMatchObject({
    topic: "t",
    offset: 0,
    value: { a: 1 },
    headers: { reason: "because" },
  });
});
