// The edge of every step that reads Kafka: MSK batches in, typed events out, and which records failed.
// A record that is not what its schema says is named in the partial batch response; what stands before it is handled first.
import type { MSKEvent, MSKRecord } from "aws-lambda";
import * as z from "zod";

/**
 * AWS's partial batch response for Kafka; @types/aws-lambda does not have it. `reason` is ours and never leaves the process: it is
 * not enumerable, so JSON knows nothing of it. A host in the same process puts it beside the dead letter.
 */
export type KafkaBatchResponse = {
  batchItemFailures: { itemIdentifier: { partition: string; offset: number }; reason?: string }[];
};
export type KafkaHandler = (event: MSKEvent) => Promise<KafkaBatchResponse>;

/** What one batch held: the events up to the first bad record of each partition, and those bad records. */
type Read<Event> = { events: Event[]; failures: KafkaBatchResponse["batchItemFailures"] };

/**
 * Wraps a step's core. The core gets all events of the batch in order and throws when it cannot handle them: then the whole
 * batch is tried again, and the event source mapping bisects it.
 */
export const kafkaHandler =
  <Event>(schema: z.ZodType<Event>, handle: (events: Event[]) => Promise<void>): KafkaHandler =>
  async (batch) => {
    const { events, failures } = readBatch(schema, batch);
    if (events.length > 0) await handle(events);
    return { batchItemFailures: failures };
  };

const readBatch = <Event>(schema: z.ZodType<Event>, batch: MSKEvent): Read<Event> => {
  const read: Read<Event> = { events: [], failures: [] };
  for (const [partition, records] of Object.entries(batch.records)) {
    for (const record of records) {
      const event = decodeRecord(schema, record);
      if (!event.success) {
        const failure = { itemIdentifier: { partition, offset: record.offset } };
        read.failures.push(Object.defineProperty(failure, "reason", { value: event.reason, enumerable: false }));
        break;
      }
      read.events.push(event.data);
    }
  }
  return read;
};

/** The event in a record, or why there is none: not base64 JSON, or not of this shape. */
export const decodeRecord = <Event>(
  schema: z.ZodType<Event>,
  record: Pick<MSKRecord, "value">,
): { success: true; data: Event } | { success: false; reason: string } => {
  let json: unknown;
  try {
    // A tombstone has no value at all, whatever the type says.
    json = JSON.parse(Buffer.from(record.value ?? "", "base64").toString("utf8"));
  } catch (error) {
    return { success: false, reason: `not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  const parsed = schema.safeParse(json);
  return parsed.success ? parsed : { success: false, reason: z.prettifyError(parsed.error) };
};
