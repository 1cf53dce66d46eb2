// One partition of an event source mapping: waits for records, makes a batch of them, has it settled, commits, and so on.
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { isRetriable } from "../kafka/broker-error.ts";
import type { KafkaRecord } from "../kafka/kafka-record.ts";
import { deadLetterOf } from "./dead-letter.ts";
import type { Mapping } from "./event-source-mapping.ts";
import { invokeHandler, type Outcome, parseValue } from "./invoke-handler.ts";
import { cutToPayload, payloadBytesOf } from "./msk-event.ts";
import { type SettlePorts, settleBatch } from "./settle-batch.ts";

type Reader = { mapping: Mapping; partition: number; position: number; committed: number; lastReason: string };

const maxFetchBytes = 6 * 1024 * 1024;
const maxBackOffMs = 1000;

/** Resolves at the stop. @throws only when the stand-in itself is broken: its disk is full, say. */
export const readPartition = async (mapping: Mapping, partition: number): Promise<void> => {
  const { kafka, topic, group, batchSize, batchingWindowMs, stopping } = mapping;
  const place = { topic, partition };
  const position = kafka.position({ group, ...place });
  const reader: Reader = { mapping, partition, position, committed: -1, lastReason: "" };
  const ports = settlePorts(reader);
  // Known from now on: retention waits for every group that has an offset.
  commit(reader, position);
  while (!stopping.aborted) {
    await kafka.waitForEnd(place, reader.position + 1, Number.POSITIVE_INFINITY, stopping);
    await kafka.waitForEnd(place, reader.position + batchSize, batchingWindowMs, stopping);
    const batch = await take(reader, batchSize, 0);
    if (batch.length > 0) await settleBatch(batch, mapping, ports);
    else commit(reader, reader.position);
    // A handler that waits for nothing, on a full backlog, would leave no turn to timers, sockets and the other partitions.
    await nextTurn();
  }
};

const settlePorts = (reader: Reader): SettlePorts => {
  const { mapping } = reader;
  return {
    invoke: (records) => invoke(reader, records),
    giveUp: (record, reason, attempts) => giveUp(reader, record, reason, attempts),
    more: (open) => {
      const used = open.reduce((sum, record) => sum + payloadBytesOf(record), 0);
      return take(reader, mapping.batchSize - open.length, used);
    },
    commit: (open) => commit(reader, open?.offset ?? reader.position),
    successes: () => mapping.successes,
    pause: (ms) => pause(ms, mapping.stopping),
    isStopping: () => mapping.stopping.aborted,
    now: Date.now,
  };
};

const invoke = async (reader: Reader, records: readonly KafkaRecord[]): Promise<Outcome> => {
  const { mapping, partition } = reader;
  const outcome = await invokeHandler(mapping.handler, records, mapping.timeoutMs);
  const isProgress = outcome.kind === "handled" || (outcome.kind === "named" && outcome.offset !== records[0]?.offset);
  if (isProgress) mapping.successes += 1;
  if (outcome.kind !== "failed") reader.lastReason = "";
  else if (outcome.reason !== reader.lastReason && !mapping.stopping.aborted) {
    // Once a cause, not once a try: an outage is told, not drummed.
    reader.lastReason = outcome.reason;
    const { group, topic } = mapping;
    const facts = { group, topic, partition, offset: records[0]?.offset, records: records.length };
    mapping.log("warn", "an invocation failed", { ...facts, reason: outcome.reason });
  }
  return outcome;
};

/** The next records, those the filter drops left out; none at the stop. A broker that refuses is asked again. */
const take = async (reader: Reader, maxRecords: number, usedBytes: number): Promise<KafkaRecord[]> => {
  const { kafka, topic, filter, stopping } = reader.mapping;
  for (let round = 0; maxRecords > 0 && !stopping.aborted; round += 1) {
    try {
      const from = { topic, partition: reader.partition, offset: reader.position };
      const found = cutToPayload(await kafka.fetch(from, { maxRecords, maxBytes: maxFetchBytes }), usedBytes);
      // Abandoned while the broker was slow: what was fetched is fetched again after the next start.
      if (stopping.aborted) return [];
      reader.position = (found.at(-1)?.offset ?? reader.position - 1) + 1;
      return filter ? found.filter(({ value }) => isKept(value, filter)) : found;
    } catch (error) {
      if (!isRetriable(error)) throw error;
      await pause(backOffMs(round), stopping);
    }
  }
  return [];
};

/** What is not JSON is kept: dropped, it would be lost without a word; the handler names it, and it becomes a dead letter. */
const isKept = (value: Buffer | null, filter: (value: unknown) => boolean): boolean => {
  const parsed = parseValue(value);
  return !parsed.ok || filter(parsed.json);
};

/** A record is not passed before its dead letter is stored. */
const giveUp = async (reader: Reader, record: KafkaRecord, reason: string, attempts: number): Promise<boolean> => {
  const { kafka, group, deadLetterTopic, log, stopping } = reader.mapping;
  for (let round = 0; !reader.mapping.isAbandoned; round += 1) {
    try {
      await kafka.publish([deadLetterOf(record, deadLetterTopic, { group, reason, attempts })]);
      const { topic, partition, offset } = record;
      log("error", "a record went to the dead-letter topic", { group, topic, partition, offset, attempts, reason });
      return true;
    } catch (error) {
      if (!isRetriable(error)) throw error;
      if (!(await pause(backOffMs(round), stopping))) return false;
    }
  }
  return false;
};

const commit = (reader: Reader, next: number): void => {
  const { kafka, group, topic, isAbandoned } = reader.mapping;
  if (isAbandoned || next === reader.committed) return;
  kafka.commit({ group, topic, partition: reader.partition }, next);
  reader.committed = next;
};

const backOffMs = (round: number): number => Math.min(25 * 2 ** round, maxBackOffMs);

/** False when the stop came first. */
const pause = async (ms: number, stopping: AbortSignal): Promise<boolean> => {
  await sleep(ms, undefined, { signal: stopping }).catch(() => undefined);
  return !stopping.aborted;
};
