// Which stored ranges a batch of spans changes: those to write and those to remove. Pure.
import { type CoverageRange, laySpan } from "./coverage.ts";

/** `takesAway`: a stored range gets shorter or goes, so the changes only hold together. */
export type CoverageChanges = { upserts: CoverageRange[]; removals: CoverageRange[]; takesAway: boolean };

/** `known`: all ranges of these jobs that overlap or touch any of the spans, sorted by start within a job. */
export const laySpans = (known: readonly CoverageRange[], spans: readonly CoverageRange[]): CoverageChanges => {
  const before = byJob(known);
  const changes: CoverageChanges = { upserts: [], removals: [], takesAway: false };
  for (const [jobId, wanted] of byJob(spans)) {
    const old = before.get(jobId) ?? [];
    let ranges = old;
    for (const span of wanted) ranges = laySpan(ranges, span);
    compare(old, ranges, changes);
  }
  return changes;
};

const byJob = (ranges: readonly CoverageRange[]): Map<string, CoverageRange[]> => {
  const groups = new Map<string, CoverageRange[]>();
  for (const range of ranges) {
    const group = groups.get(range.jobId);
    if (group) group.push(range);
    else groups.set(range.jobId, [range]);
  }
  return groups;
};

/** Ranges are stored under (job, start). */
const compare = (old: readonly CoverageRange[], now: readonly CoverageRange[], changes: CoverageChanges): void => {
  const left = new Map(old.map((range) => [range.from, range]));
  for (const range of now) {
    const same = left.get(range.from);
    if (!same || !isEqual(same, range)) changes.upserts.push(range);
    if (same && range.to < same.to) changes.takesAway = true;
    left.delete(range.from);
  }
  if (left.size > 0) changes.takesAway = true;
  changes.removals.push(...left.values());
};

const isEqual = (left: CoverageRange, right: CoverageRange): boolean =>
  left.to === right.to &&
  left.state === right.state &&
  left.revision === right.revision &&
  left.reason === right.reason &&
  left.retryAt === right.retryAt;
