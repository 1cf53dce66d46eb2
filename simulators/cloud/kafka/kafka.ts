// Stand-in for Kafka, in process: topics of partitions, records by key, offsets, consumer groups. Kept in one SQLite file, so
// that a restart, or a kill, goes on where it was. What `publish` has resolved is stored. Faults are played at publish and fetch.
import type { Faults } from "../faults.ts";
import { brokerError, playBrokerFault } from "./broker-error.ts";
import { bytesOf, type KafkaRecord, type NewRecord, sizeBytesOf } from "./kafka-record.ts";
import { partitionOf } from "./murmur2.ts";
import { extendLog, openPartitionLog, type PartitionLog, readTail, waitForEnd } from "./partition-log.ts";
import { type ReadableRecord, readableRecord } from "./readable-record.ts";
import { openRecordFile, type RecordFile } from "./record-file.ts";
import { defaultRetention, forgettable, type Retention } from "./retention.ts";

export type Place = { topic: string; partition: number };
export type Group = Place & { group: string };

export type Kafka = {
  /** Resolves when all records are stored, in order per key; stores none when one is refused. @throws a BrokerError. */
  publish: (records: readonly NewRecord[]) => Promise<void>;
  /** Makes a topic, or more partitions for one that has fewer. Never takes one away. */
  createTopic: (topic: string, partitions: number) => void;
  /** Calls with each partition of a topic, those to come too, until the signal aborts. */
  eachPartition: (topic: string, signal: AbortSignal, tell: (partition: number) => void) => void;
  /** Records from `offset` on, in order; at least one when there is one. @throws a BrokerError. */
  fetch: (from: Place & { offset: number }, limits: { maxRecords: number; maxBytes: number }) => Promise<KafkaRecord[]>;
  /** Resolves when the partition has reached `end`, when `timeoutMs` is over or when the signal aborts. */
  waitForEnd: (place: Place, end: number, timeoutMs: number, signal: AbortSignal) => Promise<void>;
  /** The next offset a group reads: what it committed; of a new group, the oldest there is. */
  position: (group: Group) => number;
  /** Moves a group on; it never goes back. @throws a BrokerError for an offset that is not there yet. */
  commit: (group: Group, next: number) => void;
  /** Records a group has yet to read, all partitions. */
  lag: (group: string, topic: string) => number;
  /** The newest records of a topic, newest first, to be read by a person. */
  read: (topic: string, limit: number) => ReadableRecord[];
  close: () => void;
};

/** `file` may be `:memory:`. */
export type KafkaOptions = { file: string; faults: Faults; now?: () => number; retention?: Retention };

/** The broker's `message.max.bytes`. Headers do not count here, so that what was taken always fits as a dead letter. */
const maxRecordBytes = 1_048_588;
const pageRecords = 500;
const forgetEveryMs = 60_000;
/** Removed at once of a partition, so that nobody waits long for it; the next go follows soon. */
const maxForgotten = 500;
const forgetAgainMs = 100;

type Broker = {
  file: RecordFile;
  topics: Map<string, PartitionLog[]>;
  growth: Set<(log: PartitionLog) => void>;
  now: () => number;
  retention: Retention;
  forgetAt: number;
  /** Where the next record without a key goes: to each partition in turn. */
  keyless: number;
};

/** @throws when the file cannot be written. */
export const openKafka = ({ file, faults, now = Date.now, retention = defaultRetention }: KafkaOptions): Kafka => {
  const broker: Broker = {
    file: openRecordFile(file),
    topics: new Map(),
    growth: new Set(),
    now,
    retention,
    forgetAt: now() + forgetEveryMs,
    keyless: 0,
  };
  load(broker);
  return {
    publish: async (records) => {
      const fault = faults.take("kafka");
      const partial = fault && (await playBrokerFault(fault));
      if (!partial) return append(broker, records);
      append(broker, records.slice(0, Math.ceil(records.length / 2)));
      throw brokerError("REQUEST_TIMED_OUT", "A part was stored; the answer was lost.");
    },
    createTopic: (topic, partitions) => createTopic(broker, topic, partitions),
    eachPartition: (topic, signal, tell) => {
      const tellOf = (log: PartitionLog) => {
        if (log.topic === topic) tell(log.number);
      };
      for (const log of topicOf(broker, topic)) tellOf(log);
      broker.growth.add(tellOf);
      signal.addEventListener("abort", () => broker.growth.delete(tellOf), { once: true });
    },
    fetch: async (from, limits) => {
      const fault = faults.take("kafka");
      const partial = fault && (await playBrokerFault(fault));
      return readLog(broker, logOf(broker, from), from.offset, partial ? { ...limits, maxRecords: 1 } : limits);
    },
    waitForEnd: (place, end, timeoutMs, signal) => waitForEnd(logOf(broker, place), end, timeoutMs, signal),
    position: (group) => positionOf(logOf(broker, group), group.group),
    commit: (group, next) => commit(broker, group, next),
    lag: (group, topic) => topicOf(broker, topic).reduce((sum, log) => sum + log.end - positionOf(log, group), 0),
    read: (topic, limit) => readNewest(broker, topic, limit),
    close: () => broker.file.close(),
  };
};

