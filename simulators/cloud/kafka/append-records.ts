// How records get into the log: each finds its partition, all are stored in one transaction, and whoever waits is told.
import { type Broker, logOf, topicOf } from "./broker.ts";
import { brokerError } from "./broker-error.ts";
import { bytesOf, type KafkaRecord, type NewRecord, sizeBytesOf } from "./kafka-record.ts";
import { partitionOf } from "./murmur2.ts";
import { extendLog, type PartitionLog } from "./partition-log.ts";
import { forgettable } from "./retention.ts";

/** The broker's `message.max.bytes`. Headers do not count here, so that what was taken always fits as a dead letter. */
const maxRecordBytes = 1_048_588;
/** Between two looks for what can go. */
export const forgetEveryMs = 60_000;
/** Removed at once of a partition, so that nobody waits long for it; the next go follows soon. */
const maxForgotten = 500;
const forgetAgainMs = 100;

/** Stored whole or not at all, and in the order given. @throws a BrokerError, or when the file cannot be written. */
export const appendRecords = (broker: Broker, records: readonly NewRecord[]): void => {
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
