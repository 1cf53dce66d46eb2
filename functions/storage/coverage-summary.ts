// Coverage of a period as people look at it: the stored ranges clipped to it, what no range covers named, and how many slots each
// state has. Pure.
import type { Window } from "@logwatch/events";
import { slotsIn } from "../lib/slots.ts";
import type { CoverageRange, CoverageState } from "./coverage.ts";

/** `due`: its time has not come, or its answer is on its way. */
export type SpanState = CoverageState | "due";

export type CoverageSpan = Window & { state: SpanState; reason: string; retryAt: number | null };

/** `[from, to)` is what the summary speaks of: the period, but for what lies before the job began. */
export type CoverageSummary = Window & { spans: CoverageSpan[]; slots: Record<SpanState, number> };

/** `askedUntil`: every slot that ends by then should have an answer, epoch ms. */
export type CoveredJob = { startAt: number; everyMs: number; askedUntil: number };

/** `ranges`: those that overlap the period, oldest first. */
export const summarise = (ranges: readonly CoverageRange[], period: Window, job: CoveredJob): CoverageSummary => {
  const begun = Math.min(job.startAt, ranges[0]?.from ?? job.startAt);
  const from = Math.min(period.to, Math.max(period.from, begun));
  const spans: CoverageSpan[] = [];
  let open = from;
  for (const range of ranges) {
    const start = Math.max(range.from, open);
    const end = Math.min(range.to, period.to);
    if (start >= end) continue;
    spans.push(...uncovered(open, start, job));
    spans.push({ from: start, to: end, state: range.state, reason: range.reason, retryAt: range.retryAt });
    open = end;
  }
  spans.push(...uncovered(open, period.to, job));
  const slots = { complete: 0, revised: 0, failed: 0, missing: 0, due: 0 };
  for (const span of spans) slots[span.state] += slotEnds(span, job);
  return { from, to: period.to, spans, slots };
};

const uncovered = (from: number, to: number, { askedUntil }: CoveredJob): CoverageSpan[] => {
  const edge = Math.min(to, Math.max(from, askedUntil));
  const span = (from: number, to: number, state: SpanState, reason: string): CoverageSpan[] =>
    from < to ? [{ from, to, state, reason, retryAt: null }] : [];
  return [...span(from, edge, "missing", "never asked"), ...span(edge, to, "due", "")];
};

/** Slots that end within: each belongs to one span, however the spans cut it. */
const slotEnds = ({ from, to }: Window, { startAt, everyMs }: CoveredJob): number =>
  Math.floor((to - startAt) / everyMs) - Math.floor((from - startAt) / everyMs);

/** Ends of the slots without an answer that should have one, oldest first, at most `limit`; and how many there are in all. */
export const gapsIn = (
  { spans }: Pick<CoverageSummary, "spans">,
  job: CoveredJob,
  limit: number,
): { ends: number[]; count: number } => {
  const ends: number[] = [];
  let total = 0;
  for (const span of spans) {
    if (span.state !== "failed" && span.state !== "missing") continue;
    const { first, count } = slotsIn(span, job);
    total += count;
    for (let index = 0; index < count && ends.length < limit; index += 1) ends.push(first + index * job.everyMs);
  }
  return { ends, count: total };
};
