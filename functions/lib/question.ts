// What a source is asked and what it answers. The source computes inside the log store: cost grows with groups, not with logs.
import type { Failure, LogEntry, Window } from "@logwatch/events";
import type { Result } from "./result.ts";

/** One thing to compute. Each part may narrow the question's filter by one more clause. */
export type Part =
  | { kind: "count"; filter?: string }
  /** Counts per combination of values of `by`, most frequent first, at most `limit` groups. */
  | { kind: "terms"; by: readonly string[]; limit: number; filter?: string }
  /** Counts per time bucket (aligned to the epoch), optionally per value of one field (its `limit` most frequent). */
  | { kind: "histogram"; everyMs: number; by?: string; limit?: number; filter?: string }
  | { kind: "stats"; field: string; ops: readonly StatsOp[]; filter?: string }
  /** Log lines, newest first. `after` is the cursor of an earlier answer. */
  | { kind: "messages"; limit: number; fields: readonly string[]; after?: string; filter?: string };

export type StatsOp = "min" | "max" | "avg" | "sum" | "cardinality" | "p95";

/** `filters` are clauses in the source's query language; all must hold. Each must parse alone. */
export type Question = { filters: readonly string[]; window: Window; parts: Readonly<Record<string, Part>> };

export type PartAnswer =
  | { kind: "count"; count: number }
  /** `keys` in the order of `by`; an absent field is "". */
  | { kind: "terms"; rows: { keys: string[]; count: number }[]; truncated: boolean }
  /** Every bucket that overlaps the window is present, zero or not, oldest first; `at` is the bucket's start. */
  | { kind: "histogram"; series: { key: string | null; points: { at: number; value: number }[] }[]; truncated: boolean }
  /** null where there was nothing to compute from. */
  | { kind: "stats"; values: Partial<Record<StatsOp, number | null>> }
  | { kind: "messages"; entries: LogEntry[]; next: string | null };

/** Same keys as the question's parts. `truncated` when any part was cut. */
export type Answer = { parts: Record<string, PartAnswer>; truncated: boolean };

/** Asks a source once. Expected failures are values; a failed answer is a gap, never a zero. */
export type Ask = (question: Question, signal: AbortSignal) => Promise<Result<Answer, Failure>>;

/**
 * Counts messages that *arrived* in `received` but *happened* before `happenedBefore` and not before `happenedFrom`,
 * per bucket of `everyMs`: how late logs are noticed (DESIGN §5.5).
 */
export type AskArrivals = (
  query: { filters: readonly string[]; received: Window; happened: Window; everyMs: number },
  signal: AbortSignal,
) => Promise<Result<{ at: number; count: number }[], Failure>>;
