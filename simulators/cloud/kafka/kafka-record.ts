// A record of the stand-in's log, on its way in and as it is kept. Key and value are bytes, as in Kafka; a null value is a tombstone.

export type NewRecord = {
  topic: string;
  key: string | Uint8Array | null;
  value: string | Uint8Array | null;
  headers?: Readonly<Record<string, string>> | undefined;
};

export type KafkaRecord = {
  topic: string;
  partition: number;
  /** Counts from 0 in each partition, without gaps. */
  offset: number;
  /** When it was published, epoch ms. */
  at: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: Readonly<Record<string, string>>;
};

/** Null stays null: an absent key or value is not an empty one. */
export const bytesOf = (content: string | Uint8Array | null): Buffer | null => {
  if (content === null) return null;
  return typeof content === "string" ? Buffer.from(content) : Buffer.from(content);
};

/** What a record weighs, key and value. */
export const sizeBytesOf = ({ key, value }: Pick<KafkaRecord, "key" | "value">): number =>
  (key?.length ?? 0) + (value?.length ?? 0);
