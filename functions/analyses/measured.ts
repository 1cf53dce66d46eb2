// Measurements and views from counts: what every analysis that counts logs has in common. Pure.
import type { Labels, Measurement, View } from "@logwatch/events";
import { digest } from "../lib/labels.ts";
import { cut } from "../lib/message-text.ts";
import type { Group, TimeSeries } from "./answer-parts.ts";

/** What a chart shows of many groups; the measurements hold them all. */
const mostBars = 10;
const mostRows = 100;
const mostLines = 10;

/** Longer values are told apart by a digest of all of them: 1,000 made-up names of a kilobyte must not fill an event. */
const longestValue = 200;

const labelValue = (text: string): string =>
  text.length <= longestValue ? text : `${cut(text, longestValue - 22)}${digest(text)}`;

export const counted = (name: string, value: number, labels: Labels = {}): Measurement => ({
  name,
  labels: Object.fromEntries(Object.entries(labels).map(([label, text]) => [label, labelValue(text)])),
  value,
  unit: "count",
});

/** One measurement a group; `names` are those of the labels, in the order of the group's keys. */
export const countedGroups = (name: string, names: readonly string[], groups: readonly Group[]): Measurement[] =>
  groups.map(({ keys, count }) =>
    counted(name, count, Object.fromEntries(names.map((label, at) => [label, keys[at] ?? ""]))),
  );

export const stat = (title: string, value: number): View => ({ kind: "stat", title, value, unit: "count" });

export const bars = (title: string, groups: readonly Group[]): View => ({
  kind: "bar",
  title,
  bars: groups.slice(0, mostBars).map(({ keys, count }) => ({ label: shown(keys[0]), value: count })),
});

export const table = (title: string, columns: readonly string[], groups: readonly Group[]): View => ({
  kind: "table",
  title,
  columns: [...columns, "count"],
  rows: groups.slice(0, mostRows).map(({ keys, count }) => [...keys.map(shown), count]),
});

/** The series with the highest totals; one without a key is the whole and has no labels. */
export const timeseries = (title: string, label: string, series: readonly TimeSeries[]): View => ({
  kind: "timeseries",
  title,
  series: [...series]
    .sort((left, right) => totalOf(right) - totalOf(left))
    .slice(0, mostLines)
    .map(({ key, points }) => ({ labels: key === null ? {} : { [label]: key }, points })),
});

export const totalOf = ({ points }: TimeSeries): number => points.reduce((total, { value }) => total + value, 0);

/** Adds up groups under new keys, highest first. Keys are data, so they are kept in a map and never in an object. */
export const regrouped = (groups: readonly Group[], keysOf: (group: Group) => string[]): Group[] => {
  const sums = new Map<string, Group>();
  for (const group of groups) {
    const keys = keysOf(group);
    const id = JSON.stringify(keys);
    const known = sums.get(id);
    if (known) known.count += group.count;
    else sums.set(id, { keys, count: group.count });
  }
  return [...sums.values()].sort((left, right) => right.count - left.count);
};

/** An absent value is "" as a label; in a picture that would look like a mistake. */
const shown = (key = ""): string => (key === "" ? "—" : labelValue(key));
