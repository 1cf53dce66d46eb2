// The broker's state: topics and their partitions, over one file; found by name, loaded at the start, and grown.
import { brokerError } from "./broker-error.ts";
import { openPartitionLog, type PartitionLog } from "./partition-log.ts";
import type { RecordFile } from "./record-file.ts";
import type { Retention } from "./retention.ts";

export type Place = { topic: string; partition: number };
export type Group = Place & { group: string };

export type Broker = {
  file: RecordFile;
  topics: Map<string, PartitionLog[]>;
  growth: Set<(log: PartitionLog) => void>;
  now: () => number;
  retention: Retention;
  forgetAt: number;
  /** Where the next record without a key goes: to each partition in turn. */
  keyless: number;
};

/** Takes over what the file has. */
export const loadTopics = ({ file, topics }: Broker): void => {
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

export const createTopic = ({ file, topics, growth }: Broker, topic: string, partitions: number): void => {
  if (!Number.isInteger(partitions) || partitions < 1) throw new Error(`${topic} needs one partition or more.`);
  const logs = topics.get(topic) ?? [];
  if (logs.length >= partitions) return;
  const added = file.addPartitions(topic, logs.length, partitions).map(openPartitionLog);
  topics.set(topic, [...logs, ...added]);
  for (const log of added) for (const tell of growth) tell(log);
};

/** @throws a BrokerError for a topic that is not there. */
export const topicOf = ({ topics }: Broker, topic: string): PartitionLog[] => {
  const logs = topics.get(topic);
  if (!logs) throw brokerError("UNKNOWN_TOPIC_OR_PARTITION", `There is no topic ${topic}.`);
  return logs;
};

/** @throws a BrokerError for a partition that is not there. */
export const logOf = (broker: Broker, { topic, partition }: Place): PartitionLog => {
  const log = topicOf(broker, topic)[partition];
  if (!log) throw brokerError("UNKNOWN_TOPIC_OR_PARTITION", `${topic} has no partition ${partition}.`);
  return log;
};

/** The next offset a group reads: what it committed; of a new group, the oldest there is. */
export const positionOf = (log: PartitionLog, group: string): number =>
  Math.max(log.committed.get(group)?.next ?? 0, log.start);

/** @throws a BrokerError for an offset that is not there yet. */
export const commit = (broker: Broker, { group, ...place }: Group, next: number): void => {
  const log = logOf(broker, place);
  if (next > log.end) {
    throw brokerError("OFFSET_OUT_OF_RANGE", `${place.topic}-${place.partition} ends at ${log.end}, not ${next}.`);
  }
  const at = broker.now();
  broker.file.commit({ group, partitionId: log.id, next, at });
  log.committed.set(group, { next: Math.max(next, log.committed.get(group)?.next ?? 0), at });
};