const load = ({ file, topics }: Broker): void => {
  const byId = new Map<number, PartitionLog>();
  for (const state of file.partitions()) {
    const log = openPartitionLog(state);
    byId.set(state.id, log);
    topics.set(state.topic, [...(topics.get(state.topic) ?? []), log]);
  }
  for (const { group, partitionId, next, at } of file.groupOffsets()) {
    byId.get(partitionId)?.committed.set(group, { next, at });
  }
};

const createTopic = ({ file, topics, growth }: Broker, topic: string, partitions: number): void => {
  if (!Number.isInteger(partitions) || partitions < 1) throw new Error(`${topic} needs one partition or more.`);
  const logs = topics.get(topic) ?? [];
  if (logs.length >= partitions) return;
  const added = file.addPartitions(topic, logs.length, partitions).map(openPartitionLog);
  topics.set(topic, [...logs, ...added]);
  for (const log of added) for (const tell of growth) tell(log);
};

const topicOf = ({ topics }: Broker, topic: string): PartitionLog[] => {
  const logs = topics.get(topic);
  if (!logs) throw brokerError("UNKNOWN_TOPIC_OR_PARTITION", `There is no topic ${topic}.`);
  return logs;
};

const logOf = (broker: Broker, { topic, partition }: Place): PartitionLog => {
  const log = topicOf(broker, topic)[partition];
  if (!log) throw brokerError("UNKNOWN_TOPIC_OR_PARTITION", `${topic} has no partition ${partition}.`);
  return log;
};

/** All in one transaction: a publish is stored whole or not at all, and in the order given. */
const append = (broker: Broker, records: readonly NewRecord[]): void => {
  if (records.length === 0) return;
  const at = broker.now();
  const added = new Map<PartitionLog, KafkaRecord[]>();
  const rows: { partitionId: number; record: KafkaRecord }[] = [];
  for (const { topic, key: rawKey, value: rawValue, headers = {} } of records) {
    const [logs, key, value] = [topicOf(broker, topic), bytesOf(rawKey), bytesOf(rawValue)];
    if (sizeBytesOf({ key, value }) > maxRecordBytes) {
      throw brokerError("MESSAGE_TOO_LARGE", `A record for ${topic} is larger than ${maxRecordBytes} bytes.`);
    }
    const partition = key ? partitionOf(key, logs.length) : broker.keyless++ % logs.length;
    const log = logOf(broker, { topic, partition });
    const fresh = added.get(log) ?? [];
    const record = { topic, partition, offset: log.end + fresh.length, at, key, value, headers };
    added.set(log, fresh);
    fresh.push(record);
    rows.push({ partitionId: log.id, record });
  }
  broker.file.append(rows);
  for (const [log, fresh] of added) extendLog(log, fresh);
  forgetSometimes(broker, at);
};

/** From memory when it is there, else from the file, by pages. */
const readLog = (
  { file }: Broker,
  log: PartitionLog,
  offset: number,
  { maxRecords, maxBytes }: { maxRecords: number; maxBytes: number },
): KafkaRecord[] => {
  const found: KafkaRecord[] = [];
  let bytes = 0;
  while (found.length < maxRecords) {
    const next = (found.at(-1)?.offset ?? offset - 1) + 1;
    const limit = Math.min(pageRecords, maxRecords - found.length);
    const page = readTail(log, next, limit) ?? file.read(log, next, limit);
    for (const record of page) {
      bytes += sizeBytesOf(record);
      if (bytes > maxBytes && found.length > 0) return found;
      found.push(record);
    }
    if (page.length < limit) return found;
  }
  return found;
};

const positionOf = (log: PartitionLog, group: string): number =>
  Math.max(log.committed.get(group)?.next ?? 0, log.start);

const commit = (broker: Broker, { group, ...place }: Group, next: number): void => {
  const log = logOf(broker, place);
  if (next > log.end) {
    throw brokerError("OFFSET_OUT_OF_RANGE", `${place.topic}-${place.partition} ends at ${log.end}, not ${next}.`);
  }
  const at = broker.now();
  broker.file.commit({ group, partitionId: log.id, next, at });
  log.committed.set(group, { next: Math.max(next, log.committed.get(group)?.next ?? 0), at });
};

const readNewest = (broker: Broker, topic: string, limit: number): ReadableRecord[] =>
  topicOf(broker, topic)
    .flatMap((log) => readLog(broker, log, Math.max(log.start, log.end - limit), { maxRecords: limit, maxBytes: 1e9 }))
    .sort((one, other) => other.at - one.at || other.offset - one.offset)
    .slice(0, limit)
    .map(readableRecord);

/** Keeps the file bounded, little by little, on the way of a publish: no timer to stop. */
const forgetSometimes = (broker: Broker, now: number): void => {
  if (now < broker.forgetAt) return;
  let forgotten = 0;
  for (const log of [...broker.topics.values()].flat()) {
    for (const { below, before } of forgettable(log, broker.retention, now)) {
      const start = broker.file.forget(log, below, before, maxForgotten);
      forgotten += start - log.start;
      log.start = start;
    }
  }
  broker.forgetAt = now + (forgotten > 0 ? forgetAgainMs : forgetEveryMs);
};
