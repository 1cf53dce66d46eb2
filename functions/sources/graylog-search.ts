// Writes a question as one search of Graylog (`views/search/sync`): one request however many parts it has, the same for
// every server since 5.1, and the only one that tells how many messages there were in all. Pure.
import { randomBytes } from "node:crypto";
import type { Failure, Window } from "@logwatch/events";
import { storedField } from "../lib/lucene.ts";
import type { Part, StatsOp } from "../lib/question.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import { buckets } from "./buckets.ts";
import { cursor } from "./cursor.ts";
import { graylogInterval } from "./graylog-interval.ts";
import { badQuery } from "./joined-filter.ts";
import { defaultSeries } from "./ranked.ts";

/**
 * One part, ready to be asked: one search type, or several whose answers are put together. `window` is shorter than the question's
 * for a later page of messages.
 */
export type Search = { query: string; window: Window; searchTypes: readonly SearchType[] };
type SearchType = Record<string, unknown>;

/** Each row stays in the server's memory for minutes, so their number is bounded. */
export type SearchLimits = { maxGroups: number };

/** More on a page and a few readers end a server with a small heap (measured: 1.6 MiB a thousand). */
export const maxPage = 500;

/** Under which ids the search types of a search are answered. */
export const searchTypeId = (index: number, nth: number): string => (nth === 0 ? `s${index}` : `s${index}.${nth}`);

/** The body of one request; a query is answered under the index of the search as id. */
export const searchBody = (searches: readonly Search[], streams: readonly string[]) => ({
  id: randomBytes(12).toString("hex"),
  parameters: [],
  queries: searches.map(({ query, window, searchTypes }, index) => ({
    id: `q${index}`,
    query: { type: "elasticsearch", query_string: query },
    timerange: timerange(window),
    filter: streams.length === 0 ? null : { type: "or", filters: streams.map((id) => ({ type: "stream", id })) },
    search_types: searchTypes.map((one, nth) => ({ id: searchTypeId(index, nth), ...one })),
  })),
});

export const timerange = ({ from, to }: Window) => ({
  type: "absolute",
  from: new Date(from).toISOString(),
  to: new Date(to).toISOString(),
});

export const searchOf = (part: Part, query: string, window: Window, limits: SearchLimits): Result<Search, Failure> => {
  switch (part.kind) {
    case "count":
      return ok({ query, window, searchTypes: [pivot([], [countSeries], true)] });
    case "stats":
      return ok({ query, window, searchTypes: [pivot([], statsSeries(storedField(part.field), part.ops), true)] });
    case "terms":
      return termsSearch(part, query, window, limits);
    case "histogram":
      return histogramSearch(part, query, window, limits);
    case "messages":
      return ok(messagesSearch(part, query, window));
  }
};

const pivot = (rowGroups: readonly unknown[], series: readonly unknown[], rollup: boolean) => ({
  type: "pivot",
  row_groups: rowGroups,
  column_groups: [],
  series,
  rollup,
  sort: [],
});

const countSeries = { id: "count()", type: "count" };

const values = (field: string, limit: number) => ({
  type: "values",
  fields: [storedField(field)],
  limit,
  skip_empty_values: false,
});

// The log store groups analysed text by its words or not at all, and says only that all its shards failed.
const analysed = new Set(["message", "full_message"]);

/** One group more than wanted on each level: those that are cut off leave no sign. */
const termsSearch = (
  { by, limit }: Extract<Part, { kind: "terms" }>,
  query: string,
  window: Window,
  { maxGroups }: SearchLimits,
): Result<Search, Failure> => {
  const text = by.find((field) => analysed.has(storedField(field)));
  if (text) return fail(badQuery(`Graylog cannot group by "${text}": it is free text.`));
  const searchTypes = levelLimits(by.length, limit + 1, maxGroups).map((limits) =>
    pivot(
      by.map((field, level) => values(field, limits[level] ?? 1)),
      [countSeries],
      false,
    ),
  );
  return ok({ query, window, searchTypes });
};

/** How many groups the narrow levels have at least. */
const fewestGroups = 10;

/**
 * How many groups to ask for on each level, as one answer or several. Rows are the product of all levels, so where not all can be
 * wide, each is wide in one answer: hundreds of users with an address each, and one user with hundreds, are whole all the same.
 */
const levelLimits = (levels: number, wanted: number, maxGroups: number): number[][] => {
  const even = Math.max(2, Math.floor(maxGroups ** (1 / levels)));
  const each = Math.floor(maxGroups / levels);
  const wide = Math.min(wanted, Math.floor(each / fewestGroups ** (levels - 1)));
  if (wanted <= even || wide <= even) return [new Array<number>(levels).fill(Math.min(wanted, even))];
  const narrow = Math.floor((each / wide) ** (1 / (levels - 1)));
  const all = Array.from({ length: levels }, (_, level) => level);
  return all.map((widest) => all.map((level) => (level === widest ? wide : narrow)));
};

const histogramSearch = (
  { everyMs, by, limit = defaultSeries }: Extract<Part, { kind: "histogram" }>,
  query: string,
  window: Window,
  { maxGroups }: SearchLimits,
): Result<Search, Failure> => {
  const interval = graylogInterval(everyMs);
  if (!interval) return fail(badQuery("Graylog's buckets are whole seconds; choose such a length."));
  if (by !== undefined && analysed.has(storedField(by))) {
    return fail(badQuery(`Graylog cannot group by "${by}": it is free text.`));
  }
  const { count } = buckets(window, interval.ms);
  // Beside the values that are wanted: one more, to see that some were cut, and those without the field.
  const level = Math.min(limit + 1, Math.floor(maxGroups / Math.max(1, count)) - 1);
  if (count > maxGroups || (by !== undefined && level < 1)) {
    const rows = by === undefined ? count : 2 * count;
    return fail(badQuery(`This needs ${rows} rows of Graylog, more than ${maxGroups}; use longer buckets.`));
  }
  const time = { type: "time", fields: ["timestamp"], interval: { type: "timeunit", timeunit: interval.unit } };
  // The value comes first: its limit then holds for the whole window, not for each bucket.
  const groups = by === undefined ? [time] : [values(by, level), time];
  return ok({ query, window, searchTypes: [pivot(groups, [countSeries], false)] });
};

/** A sum over nothing is 0 in the log store; the minimum beside it tells whether there was anything. */
const statsSeries = (field: string, ops: readonly StatsOp[]) => {
  const asked: StatsOp[] = ops.includes("sum") && !ops.includes("min") ? [...ops, "min"] : [...ops];
  return asked.map((op) => {
    if (op === "p95") return { id: `percentile(${field},95.0)`, type: "percentile", field, percentile: 95 };
    const type = op === "cardinality" ? "card" : op;
    return { id: `${type}(${field})`, type, field };
  });
};

/** What every entry is made of. */
const builtIn = ["timestamp", "source", "message", "level", "service"];

const messagesSearch = (part: Extract<Part, { kind: "messages" }>, query: string, window: Window): Search => {
  const after = part.after === undefined ? undefined : cursor(part.after);
  return {
    query,
    window: after ? { from: window.from, to: Math.min(window.to, after.at + 1) } : window,
    searchTypes: [
      {
        type: "messages",
        limit: Math.min(part.limit, maxPage),
        offset: after?.seen ?? 0,
        fields: [...new Set([...builtIn, ...part.fields.map(storedField)])],
        sort: [{ field: "timestamp", order: "DESC" }],
      },
    ],
  };
};
