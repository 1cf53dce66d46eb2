// Counts over time, whole and by the values of one field: what the analyses that draw a line ask and read. Pure.
import type { Window } from "@logwatch/events";
import type { Answer, Part } from "../lib/question.ts";
import { type Groups, groupsIn, type SeriesGroups, seriesIn } from "./answer-parts.ts";
import { mostLines, totalOf } from "./measured.ts";

export type OverTime = { every: number; by: string; maxGroups: number };

/** A chart has no more pixels to show than this many points, and every line of a result has as many. */
const mostPoints = 500;

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const divisorsOfSixty = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30];
/** Lengths that log stores cut time into. Others they make up from shorter ones, which costs as many rows more. */
const lengthsMs = [
  ...divisorsOfSixty.map((count) => count * secondMs),
  ...divisorsOfSixty.map((count) => count * minuteMs),
  ...[1, 2, 3, 4, 6, 8, 12].map((count) => count * hourMs),
];

/**
 * `by` is "" for the whole alone. The values are counted apart from the lines that are drawn of them: rows of a log store are
 * points times lines, and what a rule judges must not be cut for the sake of a picture.
 */
export const partsOverTime = ({ every, by, maxGroups }: OverTime, window: Window): Record<string, Part> => {
  const everyMs = bucketMs(every, window);
  const whole: Part = { kind: "histogram", everyMs };
  if (by === "") return { whole };
  return {
    whole,
    values: { kind: "terms", by: [by], limit: maxGroups },
    lines: { kind: "histogram", everyMs, by, limit: mostLines },
  };
};

/** `total` is how many there were, `peak` how many in the fullest bucket. */
export type ReadOverTime = { total: number; peak: number; whole: SeriesGroups; values: Groups; lines: SeriesGroups };

export const readOverTime = (answer: Answer, by: string): ReadOverTime => {
  const whole = seriesIn(answer, "whole");
  const points = whole.series.flatMap((series) => series.points);
  const peak = points.reduce((high, { value }) => Math.max(high, value), 0);
  const total = whole.series.reduce((sum, series) => sum + totalOf(series), 0);
  if (by === "") return { total, peak, whole, values: noGroups, lines: noLines };
  return { total, peak, whole, values: groupsIn(answer, "values"), lines: seriesIn(answer, "lines") };
};

const noGroups: Groups = { rows: [], truncated: false };
const noLines: SeriesGroups = { series: [], truncated: false };

/** The asked length, or the next that can be cut and gives no more points than are drawn: a long window has longer ones. */
const bucketMs = (every: number, { from, to }: Window): number => {
  const leastMs = Math.max(every, (to - from) / mostPoints);
  return lengthsMs.find((length) => length >= leastMs) ?? dayMs * Math.ceil(leastMs / dayMs);
};
