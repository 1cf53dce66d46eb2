// History as few points: which buckets a period has, which label sets matter, and what one point says. Pure.
// Additive units (count, bytes) are summed over windows that tile; where windows overlap a sum would count twice, and the largest
// window stands for the bucket. Of other units the mean stands for it. The least and the largest window are always told beside it.
import type { Labels } from "@logwatch/events";
import { labelsKey } from "../lib/labels.ts";
import { isAdditive, type StoredWindow } from "./thin-windows.ts";

/** Windows with `from < to <= until`; `name` alone, or all. */
export type SeriesQuery = {
  jobId: string;
  from: number;
  until: number;
  name?: string | undefined;
  maxPoints: number;
  maxSeries: number;
};

/** `at` is the bucket's start; `[from, to)` what its windows cover. `windows` is how many there are. A bucket without any has no point. */
export type SeriesPoint = {
  at: number;
  from: number;
  to: number;
  value: number;
  min: number;
  max: number;
  windows: number;
};

export type SeriesKey = { name: string; labels: Labels; unit: string };
export type SeriesOf = SeriesKey & { points: SeriesPoint[] };

/** `left`: how many more label sets were seen. `stepMs` is the length of a bucket. */
export type DownsampledSeries = { stepMs: number; series: SeriesOf[]; left: number };

/** The windows whose end falls into one bucket. `overlaps`: at least one of them begins before the one before it ends. */
export type Bucket = { at: number; from: number; to: number; windows: number; overlaps: boolean };

/** What the windows of a bucket that hold a label set say of it. */
export type Totals = { windows: number; sum: number; min: number; max: number };

const mostPoints = 500;
const mostSeries = 50;

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const steps = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * second),
  ...[1, 2, 3, 5, 10, 15, 20, 30].map((count) => count * minute),
  ...[1, 2, 3, 4, 6, 12].map((count) => count * hour),
];

/** The shortest bucket a person would choose that gives no more than `maxPoints`; a period that is not on an edge has one bucket more. */
export const stepFor = (from: number, until: number, maxPoints: number): number => {
  const leastMs = (until - from) / Math.max(1, Math.min(maxPoints, mostPoints) - 1);
  return steps.find((step) => step >= leastMs) ?? Math.ceil(leastMs / day) * day;
};

/** The start of the bucket a window belongs to: as `SQL` has it, a window that ends on an edge belongs to the bucket before it. */
export const bucketStart = (to: number, stepMs: number): number => to - 1 - ((to - 1) % stepMs);

/**
 * The label sets to show, of these windows: wholes first, then those with the largest totals. `left` is how many others there were.
 */
export const rankSeries = (
  windows: readonly StoredWindow[],
  { name, maxSeries }: Pick<SeriesQuery, "name" | "maxSeries">,
): { chosen: SeriesKey[]; left: number } => {
  const known = new Map<string, SeriesKey & { key: string; total: number }>();
  for (const window of windows) {
    for (const one of window.measurements) {
      if (name !== undefined && one.name !== name) continue;
      const key = `${one.name}\n${labelsKey(one.labels)}`;
      const before = known.get(key);
      if (before) before.total += one.value;
      else known.set(key, { key, name: one.name, labels: one.labels, unit: one.unit, total: one.value });
    }
  }
  const ranked = [...known.values()].sort(
    (left, right) =>
      Number(isWhole(right)) - Number(isWhole(left)) ||
      (isWhole(left) ? 0 : right.total - left.total) ||
      (left.key < right.key ? -1 : 1),
  );
  const most = Math.min(maxSeries, mostSeries);
  const chosen = ranked.slice(0, most).map(({ name, labels, unit }) => ({ name, labels, unit }));
  return { chosen, left: Math.max(0, ranked.length - most) };
};

const isWhole = ({ labels }: Pick<SeriesKey, "labels">): boolean => Object.keys(labels).length === 0;

/**
 * One point, or none. A group without logs is not listed by an analysis, so a label set that some windows of the bucket lack was
 * zero there; the whole (no labels) is always listed, and where it is not, nobody measured it.
 */
export const pointOf = (bucket: Bucket, key: SeriesKey, totals: Totals | undefined): SeriesPoint | undefined => {
  const span = { at: bucket.at, from: bucket.from, to: bucket.to, windows: bucket.windows };
  const canBeAbsent = isAdditive(key.unit) && !isWhole(key);
  if (!totals || totals.windows === 0) return canBeAbsent ? { ...span, value: 0, min: 0, max: 0 } : undefined;
  const isPartial = canBeAbsent && totals.windows < bucket.windows;
  const min = isPartial ? Math.min(0, totals.min) : totals.min;
  const max = isPartial ? Math.max(0, totals.max) : totals.max;
  if (!isAdditive(key.unit)) return { ...span, value: totals.sum / totals.windows, min, max };
  return { ...span, value: bucket.overlaps ? max : totals.sum, min, max };
};
