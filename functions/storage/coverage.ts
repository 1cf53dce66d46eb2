// The coverage ledger: for each job which spans of time have an answer. Kept as ranges that merge as they grow, never a row a slot.

/** `missing`: never asked (catch-up was bounded) or lost; `revised`: complete, and asked again since. */
export type CoverageState = "complete" | "revised" | "failed" | "missing";

/** `[from, to)`, epoch ms. `retryAt` only matters while `failed`; null: not asked again. */
export type CoverageRange = {
  jobId: string;
  from: number;
  to: number;
  state: CoverageState;
  revision: number;
  /** Why it failed or is missing; empty otherwise. */
  reason: string;
  retryAt: number | null;
};

export type CoverageStore = {
  /** Adds spans in the order given; repeating one changes nothing. */
  record: (spans: readonly CoverageRange[]) => Promise<void>;
  /** Ranges that overlap `[from, to)`, oldest first; at most `limit`, when it is given. */
  read: (jobId: string, from: number, to: number, limit?: number) => Promise<CoverageRange[]>;
  /** The newest range of each of these jobs that has any. */
  newest: (jobIds: readonly string[]) => Promise<CoverageRange[]>;
  /** Failed ranges whose `retryAt` has come, oldest first. */
  retryable: (now: number, limit: number) => Promise<CoverageRange[]>;
  /** Puts a retry off, so that two ticks do not ask twice: true for the ranges (jobId + from) this call moved. */
  postpone: (ranges: readonly CoverageRange[], until: number) => Promise<boolean[]>;
  /** Failed ranges as `retryable` gave them that nobody can ask any more: they stay failed. */
  giveUp: (ranges: readonly CoverageRange[]) => Promise<void>;
};

/** An answer beats a failure and a failure a hole, whatever their revisions: a failed re-ask takes no answer away. */
const rank: Record<CoverageState, number> = { missing: 0, failed: 1, complete: 2, revised: 3 };
/** Of two answers the revised one is kept. */
const outranks = (span: CoverageRange, other: CoverageRange): boolean => rank[span.state] > rank[other.state];

/**
 * Two neighbours can be one range when they say the same. Revision and retry time of the whole are the larger: each slot that is
 * asked again has a revision of its own, and that must not cost a row a slot. What is given up stays apart from what is asked again.
 */
const joins = (left: CoverageRange, right: CoverageRange): boolean =>
  left.to === right.from &&
  left.state === right.state &&
  left.reason === right.reason &&
  (left.retryAt === null) === (right.retryAt === null);

/** One failure told after another of the same slot: the later one says why and when, whatever revision its neighbours left. */
const followUp = (range: CoverageRange, span: CoverageRange): CoverageRange =>
  range.state === "failed" && span.state === "failed"
    ? { ...span, revision: Math.max(range.revision, span.revision) }
    : span;

/**
 * Lays one span over a job's ranges (sorted, not overlapping) and returns the new ranges, merged.
 * Idempotent: laying the same span again gives the same ranges.
 */
export const laySpan = (ranges: readonly CoverageRange[], span: CoverageRange): CoverageRange[] => {
  const pieces: CoverageRange[] = [];
  let open = span.from;
  const take = (piece: CoverageRange) => {
    if (piece.from >= piece.to) return;
    const last = pieces.at(-1);
    if (last && joins(last, piece)) {
      last.to = piece.to;
      last.revision = Math.max(last.revision, piece.revision);
      if (last.retryAt !== null && piece.retryAt !== null) last.retryAt = Math.max(last.retryAt, piece.retryAt);
    } else pieces.push({ ...piece });
  };
  for (const range of ranges) {
    if (range.to <= span.from) {
      take(range);
      continue;
    }
    if (range.from >= span.to) {
      take({ ...span, from: open });
      open = span.to;
      take(range);
      continue;
    }
    take({ ...range, to: Math.min(range.to, span.from) });
    take({ ...span, from: open, to: Math.max(open, range.from) });
    const shared = { from: Math.max(range.from, span.from), to: Math.min(range.to, span.to) };
    const winner = outranks(range, span) ? range : followUp(range, span);
    take({ ...winner, ...shared });
    open = shared.to;
    take({ ...range, from: Math.max(range.from, span.to) });
  }
  take({ ...span, from: open });
  return pieces;
};
