// The event a Lambda gets for records of a Kafka topic, and how large one may be. Keys and values are base64, headers arrays of bytes.
import type { MSKEvent, MSKRecord } from "aws-lambda";
import type { KafkaRecord } from "../kafka/kafka-record.ts";

/** Lambda's limit for the payload of an invocation. */
const maxPayloadBytes = 6 * 1024 * 1024;
/** JSON around a record: its field names, numbers and topic. */
const frameBytes = 300;

/** All records are of one topic. */
export const mskEvent = (records: readonly KafkaRecord[]): MSKEvent => {
  const byPartition: MSKEvent["records"] = {};
  for (const record of records) {
    const name = partitionName(record);
    const listed = byPartition[name] ?? [];
    byPartition[name] = listed;
    listed.push(mskRecord(record));
  }
  return {
    eventSource: "aws:kafka",
    eventSourceArn: "arn:aws:kafka:us-east-1:123456789012:cluster/logwatch/00000000-0000-4000-8000-000000000000-1",
    bootstrapServers: "127.0.0.1:9098",
    records: byPartition,
  };
};

/** How a partition is called in events and in partial batch responses. */
export const partitionName = ({ topic, partition }: Pick<KafkaRecord, "topic" | "partition">): string =>
  `${topic}-${partition}`;

const mskRecord = ({ topic, partition, offset, at, key, value, headers }: KafkaRecord): MSKRecord =>
  withNulls({
    topic,
    partition,
    offset,
    timestamp: at,
    timestampType: "CREATE_TIME",
    key: key?.toString("base64") ?? null,
    value: value?.toString("base64") ?? null,
    headers: Object.entries(headers).map(([name, text]) => ({ [name]: [...Buffer.from(text)] })),
  });

type RecordWithNulls = Omit<MSKRecord, "key" | "value"> & { key: string | null; value: string | null };

/** A record without key or value has null there on AWS, whatever @types/aws-lambda says; handlers must see the same here. */
const withNulls = (record: RecordWithNulls): MSKRecord => record as MSKRecord;

/** As many records from the start as one invocation can hold beside `used` bytes; one at least when nothing is used. */
export const cutToPayload = (records: readonly KafkaRecord[], used = 0): KafkaRecord[] => {
  let bytes = used;
  const end = records.findIndex((record, at) => {
    bytes += payloadBytesOf(record);
    return bytes > maxPayloadBytes && (at > 0 || used > 0);
  });
  return end === -1 ? [...records] : records.slice(0, end);
};

export const payloadBytesOf = ({ key, value, headers }: KafkaRecord): number => {
  let bytes = frameBytes + base64Bytes(key) + base64Bytes(value);
  // A byte of a header is written as a number with a comma: four characters at most.
  for (const [name, text] of Object.entries(headers)) bytes += name.length + 4 * Buffer.byteLength(text);
  return bytes;
};

const base64Bytes = (content: Buffer | null): number => Math.ceil((content?.length ?? 0) / 3) * 4;
