import type { MSKEvent } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { createFaults } from "../faults.ts";
import { mappingTests, named, numbered, pause, until } from "./test-mapping.ts";

const { openTopic, start } = mappingTests();

describe("batches", () => {
  it("come as Lambda's MSKEvent: base64, headers as bytes, keyed by topic and partition", async () => {
    const kafka = openTopic();
    const events: MSKEvent[] = [];
    await kafka.publish([
      { topic: "t", key: "ké", value: '{"é":1}', headers: { trace: "é" } },
      { topic: "t", key: null, value: null },
    ]);
    start(kafka, (_records, event) => void events.push(event));
    await until(() => events.length === 1);
    expect(events[0]).toMatchObject({
      eventSource: "aws:kafka",
      eventSourceArn: expect.stringMatching(/^arn:aws:kafka:/),
    });
    expect(events[0]?.bootstrapServers).toMatch(/:9098$/);
    expect(events[0]?.records).toEqual({
      "t-0": [
        {
          topic: "t",
          partition: 0,
          offset: 0,
          timestamp: expect.any(Number),
          timestampType: "CREATE_TIME",
          key: Buffer.from("ké").toString("base64"),
          value: Buffer.from('{"é":1}').toString("base64"),
          headers: [{ trace: [0xc3, 0xa9] }],
        },
        expect.objectContaining({ offset: 1, key: null, value: null, headers: [] }),
      ],
    });
  });

  it("hold no more than their size, in order, and leave nothing out", async () => {
    const kafka = openTopic();
    await kafka.publish(numbered(25));
    const batches: number[][] = [];
    start(kafka, (records) => void batches.push(records.map(({ value }) => Number(value))), { batchSize: 10 });
    await until(() => kafka.lag("g", "t") === 0);
    expect(batches.map((batch) => batch.length)).toEqual([10, 10, 5]);
    expect(batches.flat()).toEqual(Array.from({ length: 25 }, (_one, n) => n));
  });

  it("end below Lambda's 6 MB however many records may be in them", async () => {
    const kafka = openTopic();
    for (let n = 0; n < 12; n += 1)
      await kafka.publish([{ topic: "t", key: "k", value: `"${"x".repeat(1_000_000)}"` }]);
    const sizes: number[] = [];
    start(kafka, (_records, event) => void sizes.push(JSON.stringify(event).length));
    await until(() => kafka.lag("g", "t") === 0, 5000);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(6 * 1024 * 1024);
    expect(sizes.length).toBe(3);
  });

  it("wait for their window to fill, no longer, and not at all when they are full", async () => {
    const kafka = openTopic();
    const batches: number[] = [];
    const begin = performance.now();
    start(kafka, (records) => void batches.push(records.length), { batchingWindowMs: 150, batchSize: 5 });
    await kafka.publish(numbered(1));
    await pause(20);
    await kafka.publish(numbered(2, 1));
    await until(() => kafka.lag("g", "t") === 0);
    expect(performance.now() - begin).toBeGreaterThan(140);
    expect(batches).toEqual([3]);
    await kafka.publish(numbered(5, 3));
    expect(await until(() => batches.length === 2)).toBeLessThan(100);
  });

  it("of a partition come one at a time, of different partitions side by side", async () => {
    const kafka = openTopic(4);
    const running = new Map<string, number>();
    let most = 0;
    start(
      kafka,
      async ([first]) => {
        const name = first?.partition ?? "";
        running.set(name, (running.get(name) ?? 0) + 1);
        most = Math.max(most, running.size);
        await pause(5);
        expect(running.get(name)).toBe(1);
        running.delete(name);
      },
      { batchSize: 3 },
    );
    await kafka.publish(numbered(60));
    await until(() => kafka.lag("g", "t") === 0);
    expect(most).toBe(4);
    expect(kafka.read("dead", 9)).toEqual([]);
  });

  it("of a long backlog leave turns to timers and to the other partitions", async () => {
    const kafka = openTopic(2);
    await kafka.publish(numbered(2000));
    const order: string[] = [];
    setTimeout(() => order.push("timer"), 1);
    start(kafka, ([first]) => void order.push(first?.partition ?? ""), { batchSize: 1 });
    await until(() => kafka.lag("g", "t") === 0, 5000);
    expect(order.indexOf("timer")).toBeLessThan(1000);
    expect(order.slice(0, 10)).toEqual(expect.arrayContaining(["t-0", "t-1"]));
  });

  it("come from partitions that are added later, too", async () => {
    const kafka = openTopic(1);
    const seen: string[] = [];
    start(kafka, (records) => void seen.push(...records.map(({ value }) => value)));
    kafka.createTopic("t", 3);
    await kafka.publish(numbered(50));
    await until(() => seen.length === 50);
  });
});

describe("the filter", () => {
  it("drops records of others, passes their offsets, and never loses what is not JSON", async () => {
    const kafka = openTopic();
    const seen: string[] = [];
    const channel = (name: string) => ({ topic: "t", key: "k", value: JSON.stringify({ channel: name }) });
    await kafka.publish([channel("email"), channel("slack"), { topic: "t", key: "k", value: "{" }, channel("slack")]);
    start(
      kafka,
      (records) => {
        seen.push(...records.map(({ value }) => value));
        return { batchItemFailures: records.filter(({ value }) => value === "{").map((one) => named(one)) };
      },
      { filter: (value) => JSON.stringify(value).includes("email") },
    );
    await until(() => kafka.lag("g", "t") === 0);
    expect(seen).toEqual(['{"channel":"email"}', "{"]);
    expect(kafka.read("dead", 9)).toHaveLength(1);
    await kafka.publish([channel("slack")]);
    await until(() => kafka.lag("g", "t") === 0);
    expect(seen).toHaveLength(2);
  });
});

it("a broker that refuses, throttles or is slow delays records and loses none", async () => {
  const faults = createFaults();
  const kafka = openTopic(2, faults);
  await kafka.publish(numbered(50));
  for (const kind of ["refuse", "throttle", "error", "timeout", "partial", "slow"] as const) {
    faults.add({ target: "kafka", kind, calls: 2, delayMs: 10 });
  }
  const seen: string[] = [];
  start(kafka, (records) => void seen.push(...records.map(({ value }) => value)));
  await until(() => kafka.lag("g", "t") === 0, 5000);
  expect(new Set(seen).size).toBe(50);
  expect(seen).toHaveLength(50);
});
