// A log in memory that may grow: sorted by time, and once more by arrival, so that a window is found by binary search.
// Equal times keep the order of arrival. Times in epoch ms.
import type { FieldValue, LogEntry, Window } from "@logwatch/events";
import { storedField } from "../lib/lucene.ts";

/** One entry as it is kept; `count` is how many messages it stands for. */
export type Line = { entry: LogEntry; at: number; arrivedAt: number; count: number; values?: Map<string, FieldValue> };

export type MemoryLog = {
  /** `arrivedAt` is when the log store got them; without it each arrived when it happened. */
  add: (entries: readonly LogEntry[], arrivedAt?: number) => void;
  /** What happened in the window, oldest first. */
  happened: (window: Window) => Line[];
  /** What arrived in the window, in the order of arrival. */
  arrived: (window: Window) => Line[];
};

export const memoryLog = (entries: readonly LogEntry[] = []): MemoryLog => {
  const byTime: Line[] = [];
  const byArrival: Line[] = [];
  const add = (added: readonly LogEntry[], arrivedAt?: number) => {
    const lines = added.map((entry) => lineOf(entry, arrivedAt ?? entry.at));
    insert(byTime, lines, timeOf);
    insert(byArrival, lines, arrivalOf);
  };
  add(entries);
  return {
    add,
    happened: (window) => byTime.slice(...range(byTime, window, timeOf)),
    arrived: (window) => byArrival.slice(...range(byArrival, window, arrivalOf)),
  };
};

/**
 * The fields of a line under the names a log store keeps them by. A value "" counts as absent, as in Graylog.
 * Made at the first question that looks into the line: most windows of a long log are never asked for.
 */
export const valuesOf = (line: Line): Map<string, FieldValue> => {
  if (line.values) return line.values;
  const { entry } = line;
  const values = new Map<string, FieldValue>();
  const put = (name: string, value: FieldValue) => {
    if (value !== "") values.set(name, value);
  };
  put("service", entry.service);
  for (const [name, value] of Object.entries(entry.fields)) put(storedField(name), value);
  put("source", entry.host);
  put("message", entry.message);
  put("timestamp", entry.at);
  if (entry.level !== null) put("level", entry.level);
  line.values = values;
  return values;
};

const lineOf = (entry: LogEntry, arrivedAt: number): Line => ({
  entry,
  at: entry.at,
  arrivedAt,
  count: entry.repeats ?? 1,
});
const timeOf = (line: Line): number => line.at;
const arrivalOf = (line: Line): number => line.arrivedAt;

/** The index of the first line that is not before `moment`. */
const firstFrom = (lines: readonly Line[], moment: number, key: (line: Line) => number): number => {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const line = lines[middle];
    if (line && key(line) < moment) low = middle + 1;
    else high = middle;
  }
  return low;
};

const range = (lines: readonly Line[], { from, to }: Window, key: (line: Line) => number): [number, number] => [
  firstFrom(lines, from, key),
  firstFrom(lines, to, key),
];

/** Appending in order costs nothing more; late lines move only what is newer than they are. */
const insert = (sorted: Line[], lines: readonly Line[], key: (line: Line) => number): void => {
  const added = [...lines].sort((a, b) => key(a) - key(b));
  const [first] = added;
  if (!first) return;
  const newest = sorted.at(-1);
  const newer = newest && key(newest) > key(first) ? sorted.splice(firstFrom(sorted, key(first), key)) : [];
  let next = 0;
  for (const line of newer) {
    for (let one = added[next]; one && key(one) < key(line); one = added[next]) {
      sorted.push(one);
      next += 1;
    }
    sorted.push(line);
  }
  for (const line of added.slice(next)) sorted.push(line);
};
