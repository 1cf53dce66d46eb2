// Measurements and views from counts: what every analysis that counts logs has in common. Pure.
import type { Labels, Measurement, View } from "@logwatch/events";
import { digest } from "../lib/labels.ts";
import type { Group, Groups, SeriesGroups, TimeSeries } from "./answer-parts.ts";
import { cutToBytes, jsonBytes } from "./cut-to-bytes.ts";

/** What a chart shows of many groups; the measurements hold them all. */
const mostBars = 10;
export const mostRows = 100;
export const mostLines = 10;

/** In bytes of JSON: 1,000 made-up names of a kilobyte must not fill an event, nor an update about all of them. */
const longestValue = 200;

/** A value as a label. Longer ones are told apart by a digest of the whole. */
const labelValue = (text: string): string => {
  if (text.length <= longestValue && jsonBytes(text) <= longestValue) return text;
  const whole = digest(text);
  return `${cutToBytes(text, longestValue - whole.length)}${whole}`;
};

export const counted = (name: string, value: number, labels: Labels = {}): Measurement => ({
  name,
  labels: Object.fromEntries(Object.entries(labels).map(([label, text]) => [label, labelValue(text)])),
  value,
  unit: "count",
});

/** One measurement a group; `names` are those of the labels, in the order of the group's keys. */
export const countedGroups = (name: string, names: readonly string[], { rows }: Groups): Measurement[] =>
  rows.map(({ keys, count }) =>
    counted(name, count, Object.fromEntries(names.map((label, at) => [label, keys[at] ?? ""]))),
  );

export const stat = (title: string, value: number): View => ({ kind: "stat", title, value, unit: "count" });

export const bars = (title: string, { rows, truncated }: Groups): View => ({
  kind: "bar",
  title,
  truncated: truncated || rows.length > mostBars,
  bars: rows.slice(0, mostBars).map(({ keys, count }) => ({ label: shown(keys[0]), value: count })),
});

export const table = (title: string, columns: readonly string[], { rows, truncated }: Groups): View => ({
  kind: "table",
  title,
  truncated: truncated || rows.length > mostRows,
  columns: [...columns, "count"],
  rows: rows.slice(0, mostRows).map(({ keys, count }) => [...keys.map(shown), count]),
});

/** The series with the highest totals; one without a key is the whole and has no labels. */
export const timeseries = (title: string, label: string, { series, truncated }: SeriesGroups): View => ({
  kind: "timeseries",
  title,
  truncated: truncated || series.length > mostLines,
  series: [...series]
    .sort((left, right) => totalOf(right) - totalOf(left))
    .slice(0, mostLines)
    .map(({ key, points }) => ({ labels: key === null ? {} : { [label]: labelValue(key) }, points })),
});

export const totalOf = ({ points }: TimeSeries): number => points.reduce((total, { value }) => total + value, 0);

/** Adds up groups under new keys, highest first. Keys are data, so they are kept in a map and never in an object. */
export const regrouped = ({ rows, truncated }: Groups, keysOf: (group: Group) => string[]): Groups => {
  const sums = new Map<string, Group>();
  for (const group of rows) {
    const keys = keysOf(group);
    const id = JSON.stringify(keys);
    const known = sums.get(id);
    if (known) known.count += group.count;
    else sums.set(id, { keys, count: group.count });
  }
  return { rows: [...sums.values()].sort((left, right) => right.count - left.count), truncated };
};

/** An absent value is "" as a label; in a picture that would look like a mistake. */
const shown = (key = ""): string => (key === "" ? "—" : labelValue(key));
