// Counts over time, whole and by the values of one field: what the analyses that draw a line ask and read. Pure.
import type { Window } from "@logwatch/events";
import type { Answer, Part } from "../lib/question.ts";
import { seriesIn, type TimeSeries } from "./answer-parts.ts";
import { totalOf } from "./measured.ts";

export type OverTime = { every: number; by: string; maxGroups: number };

/** A chart has no more pixels to show than this many points, and every series of a result has as many. */
const mostPoints = 500;

/** `by` is "" for the whole alone. */
export const partsOverTime = ({ every, by, maxGroups }: OverTime, window: Window): Record<string, Part> => {
  const everyMs = bucketMs(every, window);
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

/** A whole number of the asked length, so that buckets still start on its multiples. */
const bucketMs = (every: number, { from, to }: Window): number =>
  every * Math.max(1, Math.ceil((to - from) / (every * mostPoints)));
