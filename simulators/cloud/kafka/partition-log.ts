// One partition in memory: where it stands, its newest records, what each group has committed, and who waits for more.
import { type KafkaRecord, sizeBytesOf } from "./kafka-record.ts";
import type { PartitionState } from "./record-file.ts";

/** The newest records of a partition stay in memory: consumers that keep up, several of a topic, never pay for a read of the file. */
const maxTailRecords = 4000;
const maxTailBytes = 2 * 1024 * 1024;

export type PartitionLog = PartitionState & {
  /** By group: the next offset to read, and when it was last committed. */
  committed: Map<string, { next: number; at: number }>;
  /** The newest records, without gaps up to the end. */
  tail: KafkaRecord[];
  tailBytes: number;
  waiting: Set<{ end: number; resolve: () => void }>;
};

export const openPartitionLog = (state: PartitionState): PartitionLog => ({
  ...state,
  committed: new Map(),
  tail: [],
  tailBytes: 0,
  waiting: new Set(),
});

/** Takes in records that are stored, and tells whoever waited for them. */
export const extendLog = (log: PartitionLog, records: readonly KafkaRecord[]): void => {
  for (const record of records) {
    log.tail.push(record);
    log.tailBytes += sizeBytesOf(record);
    // Half at once: dropping one record at a time would copy the rest each time.
    if (log.tail.length > maxTailRecords || log.tailBytes > maxTailBytes) dropOldHalf(log);
  }
  log.end += records.length;
  for (const one of log.waiting) if (one.end <= log.end) one.resolve();
};

const dropOldHalf = (log: PartitionLog): void => {
  for (const record of log.tail.splice(0, Math.ceil(log.tail.length / 2))) log.tailBytes -= sizeBytesOf(record);
};

/** Records from memory, or undefined when `offset` is older than what is there. */
export const readTail = (log: PartitionLog, offset: number, limit: number): KafkaRecord[] | undefined => {
  const first = log.tail[0]?.offset;
  return first === undefined || offset < first ? undefined : log.tail.slice(offset - first, offset - first + limit);
};

/** Resolves when the log has reached `end`, when time is over, or when the signal says so: whatever comes first. */
export const waitForEnd = (log: PartitionLog, end: number, timeoutMs: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (log.end >= end || timeoutMs <= 0 || signal.aborted) return resolve();
    const waiter = {
      end,
      resolve: () => {
        log.waiting.delete(waiter);
        clearTimeout(timer);
        signal.removeEventListener("abort", waiter.resolve);
        resolve();
      },
    };
    const timer = Number.isFinite(timeoutMs) ? setTimeout(waiter.resolve, timeoutMs) : undefined;
    log.waiting.add(waiter);
    signal.addEventListener("abort", waiter.resolve);
  });
