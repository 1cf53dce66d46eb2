// What a partition may forget: what every group has read and what is old or too much. Pure.
import type { PartitionLog } from "./partition-log.ts";

export type Retention = {
  /** Records that every group has read are kept this long, ms; for a look back. */
  keptMs: number;
  /** … and no more than so many a partition. */
  maxRead: number;
  /** Records of a topic that no group reads, such as dead letters, are kept this long, ms. */
  unreadMs: number;
  /** A group that committed nothing for so long is gone for good, ms; Kafka's `offsets.retention.minutes` is as much. */
  groupMs: number;
};

const hourMs = 3_600_000;

export const defaultRetention: Retention = {
  keptMs: hourMs,
  maxRead: 50_000,
  unreadMs: 14 * 24 * hourMs,
  groupMs: 7 * 24 * hourMs,
};

/** Records below `below` go when they are older than `before`, epoch ms. */
export type Forgettable = { below: number; before: number };

/** In turn: what is read and old, and what is read and too much. The newest record always stays, as the end is known by it. */
export const forgettable = (log: PartitionLog, retention: Retention, now: number): Forgettable[] => {
  const newest = log.end - 1;
  const alive = [...log.committed.values()].filter(({ at }) => at > now - retention.groupMs);
  if (alive.length === 0) return [{ below: newest, before: now - retention.unreadMs }];
  const read = Math.min(newest, ...alive.map(({ next }) => next));
  return [
    { below: read, before: now - retention.keptMs },
    { below: Math.min(read, log.end - retention.maxRead), before: Number.MAX_SAFE_INTEGER },
  ];
};
