// Answers one part from the lines that match its filter. Pure; lines come oldest first.
import type { FieldValue, LogEntry, Window } from "@logwatch/events";
import { storedField } from "../lib/lucene.ts";
import type { Part, PartAnswer, StatsOp } from "../lib/question.ts";
import { addToBucket, bucketPoints, buckets, emptyBuckets } from "./buckets.ts";
import { cursor, cursorAfter, cursorText } from "./cursor.ts";
import { type Line, valuesOf } from "./memory-log.ts";
import { defaultSeries, merged, ranked } from "./ranked.ts";

type Asked<Kind extends Part["kind"]> = Extract<Part, { kind: Kind }>;
type Given<Kind extends Part["kind"]> = Extract<PartAnswer, { kind: Kind }>;

export const memoryAnswer = (part: Part, lines: readonly Line[], window: Window): PartAnswer => {
  switch (part.kind) {
    case "count":
      return { kind: "count", count: lines.reduce((total, line) => total + line.count, 0) };
    case "terms":
      return terms(part, lines);
    case "histogram":
      return histogram(part, lines, window);
    case "stats":
      return stats(part, lines);
    case "messages":
      return messages(part, lines);
  }
};

const keyOf = (line: Line, field: string): string => {
  const stored = storedField(field);
  const value = String(valuesOf(line).get(stored) ?? "");
  // Names of hosts have no case: Graylog groups them so, and both must give one host one group.
  return stored === "source" ? value.toLowerCase() : value;
};

const terms = ({ by, limit }: Asked<"terms">, lines: readonly Line[]): Given<"terms"> => {
  const groups = merged(lines.map((line) => ({ keys: by.map((field) => keyOf(line, field)), count: line.count })));
  const { rows, cut } = ranked(groups, limit);
  return { kind: "terms", rows, truncated: cut };
};

const histogram = (part: Asked<"histogram">, lines: readonly Line[], window: Window): Given<"histogram"> => {
  const { by, limit = defaultSeries } = part;
  const layout = buckets(window, part.everyMs);
  if (by === undefined) {
    const totals = emptyBuckets(layout);
    for (const line of lines) addToBucket(totals, layout, line.at, line.count);
    return { kind: "histogram", series: [{ key: null, points: bucketPoints(totals, layout) }], truncated: false };
  }
  const groups = merged(lines.map((line) => ({ keys: [keyOf(line, by)], count: line.count })));
  const { rows, cut } = ranked(groups, limit);
  const totalsByKey = new Map(rows.map(({ keys }) => [keys[0] ?? "", emptyBuckets(layout)]));
  for (const line of lines) {
    const totals = totalsByKey.get(keyOf(line, by));
    if (totals) addToBucket(totals, layout, line.at, line.count);
  }
  const series = [...totalsByKey].map(([key, totals]) => ({ key, points: bucketPoints(totals, layout) }));
  return { kind: "histogram", series, truncated: cut };
};

const stats = ({ field, ops }: Asked<"stats">, lines: readonly Line[]): Given<"stats"> => {
  const stored = storedField(field);
  const seen = new Set<FieldValue>();
  const numbers: { value: number; count: number }[] = [];
  for (const line of lines) {
    const value = valuesOf(line).get(stored);
    if (value === undefined) continue;
    seen.add(value);
    if (typeof value === "number") numbers.push({ value, count: line.count });
  }
  numbers.sort((a, b) => a.value - b.value);
  const compute = (op: StatsOp) => (op === "cardinality" ? seen.size : statistic(op, numbers));
  return { kind: "stats", values: Object.fromEntries(ops.map((op) => [op, compute(op)])) };
};

/** `numbers` are sorted; null where there are none. */
const statistic = (
  op: Exclude<StatsOp, "cardinality">,
  numbers: readonly { value: number; count: number }[],
): number | null => {
  const [first] = numbers;
  const last = numbers.at(-1);
  if (!first || !last) return null;
  const total = numbers.reduce((sum, { count }) => sum + count, 0);
  const sum = () => numbers.reduce((all, { value, count }) => all + value * count, 0);
  switch (op) {
    case "min":
      return first.value;
    case "max":
      return last.value;
    case "sum":
      return sum();
    case "avg":
      return sum() / total;
    case "p95": {
      let rank = Math.ceil(total * 0.95);
      for (const { value, count } of numbers) {
        rank -= count;
        if (rank <= 0) return value;
      }
      return last.value;
    }
  }
};

const messages = (part: Asked<"messages">, lines: readonly Line[]): Given<"messages"> => {
  const before = part.after === undefined ? undefined : cursor(part.after);
  const page: LogEntry[] = [];
  let skip = before?.seen ?? 0;
  let more = false;
  for (let index = lines.length - 1; index >= 0; index -= 1) {
    const line = lines[index];
    if (!line || (before && line.at > before.at)) continue;
    if (before && line.at === before.at && skip > 0) {
      skip -= 1;
      continue;
    }
    more = page.length === part.limit;
    if (more) break;
    page.push(shown(line, part.fields));
  }
  const after = cursorAfter(page, before);
  return { kind: "messages", entries: page, next: more && after ? cursorText(after) : null };
};

const shown = (line: Line, fields: readonly string[]): LogEntry => {
  const values = valuesOf(line);
  const asked = fields.flatMap((name): [string, FieldValue][] => {
    const value = values.get(storedField(name));
    return value === undefined ? [] : [[name, value]];
  });
  return { ...line.entry, service: String(values.get("service") ?? ""), fields: Object.fromEntries(asked) };
};
