// A reader that is alive but takes nothing in, or hangs in its first batch: how far it is behind can be seen, the others go on,
// and what it left is handled once when it is back, without a flood of doubles.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { KafkaHandler } from "../../../functions/lib/lambda.ts";
import { mapEventSource } from "../../cloud/event-source-mapping/event-source-mapping.ts";
import { createFaults } from "../../cloud/faults.ts";
import { openKafka } from "../../cloud/kafka/kafka.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  while (closing.length > 0) await closing.pop()?.();
});

const topic = "logwatch.analysis.finished";
const openLog = () => {
  const folder = mkdtempSync(join(tmpdir(), "logwatch-stalled-"));
  closing.push(() => rmSync(folder, { recursive: true }));
  const kafka = openKafka({ file: join(folder, "kafka.db"), faults: createFaults() });
  closing.push(() => kafka.close());
  kafka.createTopic(topic, 4);
  kafka.createTopic("dead", 1);
  const publish = (count: number) =>
    kafka.publish(Array.from({ length: count }, (_, index) => ({ topic, key: `job-${index}`, value: `${index}` })));
  const read = (group: string, handler: KafkaHandler) => {
    const settings = {
      batchSize: 100,
      batchingWindowMs: 0,
      retries: 2,
      bisect: true,
      timeoutMs: 60_000,
      stopWithinMs: 50,
    };
    const mapping = mapEventSource({
      ...settings,
      kafka,
      topic,
      group,
      handler,
      deadLetterTopic: "dead",
      log: () => undefined,
    });
    closing.push(() => mapping.stop());
    return mapping;
  };
  return { kafka, publish, read };
};
const none = { batchItemFailures: [] };
const countsOf =
  (counts: Map<string, number>): KafkaHandler =>
  async ({ records }) => {
    for (const { value, partition } of Object.values(records).flat()) {
      const id = `${partition} ${value}`;
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    return none;
  };

test("a reader that hangs is seen by its lag, which grows, while the other readers of the topic have none", async () => {
  const { kafka, publish, read } = openLog();
  read("logwatch-archive", countsOf(new Map()));
  read("logwatch-evaluate", () => new Promise(() => undefined));
  await publish(400);
  await expect.poll(() => kafka.lag("logwatch-archive", topic), { timeout: 5000, interval: 5 }).toBe(0);
  expect(kafka.lag("logwatch-evaluate", topic)).toBe(400);
  await publish(300);
  await expect.poll(() => kafka.lag("logwatch-archive", topic), { timeout: 5000, interval: 5 }).toBe(0);
  expect(kafka.lag("logwatch-evaluate", topic)).toBe(700);
});

test("a reader that never fetched anything has the whole topic as its lag", async () => {
  const { kafka, publish } = openLog();
  await publish(250);
  expect(kafka.lag("logwatch-snapshot", topic)).toBe(250);
});

test("when the reader is back it handles everything that it left, each once", async () => {
  const { kafka, publish, read } = openLog();
  const hanging = read("logwatch-evaluate", () => new Promise(() => undefined));
  await publish(1000);
  await hanging.stop();
  expect(kafka.lag("logwatch-evaluate", topic)).toBe(1000);
  const counts = new Map<string, number>();
  read("logwatch-evaluate", countsOf(counts));
  await expect.poll(() => kafka.lag("logwatch-evaluate", topic), { timeout: 5000, interval: 5 }).toBe(0);
  expect([counts.size, [...counts.values()].every((times) => times === 1)]).toEqual([1000, true]);
});
