// Cuts messages into buckets of time: on the unit, empty ones between the first and the last, none outside.
import type { Window } from "@logwatch/events";
import { openSearchError, searchProblem } from "./api-answer.ts";
import { type Message, readField } from "./message.ts";

/** `2w`: every two weeks. */
export type Interval = { count: number; unit: string };
export type TimeBucket = { at: number; messages: Message[] };

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
/** 1970 began on a Thursday; weeks begin on Monday. */
const firstMondayMs = 4 * 86_400_000;
const maxBuckets = 65_535;

export const intervalOf = (text: string): Interval | undefined => {
  const [, count, unit] = /^(\d{1,6})([smhdwMy])$/.exec(text) ?? [];
  return count && unit && Number(count) > 0 ? { count: Number(count), unit } : undefined;
};

/** About sixty buckets over the window; `scaling` makes them longer. */
export const autoInterval = ({ from, to }: Window, scaling: number): Interval => {
  const steps = [1, 5, 10, 15, 30, 60, 300, 600, 900, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 604_800, 2_592_000];
  const seconds = steps.find((step) => step * 1000 >= (to - from) / 60) ?? 31_536_000;
  return { count: Math.max(1, Math.round(seconds * scaling)), unit: "s" };
};

export const timeBuckets = (messages: readonly Message[], field: string, interval: Interval): TimeBucket[] => {
  const byStart = new Map<number, Message[]>();
  for (const message of messages) {
    const value = readField(message, field);
    if (typeof value !== "number") continue;
    const start = startOf(value, interval);
    const bucket = byStart.get(start);
    if (bucket) bucket.push(message);
    else byStart.set(start, [message]);
  }
  const starts = [...byStart.keys()].sort((a, b) => a - b);
  const [first] = starts;
  const last = starts.at(-1);
  if (first === undefined || last === undefined) return [];
  const buckets: TimeBucket[] = [];
  for (let at = first; at <= last; at = startAfter(at, interval)) {
    if (buckets.length >= maxBuckets) searchProblem(tooManyBuckets(buckets.length + 1));
    buckets.push({ at, messages: byStart.get(at) ?? [] });
  }
  return buckets;
};

const startOf = (at: number, { count, unit }: Interval): number => {
  const ms = unitMs[unit];
  if (ms !== undefined) {
    const origin = unit === "w" ? firstMondayMs : 0;
    return Math.floor((at - origin) / (ms * count)) * ms * count + origin;
  }
  const date = new Date(at);
  const months = date.getUTCFullYear() * 12 + date.getUTCMonth();
  const step = unit === "y" ? 12 * count : count;
  return monthStart(Math.floor(months / step) * step);
};

const startAfter = (at: number, { count, unit }: Interval): number => {
  const ms = unitMs[unit];
  if (ms !== undefined) return at + ms * count;
  const date = new Date(at);
  return monthStart(date.getUTCFullYear() * 12 + date.getUTCMonth() + (unit === "y" ? 12 * count : count));
};

const monthStart = (months: number): number => Date.UTC(Math.floor(months / 12), months % 12, 1);

const tooManyBuckets = (count: number): string =>
  openSearchError(
    "too_many_buckets_exception",
    `Trying to create too many buckets. Must be less than or equal to: [${maxBuckets}] but was [${count}]. This limit can be set by changing the [search.max_buckets] cluster level setting.`,
  );
