// Time buckets that start on the epoch's multiples, as every source cuts a histogram. Times in epoch ms.
import type { Window } from "@logwatch/events";

/** Where buckets lie: `first` is the start of the one that holds `from`; `count` of them overlap the window. */
export type Buckets = { first: number; everyMs: number; count: number };

export const buckets = (window: Window, everyMs: number): Buckets => {
  const first = Math.floor(window.from / everyMs) * everyMs;
  return { first, everyMs, count: window.to > window.from ? Math.ceil((window.to - first) / everyMs) : 0 };
};

/** Adds to the bucket that holds `at`; moments outside are not counted. */
export const addToBucket = (totals: number[], { first, everyMs }: Buckets, at: number, amount: number): void => {
  const index = Math.floor((at - first) / everyMs);
  const total = totals[index];
  if (total !== undefined) totals[index] = total + amount;
};

export const emptyBuckets = ({ count }: Buckets): number[] => new Array<number>(count).fill(0);

/** Every bucket with its start, oldest first. */
export const bucketPoints = (totals: readonly number[], { first, everyMs }: Buckets): { at: number; value: number }[] =>
  totals.map((value, index) => ({ at: first + index * everyMs, value }));
