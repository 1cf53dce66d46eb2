import type { MSKEvent } from "aws-lambda";
import { afterEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { kafkaHandler } from "../../../functions/lib/lambda.ts";
import { createFaults } from "../faults.ts";
import { type Kafka, openKafka } from "../kafka/kafka.ts";
import type { NewRecord } from "../kafka/kafka-record.ts";
import { redriveDeadLetters } from "./dead-letter.ts";
import { type EventSourceMapping, type EventSourceSettings, mapEventSource } from "./event-source-mapping.ts";

type Seen = { partition: string; offset: number; key: string; value: string };

let kafkas: Kafka[] = [];
let mappings: EventSourceMapping[] = [];
afterEach(async () => {
  await Promise.all(mappings.map((mapping) => mapping.stop()));
  for (const kafka of kafkas) kafka.close();
  kafkas = [];
  mappings = [];
});

const openTopic = (partitions = 1, faults = createFaults()): Kafka => {
  const kafka = openKafka({ file: ":memory:", faults });
  kafkas.push(kafka);
  kafka.createTopic("t", partitions);
  kafka.createTopic("dead", 1);
  return kafka;
};
const start = (
  kafka: Kafka,
  handle: (records: Seen[], event: MSKEvent) => unknown,
  settings: Partial<EventSourceSettings> = {},
): EventSourceMapping => {
  const mapping = mapEventSource({
    kafka,
    topic: "t",
    group: "g",
    handler: async (event) => handle(recordsOf(event), event),
    batchSize: 100,
    batchingWindowMs: 0,
    retries: 2,
    bisect: true,
    deadLetterTopic: "dead",
    timeoutMs: 1000,
    log: () => undefined,
    ...settings,
  });
  mappings.push(mapping);
  return mapping;
};
const recordsOf = (event: MSKEvent): Seen[] =>
  Object.entries(event.records).flatMap(([partition, records]) =>
    records.map(({ offset, key, value }) => ({ partition, offset, key: text(key), value: text(value) })),
  );
const text = (base64: string | null): string => (base64 === null ? "" : Buffer.from(base64, "base64").toString());
const numbered = (count: number, from = 0, keyOf = (n: number) => `k${n}`): NewRecord[] =>
  Array.from({ length: count }, (_one, n) => ({ topic: "t", key: keyOf(from + n), value: JSON.stringify(from + n) }));
const until = async (isTrue: () => boolean, withinMs = 1000): Promise<number> => {
  const begin = performance.now();
  while (!isTrue()) {
    if (performance.now() - begin > withinMs) throw new Error(`not within ${withinMs} ms`);
    await pause(2);
  }
  return performance.now() - begin;
};
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const named = ({ partition, offset }: Seen, reason?: string) => ({ itemIdentifier: { partition, offset }, reason });

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

describe("a poison record", () => {
  it.each([
    [
      "named by the handler",
      (records: Seen[]) => ({
        batchItemFailures: records.filter(({ value }) => value === "137").map((one) => named(one)),
      }),
    ],
    [
      "that makes the handler throw",
      (records: Seen[]) => {
        if (records.some(({ value }) => value === "137")) throw new TypeError("x is not a function");
        return { batchItemFailures: [] };
      },
    ],
  ])("%s reaches the dead-letter topic within a second, and its neighbours go on", async (_what, handle) => {
    const kafka = openTopic();
    const handled = new Set<string>();
    await kafka.publish(numbered(500));
    start(
      kafka,
      async (records) => {
        await pause(2);
        const answer = handle(records);
        const bad = answer?.batchItemFailures[0]?.itemIdentifier.offset ?? Number.POSITIVE_INFINITY;
        for (const { value, offset } of records) if (offset < bad) handled.add(value);
        return answer;
      },
      { batchSize: 500 },
    );
    expect(await until(() => kafka.lag("g", "t") === 0)).toBeLessThan(1000);
    expect(handled.size).toBe(499);
    expect(kafka.read("dead", 9)).toMatchObject([{ key: "k137", value: 137 }]);
  });

  it("keeps its bytes, and where it was, why and how often it was tried", async () => {
    const kafka = openTopic(4);
    const value = Uint8Array.from([0xff, 0x00, 0xfe]);
    await kafka.publish([{ topic: "t", key: Uint8Array.from([0xff]), value, headers: { trace: "1" } }]);
    let tries = 0;
    start(kafka, (records) => {
      tries += 1;
      return { batchItemFailures: records.map((one) => named(one)) };
    });
    await until(() => kafka.lag("g", "t") === 0);
    const [letter] = await kafka.fetch({ topic: "dead", partition: 0, offset: 0 }, { maxRecords: 9, maxBytes: 1e6 });
    expect(letter?.key?.toString("hex")).toBe("ff");
    expect(letter?.value?.toString("hex")).toBe("ff00fe");
    expect(letter?.headers).toEqual({
      trace: "1",
      "original-topic": "t",
      "original-partition": expect.stringMatching(/^[0-3]$/),
      "original-offset": "0",
      "original-at": expect.stringMatching(/Z$/),
      group: "g",
      attempts: "1",
      reason: expect.stringMatching(/^the value is not JSON/),
    });
    // What is not JSON gets no second try: nothing could change.
    expect(tries).toBe(1);
  });

  it("is tried alone, `retries` times after the first, before it is given up with the handler's reason", async () => {
    const kafka = openTopic();
    const batches: string[][] = [];
    await kafka.publish(numbered(4));
    start(
      kafka,
      (records) => {
        batches.push(records.map(({ value }) => value));
        return {
          batchItemFailures: records.filter(({ value }) => value === "1").map((one) => named(one, "no such job")),
        };
      },
      { retries: 3 },
    );
    await until(() => kafka.lag("g", "t") === 0);
    expect(batches).toEqual([["0", "1", "2", "3"], ["2", "3"], ["1"], ["1"], ["1"]]);
    expect(kafka.read("dead", 9)[0]?.headers).toMatchObject({ reason: "no such job", attempts: "4" });
  });

  it("does not let later records of its key overtake it while it is still tried", async () => {
    const kafka = openTopic();
    const handled: string[] = [];
    let failures = 2;
    await kafka.publish(numbered(9, 0, (n) => `k${n % 3}`));
    start(kafka, (records) => {
      const bad = records.find(({ value }) => value === "1");
      if (bad && failures-- > 0) throw new Error("not yet");
      handled.push(...records.map(({ value }) => value));
    });
    await until(() => kafka.lag("g", "t") === 0);
    expect(handled.filter((value) => Number(value) % 3 === 1)).toEqual(["1", "4", "7"]);
    expect(kafka.read("dead", 9)).toEqual([]);
  });

  it("is found among many: ten that throw in 300, none of the others lost", async () => {
    const kafka = openTopic();
    const handled = new Set<string>();
    const isPoison = (value: string) => Number(value) % 30 === 7;
    await kafka.publish(numbered(300));
    start(
      kafka,
      (records) => {
        if (records.some(({ value }) => isPoison(value))) throw new Error("bad one inside");
        for (const { value } of records) handled.add(value);
      },
      { batchSize: 300 },
    );
    await until(() => kafka.lag("g", "t") === 0);
    expect(handled.size).toBe(290);
    expect(kafka.read("dead", 99).map(({ value }) => Number(value) % 30)).toEqual(Array(10).fill(7));
  });

  it("is not passed while its dead letter cannot be stored", async () => {
    const faults = createFaults();
    const kafka = openTopic(1, faults);
    await kafka.publish([{ topic: "t", key: "k", value: "{" }]);
    start(kafka, (records) => {
      faults.add({ target: "kafka", kind: "refuse", seconds: 0.2 });
      return { batchItemFailures: records.map((one) => named(one)) };
    });
    await pause(100);
    expect(kafka.lag("g", "t")).toBe(1);
    await until(() => kafka.lag("g", "t") === 0);
    expect(kafka.read("dead", 9)).toHaveLength(1);
  });

  it("goes back to its topic on request, once", async () => {
    const kafka = openTopic();
    let isBroken = true;
    const handled: string[] = [];
    await kafka.publish([{ topic: "t", key: "k", value: '"v"' }]);
    start(kafka, (records) => {
      if (isBroken) return { batchItemFailures: records.map((one) => named(one)) };
      handled.push(...records.map(({ value }) => value));
    });
    await until(() => kafka.read("dead", 9).length === 1);
    isBroken = false;
    expect(await redriveDeadLetters(kafka, "dead")).toBe(1);
    expect(await redriveDeadLetters(kafka, "dead")).toBe(0);
    await until(() => handled.length === 1);
    expect(handled).toEqual(['"v"']);
  });
});

describe("an outage", () => {
  it("sends nothing to the dead-letter topic, and all is handled once it is over, in order per key", async () => {
    const kafka = openTopic(2);
    const handled: Seen[] = [];
    let isDown = true;
    let calls = 0;
    start(kafka, (records) => {
      calls += 1;
      if (isDown) throw new Error("the store is down");
      handled.push(...records);
    });
    await kafka.publish(numbered(120, 0, (n) => `k${n % 10}`));
    for (let n = 0; n < 8; n += 1) {
      await pause(100);
      await kafka.publish(numbered(10, 120 + n * 10, (key) => `k${key % 10}`));
    }
    expect(calls).toBeLessThan(60);
    isDown = false;
    await until(() => kafka.lag("g", "t") === 0, 2500);
    expect(kafka.read("dead", 9)).toEqual([]);
    expect(handled).toHaveLength(200);
    for (let key = 0; key < 10; key += 1) {
      const mine = handled.filter((one) => one.key === `k${key}`).map(({ value }) => Number(value));
      expect(mine).toEqual([...mine].sort((one, other) => one - other));
    }
  });

  it("with a poison record in it: only that one is given up", async () => {
    const kafka = openTopic();
    const handled = new Set<string>();
    let isDown = true;
    start(kafka, (records) => {
      if (isDown) throw new Error("the store is down");
      if (records.some(({ value }) => value === "3")) throw new Error("poison");
      for (const { value } of records) handled.add(value);
    });
    await kafka.publish(numbered(40));
    await pause(400);
    isDown = false;
    await until(() => kafka.lag("g", "t") === 0, 3000);
    expect(handled.size).toBe(39);
    expect(kafka.read("dead", 9)).toMatchObject([{ value: 3 }]);
  });

  it("a lone failing record is held, and given up as soon as a later one shows that the handler works", async () => {
    const kafka = openTopic();
    start(kafka, (records) => {
      if (records.some(({ value }) => value === "0")) throw new Error("poison, or an outage?");
    });
    await kafka.publish(numbered(1));
    await pause(300);
    expect(kafka.read("dead", 9)).toEqual([]);
    await kafka.publish(numbered(1, 1));
    await until(() => kafka.lag("g", "t") === 0);
    expect(kafka.read("dead", 9)).toMatchObject([{ value: 0 }]);
  });

  it("that does not end gives records up one by one, so that nothing is held for ever", async () => {
    const kafka = openTopic();
    await kafka.publish(numbered(3));
    start(kafka, () => Promise.reject(new Error("gone for good")), { outageMs: 200 });
    await until(() => kafka.read("dead", 9).length === 1, 3000);
    expect(kafka.lag("g", "t")).toBe(2);
    await until(() => kafka.lag("g", "t") === 0, 6000);
    expect(kafka.read("dead", 9).map(({ headers }) => headers.reason)).toEqual(Array(3).fill("Error: gone for good"));
  });
});

describe("answers of the handler", () => {
  it.each([
    ["nothing", undefined],
    ["null", null],
    ["an empty object", {}],
    ["no list", { batchItemFailures: null }],
    ["an empty list", { batchItemFailures: [] }],
  ])("%s: all is handled", async (_what, answer) => {
    const kafka = openTopic();
    let calls = 0;
    start(kafka, () => {
      calls += 1;
      return answer;
    });
    await kafka.publish(numbered(5));
    await until(() => kafka.lag("g", "t") === 0);
    expect(calls).toBe(1);
  });

  it.each([
    ["a text as identifier", { batchItemFailures: [{ itemIdentifier: "t-0" }] }],
    [
      "an offset that is not in the batch",
      { batchItemFailures: [{ itemIdentifier: { partition: "t-0", offset: 99 } }] },
    ],
    ["another partition", { batchItemFailures: [{ itemIdentifier: { partition: "t-1", offset: 0 } }] }],
  ])("%s: all of the batch has failed", async (_what, answer) => {
    const kafka = openTopic();
    const sizes: number[] = [];
    start(kafka, (records) => {
      sizes.push(records.length);
      return sizes.length === 1 ? answer : undefined;
    });
    await kafka.publish(numbered(5));
    await until(() => kafka.lag("g", "t") === 0);
    expect(sizes).toEqual([5, 5]);
  });

  it("that come too late count as failures", async () => {
    const kafka = openTopic();
    let calls = 0;
    start(kafka, () => (++calls === 1 ? pause(10_000) : undefined), { timeoutMs: 30 });
    await kafka.publish(numbered(5));
    await until(() => kafka.lag("g", "t") === 0);
    expect(calls).toBe(2);
  });
});

it("a record of another shape, through a real step's edge: a dead letter within a second, the others handled", async () => {
  const kafka = openTopic();
  const handled: number[] = [];
  const shape = z.object({ n: z.number() });
  const values = ['{"n":1}', '{"n":"two"}', "{", '{"n":4}'];
  await kafka.publish(values.map((value, n) => ({ topic: "t", key: `k${n}`, value })));
  start(kafka, () => undefined, {
    handler: kafkaHandler(shape, async (events) => void handled.push(...events.map(({ n }) => n))),
  });
  expect(await until(() => kafka.lag("g", "t") === 0)).toBeLessThan(1000);
  expect(handled).toEqual([1, 4]);
  const dead = kafka.read("dead", 9).map(({ key, value, headers }) => [key, value, headers.attempts]);
  expect(dead).toEqual([
    ["k1", { n: "two" }, "3"],
    ["k2", "{", "1"],
  ]);
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

describe("stop", () => {
  it("waits for the running batch, commits it, and begins no other", async () => {
    const kafka = openTopic();
    let calls = 0;
    const mapping = start(
      kafka,
      async () => {
        calls += 1;
        await pause(50);
      },
      { batchSize: 2 },
    );
    await kafka.publish(numbered(6));
    await until(() => calls === 1);
    await mapping.stop();
    expect([calls, kafka.lag("g", "t")]).toEqual([1, 4]);
  });

  it("is over within its bound when a handler hangs, and then commits nothing", async () => {
    const kafka = openTopic();
    let release: () => void = () => undefined;
    const mapping = start(kafka, () => new Promise<void>((resolve) => (release = resolve)), {
      stopWithinMs: 50,
      timeoutMs: 60_000,
    });
    await kafka.publish(numbered(1));
    await pause(10);
    const begin = performance.now();
    await mapping.stop();
    expect(performance.now() - begin).toBeLessThan(200);
    release();
    await pause(10);
    expect(kafka.lag("g", "t")).toBe(1);
  });

  it("does not wait for retries, nor for an outage to end", async () => {
    const kafka = openTopic();
    const mapping = start(kafka, () => Promise.reject(new Error("down")));
    await kafka.publish(numbered(5));
    await pause(400);
    const begin = performance.now();
    await mapping.stop();
    expect(performance.now() - begin).toBeLessThan(100);
    expect([kafka.lag("g", "t"), kafka.read("dead", 9).length]).toEqual([5, 0]);
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
