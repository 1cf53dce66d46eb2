// A record as a person reads it, as JSON: what a page or `curl` shows of a topic.
import type { KafkaRecord } from "./kafka-record.ts";

export type ReadableRecord = {
  topic: string;
  partition: number;
  offset: number;
  at: string;
  key: string | null;
  /** The parsed value when it is JSON; its text when it is UTF-8; else `{ base64 }`. */
  value: unknown;
  headers: Readonly<Record<string, string>>;
};

export const readableRecord = ({ topic, partition, offset, at, key, value, headers }: KafkaRecord): ReadableRecord => ({
  topic,
  partition,
  offset,
  at: new Date(at).toISOString(),
  key: key === null ? null : key.toString(),
  value: value === null ? null : readableValue(value),
  headers,
});

const readableValue = (value: Buffer): unknown => {
  const text = value.toString();
  if (!Buffer.from(text).equals(value)) return { base64: value.toString("base64") };
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};
