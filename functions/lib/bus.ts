// The bus port: how steps hand events on. Kafka in production; an in-process log on a laptop; an array in tests.

/** A record to append: `value` is JSON text. Records with equal keys keep their order. */
export type OutgoingRecord = { topic: string; key: string; value: string; headers?: Record<string, string> };

/** Resolves when every record is stored, in order per key. @throws when the broker refuses. */
export type Publish = (records: readonly OutgoingRecord[]) => Promise<void>;
