// The coverage ledger in memory. Spans mostly extend a job's last range, so only the tail of its ranges is laid anew.
import { type CoverageRange, type CoverageStore, laySpan } from "./coverage.ts";
import { type MemoryTables, openTables } from "./memory-tables.ts";

export const memoryCoverage = (tables: MemoryTables = openTables()): CoverageStore => {
  const byJob = new Map<string, CoverageRange[]>();
  const of = (jobId: string): CoverageRange[] => {
    const known = byJob.get(jobId);
    if (known) return known;
    const ranges: CoverageRange[] = [];
    byJob.set(jobId, ranges);
    return ranges;
  };
  /** True when the range is still as it was seen. */
  const retryAgain = (range: CoverageRange, at: number | null): boolean => {
    const stored = (byJob.get(range.jobId) ?? []).find((one) => one.from === range.from && one.to === range.to);
    if (stored?.state !== "failed" || stored.retryAt === null || stored.retryAt !== range.retryAt) return false;
    stored.retryAt = at;
    return true;
  };
  tables.forgetJobs = (jobIds) => {
    for (const jobId of jobIds) byJob.delete(jobId);
  };
  const lay = (span: CoverageRange): void => {
    const ranges = of(span.jobId);
    const tail = ranges.splice(firstReaching(ranges, span.from));
    ranges.push(...laySpan(tail, span));
  };
  tables.noteMissing = lay;
  return {
    record: async (spans) => {
      for (const span of spans) lay(span);
    },
    read: async (jobId, from, to, limit = Number.POSITIVE_INFINITY) => {
      const ranges = byJob.get(jobId) ?? [];
      const found: CoverageRange[] = [];
      for (let index = firstReaching(ranges, from); index < ranges.length; index += 1) {
        const range = ranges[index];
        if (!range || range.from >= to || found.length >= limit) break;
        if (range.to > from) found.push({ ...range });
      }
      return found;
    },
    newest: async (jobIds) =>
      [...new Set(jobIds)].flatMap((jobId) => byJob.get(jobId)?.at(-1) ?? []).map((range) => ({ ...range })),
    retryable: async (now, limit) =>
      [...byJob.values()]
        .flat()
        .filter((range) => isDue(range, now))
        .sort((left, right) => (left.retryAt ?? 0) - (right.retryAt ?? 0) || left.from - right.from)
        .slice(0, limit)
        .map((range) => ({ ...range })),
    postpone: async (ranges, until) => ranges.map((range) => retryAgain(range, until)),
    giveUp: async (ranges) => {
      for (const range of ranges) retryAgain(range, null);
    },
  };
};

const isDue = (range: CoverageRange, now: number): boolean =>
  range.state === "failed" && range.retryAt !== null && range.retryAt <= now;

/** Index of the first range that ends at or after `from`: it may join. Looked for from the end, where spans arrive. */
const firstReaching = (ranges: readonly CoverageRange[], from: number): number => {
  let index = ranges.length;
  while (index > 0 && (ranges[index - 1]?.to ?? from) >= from) index -= 1;
  return index;
};
