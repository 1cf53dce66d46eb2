// What the tests of the event source mapping share: a topic, a mapping on it that is stopped after the test, and short ways to see.
import type { MSKEvent } from "aws-lambda";
import { afterEach } from "vitest";
import { createFaults } from "../faults.ts";
import { type Kafka, openKafka } from "../kafka/kafka.ts";
import type { NewRecord } from "../kafka/kafka-record.ts";
import { type EventSourceMapping, type EventSourceSettings, mapEventSource } from "./event-source-mapping.ts";

export type Seen = { partition: string; offset: number; key: string; value: string };

/** Topic `t`, dead letters in `dead`, group `g`; all is stopped and closed after each test. */
export const mappingTests = () => {
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
  return { openTopic, start };
};

const recordsOf = (event: MSKEvent): Seen[] =>
  Object.entries(event.records).flatMap(([partition, records]) =>
    records.map(({ offset, key, value }) => ({ partition, offset, key: text(key), value: text(value) })),
  );
export const text = (base64: string | null): string =>
  base64 === null ? "" : Buffer.from(base64, "base64").toString();
export const numbered = (count: number, from = 0, keyOf = (n: number) => `k${n}`): NewRecord[] =>
  Array.from({ length: count }, (_one, n) => ({ topic: "t", key: keyOf(from + n), value: JSON.stringify(from + n) }));
export const until = async (isTrue: () => boolean, withinMs = 1000): Promise<number> => {
  const begin = performance.now();
  while (!isTrue()) {
    if (performance.now() - begin > withinMs) throw new Error(`not within ${withinMs} ms`);
    await pause(2);
  }
  return performance.now() - begin;
};
export const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
export const named = ({ partition, offset }: Seen, reason?: string) => ({
  itemIdentifier: { partition, offset },
  reason,
});
