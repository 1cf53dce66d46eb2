// A record nobody could handle, as it is kept in the dead-letter topic: key and value byte for byte, all the rest in headers;
// and the way back, once the cause is gone.
import type { Kafka } from "../kafka/kafka.ts";
import type { KafkaRecord, NewRecord } from "../kafka/kafka-record.ts";

export type Failure = { group: string; reason: string; attempts: number };

/** A record must stay below the broker's limit, whatever an error says. */
const maxReasonLength = 2000;

export const deadLetterOf = (record: KafkaRecord, deadLetterTopic: string, failure: Failure): NewRecord => ({
  topic: deadLetterTopic,
  key: record.key,
  value: record.value,
  headers: {
    ...record.headers,
    "original-topic": record.topic,
    "original-partition": String(record.partition),
    "original-offset": String(record.offset),
    "original-at": new Date(record.at).toISOString(),
    group: failure.group,
    attempts: String(failure.attempts),
    reason: failure.reason.slice(0, maxReasonLength),
  },
});

/** Redriven records are remembered under this group, so that each goes back once. */
const redriveGroup = "logwatch-redrive";
const redriveAtOnce = 500;

/**
 * Publishes dead letters to the topics they came from, to be handled again by every group there: all that were not sent back
 * before. Says how many. After a kill in between some may go back twice. @throws a BrokerError.
 */
export const redriveDeadLetters = async (kafka: Kafka, topic: string): Promise<number> => {
  let redriven = 0;
  const stopping = new AbortController();
  const partitions: number[] = [];
  kafka.eachPartition(topic, stopping.signal, (partition) => void partitions.push(partition));
  stopping.abort();
  for (const partition of partitions) {
    const group = { group: redriveGroup, topic, partition };
    for (;;) {
      const from = { topic, partition, offset: kafka.position(group) };
      const records = await kafka.fetch(from, { maxRecords: redriveAtOnce, maxBytes: Number.MAX_SAFE_INTEGER });
      const last = records.at(-1);
      if (!last) break;
      await kafka.publish(records.flatMap(originalOf));
      kafka.commit(group, last.offset + 1);
      redriven += records.length;
    }
  }
  return redriven;
};

/** The record as it was; where it has been stays in its headers. */
const originalOf = ({ key, value, headers }: KafkaRecord): NewRecord[] => {
  const topic = headers["original-topic"];
  return topic === undefined ? [] : [{ topic, key, value, headers }];
};
