// What the tests of the Kafka stand-in share: files that are gone after each test, and short ways to write and read.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { createFaults } from "../faults.ts";
import { type Kafka, type KafkaOptions, openKafka } from "./kafka.ts";
import type { NewRecord } from "./kafka-record.ts";

export const everything = { maxRecords: 10_000, maxBytes: 1e9 };

export const record = (key: string | null, value: string | Uint8Array | null, topic = "t"): NewRecord => ({
  topic,
  key,
  value,
});

export const valuesOf = async (kafka: Kafka, partition = 0, topic = "t"): Promise<(string | undefined)[]> =>
  (await kafka.fetch({ topic, partition, offset: 0 }, everything)).map(({ value }) => value?.toString());

/** Opens as often as a test likes; all are closed after it. `file` names a file of that test. */
export const kafkaTests = () => {
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
  return {
    file: () => join(folder, "kafka.db"),
    open: (options: Partial<KafkaOptions> = {}): Kafka => {
      const kafka = openKafka({ file: ":memory:", faults: createFaults(), ...options });
      opened.push(kafka);
      return kafka;
    },
  };
};
