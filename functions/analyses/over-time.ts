// Counts over time, whole and by the values of one field: what the analyses that draw a line ask and read. Pure.
import type { Window } from "@logwatch/events";
import type { Answer, Part } from "../lib/question.ts";
import { seriesIn, type TimeSeries } from "./answer-parts.ts";
import { totalOf } from "./measured.ts";

export type OverTime = { every: number; by: string; maxGroups: number };

/** A chart has no more pixels to show than this many points, and every series of a result has as many. */
const mostPoints = 500;
/** Points of all series together that any log store answers in one go. */
const mostValues = 15_000;

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** Lengths that log stores cut time into. Others they make up from shorter ones, which costs as many rows more. */
const lengthsMs = [
  ...[1, 2, 5, 10, 15, 20, 30].map((count) => count * secondMs),
  ...[1, 2, 5, 10, 15, 20, 30].map((count) => count * minuteMs),
  ...[1, 2, 3, 4, 6, 8, 12].map((count) => count * hourMs),
  ...[1, 2, 4, 7].map((count) => count * dayMs),
];

/** `by` is "" for the whole alone. */
export const partsOverTime = ({ every, by, maxGroups }: OverTime, window: Window): Record<string, Part> => {
  const everyMs = bucketMs(every, window, by === "" ? mostPoints : Math.min(mostPoints, mostValues / (maxGroups + 2)));
  const whole: Part = { kind: "histogram", everyMs };
  return by === "" ? { whole } : { whole, values: { kind: "histogram", everyMs, by, limit: maxGroups } };
};

/** `total` is how many there were, `peak` how many in the fullest bucket. */
export type ReadOverTime = { total: number; peak: number; whole: TimeSeries[]; values: TimeSeries[] };

export const readOverTime = (answer: Answer, by: string): ReadOverTime => {
  const whole = seriesIn(answer, "whole");
  const peak = whole.reduce((most, { points }) => points.reduce((high, { value }) => Math.max(high, value), most), 0);
  const total = whole.reduce((sum, series) => sum + totalOf(series), 0);
  return { total, peak, whole, values: by === "" ? [] : seriesIn(answer, "values") };
};

/** The asked length, or the next that can be cut and gives no more than `most` points: a long window has longer ones. */
const bucketMs = (every: number, { from, to }: Window, most: number): number => {
  const leastMs = Math.max(every, (to - from) / Math.max(1, most));
  return lengthsMs.find((length) => length >= leastMs) ?? 7 * dayMs;
};
