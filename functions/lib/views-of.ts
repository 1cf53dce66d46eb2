// Pictures made from stored values alone, by their shape: for a result whose own views are lost. One value is a tile, values by one
// label are bars, by several a table. Pure.
import type { Measurement, View } from "@logwatch/events";

/** As the analyses draw them. */
const mostBars = 10;
const mostRows = 100;

export const viewsOf = (measurements: readonly Measurement[]): View[] => {
  const groups = new Map<string, Measurement[]>();
  for (const one of measurements) {
    const group = groups.get(one.name);
    if (group) group.push(one);
    else groups.set(one.name, [one]);
  }
  return [...groups].flatMap(([name, group]) => drawn(name, group)).sort((left, right) => order(left) - order(right));
};

const order = ({ kind }: View): number => (kind === "stat" ? 0 : kind === "bar" ? 1 : 2);

const drawn = (name: string, group: readonly Measurement[]): View[] => {
  const title = titleOf(name);
  const wholes = group.filter(({ labels }) => Object.keys(labels).length === 0);
  const stats = wholes.map(({ value, unit }): View => ({ kind: "stat", title, value, unit }));
  const labelled = group
    .filter(({ labels }) => Object.keys(labels).length > 0)
    .sort((left, right) => right.value - left.value);
  if (labelled.length === 0) return stats;
  const columns = [...new Set(labelled.flatMap(({ labels }) => Object.keys(labels)))];
  const [only, ...others] = columns;
  if (only !== undefined && others.length === 0) {
    const bars = labelled.slice(0, mostBars).map(({ labels, value }) => ({ label: shown(labels[only]), value }));
    return [...stats, { kind: "bar", title, truncated: labelled.length > mostBars, bars }];
  }
  const rows = labelled
    .slice(0, mostRows)
    .map(({ labels, value }) => [...columns.map((column) => shown(labels[column])), value]);
  const last = group[0]?.unit ?? "count";
  return [...stats, { kind: "table", title, truncated: labelled.length > mostRows, columns: [...columns, last], rows }];
};

/** `failed_logins_by_user` → `Failed logins by user`. */
const titleOf = (name: string): string => {
  const words = name.replaceAll(/[_-]+/g, " ");
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
};

const shown = (value = ""): string => (value === "" ? "—" : value);
