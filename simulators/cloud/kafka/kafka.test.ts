import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFaults } from "../faults.ts";
import { openKafka } from "./kafka.ts";
import { everything, kafkaTests, record, valuesOf } from "./test-kafka.ts";

const { file: newFile, open } = kafkaTests();

describe("publish", () => {
  it("keeps key, value and headers byte for byte, in memory and after a restart", async () => {
    const hostile = [
      record("k", "a\0b\u2028\ud83d\ude00"),
      record("", ""),
      record(null, null),
      record("k", Uint8Array.from([0, 255, 254])),
      { ...record("k", "v"), headers: { reason: "r\0\n", "": "é" } },
    ];
    const file = newFile();
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
    const file = newFile();
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
    const file = newFile();
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
    const file = newFile();
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
