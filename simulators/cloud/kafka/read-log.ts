// How records come out of the log: from memory when they are there, else from the file, by pages.
import { type Broker, topicOf } from "./broker.ts";
import { type KafkaRecord, sizeBytesOf } from "./kafka-record.ts";
import { type PartitionLog, readTail } from "./partition-log.ts";
import { type ReadableRecord, readableRecord } from "./readable-record.ts";

const pageRecords = 500;

export type ReadLimits = { maxRecords: number; maxBytes: number };

/** Records from `offset` on, in order; at least one when there is one, however large. */
export const readLog = (
  { file }: Pick<Broker, "file">,
  log: PartitionLog,
  offset: number,
  { maxRecords, maxBytes }: ReadLimits,
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

/** The newest records of a topic, newest first. */
export const readNewest = (broker: Broker, topic: string, limit: number): ReadableRecord[] =>
  topicOf(broker, topic)
    .flatMap((log) => readLog(broker, log, Math.max(log.start, log.end - limit), { maxRecords: limit, maxBytes: 1e9 }))
    .sort((one, other) => other.at - one.at || other.offset - one.offset)
    .slice(0, limit)
    .map(readableRecord);
