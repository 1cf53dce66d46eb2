// Stand-in for Kafka, in process: topics of partitions, records by key, offsets, consumer groups. Kept in one SQLite file, so
// that a restart, or a kill, goes on where it was. What `publish` has resolved is stored. Faults are played at publish and fetch.
import type { Faults } from "../faults.ts";
import { appendRecords, forgetEveryMs } from "./append-records.ts";
import {
  type Broker,
  commit,
  createTopic,
  type Group,
  loadTopics,
  logOf,
  type Place,
  positionOf,
  topicOf,
} from "./broker.ts";
import { brokerError, playBrokerFault } from "./broker-error.ts";
import type { KafkaRecord, NewRecord } from "./kafka-record.ts";
import { type PartitionLog, waitForEnd } from "./partition-log.ts";
import { type ReadLimits, readLog, readNewest } from "./read-log.ts";
import type { ReadableRecord } from "./readable-record.ts";
import { openRecordFile } from "./record-file.ts";
import { defaultRetention, type Retention } from "./retention.ts";

export type Kafka = {
  /** Resolves when all records are stored, in order per key; stores none when one is refused. @throws a BrokerError. */
  publish: (records: readonly NewRecord[]) => Promise<void>;
  /** Makes a topic, or more partitions for one that has fewer. Never takes one away. */
  createTopic: (topic: string, partitions: number) => void;
  /** Calls with each partition of a topic, those to come too, until the signal aborts. */
  eachPartition: (topic: string, signal: AbortSignal, tell: (partition: number) => void) => void;
  /** Records from `offset` on, in order; at least one when there is one. @throws a BrokerError. */
  fetch: (from: Place & { offset: number }, limits: ReadLimits) => Promise<KafkaRecord[]>;
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
  loadTopics(broker);
  return {
    publish: async (records) => {
      const fault = faults.take("kafka");
      const partial = fault && (await playBrokerFault(fault));
      if (!partial) return appendRecords(broker, records);
      appendRecords(broker, records.slice(0, Math.ceil(records.length / 2)));
      throw brokerError("REQUEST_TIMED_OUT", "A part was stored; the answer was lost.");
    },
    createTopic: (topic, partitions) => createTopic(broker, topic, partitions),
    eachPartition: (topic, signal, tell) => eachPartition(broker, topic, signal, tell),
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

const eachPartition = (broker: Broker, topic: string, signal: AbortSignal, tell: (partition: number) => void): void => {
  const tellOf = (log: PartitionLog) => {
    if (log.topic === topic) tell(log.number);
  };
  for (const log of topicOf(broker, topic)) tellOf(log);
  broker.growth.add(tellOf);
  signal.addEventListener("abort", () => broker.growth.delete(tellOf), { once: true });
};
