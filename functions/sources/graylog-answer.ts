// Reads what Graylog answered to a search: is it whole, and what does it say to each part? Whatever is not a whole answer
// is a failure, never a zero.
import type { Failure, FieldValue, LogEntry, Window } from "@logwatch/events";
import * as z from "zod";
import { storedField } from "../lib/lucene.ts";
import type { Part, PartAnswer, StatsOp } from "../lib/question.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import { cursor, cursorAfter, cursorText } from "./cursor.ts";
import { searchFailure, unreachable } from "./graylog-failure.ts";
import { histogramAnswer, type Rows, termsAnswer } from "./graylog-groups.ts";
import { searchTypeId } from "./graylog-search.ts";
import { badQuery } from "./joined-filter.ts";

const searchError = z.object({ type: z.string(), description: z.string().nullish() });

/** The answer to `searchBody`: one query a part, one search type a query. */
export const searchAnswer = z.object({
  execution: z.object({ done: z.boolean(), cancelled: z.boolean(), completed_exceptionally: z.boolean() }),
  results: z.record(
    z.string(),
    z.object({ errors: z.array(searchError), search_types: z.record(z.string(), z.unknown()) }),
  ),
  errors: z.array(searchError).nullish(),
});
export type SearchAnswer = z.output<typeof searchAnswer>;

const pivotAnswer = z.object({
  type: z.literal("pivot"),
  total: z.number().int().min(0),
  rows: z.array(
    z.object({
      key: z.array(z.union([z.string(), z.number().transform(String)])),
      values: z.array(z.object({ key: z.array(z.string()), value: z.unknown() })),
      source: z.string(),
    }),
  ),
});
type PivotAnswer = z.output<typeof pivotAnswer>;

const messagesAnswer = z.object({
  type: z.literal("messages"),
  total_results: z.number().int().min(0),
  messages: z.array(z.object({ message: z.looseObject({ timestamp: z.iso.datetime({ offset: true }) }) })),
});

/** Why this is not the whole answer, if it is not. */
export const searchProblem = ({ execution, results, errors }: SearchAnswer): Failure | undefined => {
  const all = [...(errors ?? []), ...Object.values(results).flatMap((result) => result.errors)];
  if (all.length > 0 || execution.completed_exceptionally) {
    return searchFailure([...new Set(all.map(({ type, description }) => description ?? type))]);
  }
  if (execution.done && !execution.cancelled) return undefined;
  return { kind: "timeout", message: "Graylog gave up the search before it was done.", retryable: true };
};

/** The answer to the part that was asked as the search of this index, in so many search types. */
export const partAnswer = (
  part: Part,
  index: number,
  searchTypes: number,
  { results }: SearchAnswer,
  window: Window,
): Result<PartAnswer, Failure> => {
  const raw = (nth: number) => results[`q${index}`]?.search_types[searchTypeId(index, nth)];
  if (part.kind === "messages") {
    const read = messagesAnswer.safeParse(raw(0));
    return read.success ? ok(messages(part, read.data)) : fail(missing);
  }
  if (part.kind === "terms") {
    const rows: Rows[] = [];
    for (let nth = 0; nth < searchTypes; nth += 1) {
      const read = pivotAnswer.safeParse(raw(nth));
      const own = read.success ? grouped(read.data, part.by.length) : undefined;
      if (!own) return fail(missing);
      rows.push(own);
    }
    return ok(termsAnswer(part, rows));
  }
  const read = pivotAnswer.safeParse(raw(0));
  if (!read.success) return fail(missing);
  switch (part.kind) {
    case "count":
      return ok({ kind: "count", count: read.data.total });
    case "stats":
      return ok({ kind: "stats", values: stats(part.ops, read.data) });
    case "histogram": {
      const rows = grouped(read.data, part.by === undefined ? 1 : 2);
      if (!rows) return fail(missing);
      const given = histogramAnswer(part, rows, window);
      return given ? ok(given) : fail(misaligned);
    }
  }
};

const missing = unreachable("Graylog's answer lacks a part of what was asked.", true);

const misaligned = badQuery(
  "Graylog cut its time buckets by another time zone; set the time zone of the user that LogWatch signs in as to UTC.",
);

/** Undefined when a count is missing. */
const grouped = (answer: PivotAnswer, levels: number): Rows | undefined => {
  const groups: Rows["groups"] = [];
  for (const { key, values, source } of answer.rows) {
    if (source !== "leaf" || key.length !== levels) continue;
    const count = values.find((value) => value.key.length === 1)?.value;
    if (typeof count !== "number") return undefined;
    groups.push({ keys: key, count });
  }
  return { groups, total: answer.total };
};

/** Where nothing was found Graylog says `"Infinity"`, `"NaN"` or `"-"`. */
const stats = (ops: readonly StatsOp[], { rows }: PivotAnswer): Partial<Record<StatsOp, number | null>> => {
  const all = rows.find((row) => row.key.length === 0)?.values ?? [];
  const found = (name: string): number | null => {
    const value = all.find(({ key }) => key.at(-1)?.startsWith(`${name}(`))?.value;
    return typeof value === "number" && Number.isFinite(value) ? value : null;
  };
  const answerTo = (op: StatsOp): number | null => {
    if (op === "cardinality") return found("card") ?? 0;
    if (op === "sum") return found("min") === null ? null : found("sum");
    return found(op === "p95" ? "percentile" : op);
  };
  return Object.fromEntries(ops.map((op) => [op, answerTo(op)]));
};

const messages = (
  part: Extract<Part, { kind: "messages" }>,
  answer: z.output<typeof messagesAnswer>,
): Extract<PartAnswer, { kind: "messages" }> => {
  const before = part.after === undefined ? undefined : cursor(part.after);
  const entries = answer.messages.map(({ message }) => entryOf(message, part.fields));
  const after = cursorAfter(entries, before);
  const isMore = answer.total_results > (before?.seen ?? 0) + entries.length;
  return { kind: "messages", entries, next: isMore && after ? cursorText(after) : null };
};

const entryOf = (message: Record<string, unknown> & { timestamp: string }, fields: readonly string[]): LogEntry => {
  const read = (name: string) => (Object.hasOwn(message, name) ? fieldOf(message[name]) : undefined);
  const level = read("level");
  const asked = fields.flatMap((name): [string, FieldValue][] => {
    const value = read(storedField(name));
    return value === undefined ? [] : [[name, value]];
  });
  return {
    at: Date.parse(message.timestamp),
    service: String(read("service") ?? ""),
    host: String(read("source") ?? ""),
    level: typeof level === "number" && Number.isInteger(level) && level >= 0 && level <= 7 ? level : null,
    message: String(read("message") ?? ""),
    fields: Object.fromEntries(asked),
  };
};

const fieldOf = (value: unknown): FieldValue | undefined => {
  if (value === null || value === undefined || value === "") return undefined;
  if (typeof value === "string" || typeof value === "number") return value;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
};
