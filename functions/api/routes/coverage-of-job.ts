// Coverage of one job over a period, read from the ledger.
import type { Window } from "@logwatch/events";
import type { JobRecord } from "../../storage/configuration.ts";
import { type CoverageSummary, type CoveredJob, summarise } from "../../storage/coverage-summary.ts";
import type { ApiPorts } from "../ports.ts";

/** Ranges read for one answer; a ledger that has more in the period is told up to where they end. */
const maxRanges = 2000;
/** Longest that an answer takes from being asked until it is in the ledger; what takes longer is missing. */
const underWayMs = 60_000;

export type JobCoverage = { summary: CoverageSummary; job: CoveredJob; more: boolean };

/** What became of the windows of `period`. `more`: the ledger holds more of it than one answer reads. */
export const readCoverage = async (
  record: JobRecord,
  period: Window,
  now: number,
  { storage }: Pick<ApiPorts, "storage">,
): Promise<JobCoverage> => {
  const [ranges, [scheduled]] = await Promise.all([
    storage.coverage.read(record.id, period.from, period.to, maxRanges + 1),
    storage.jobs.find([record.id]),
  ]);
  const more = ranges.length > maxRanges;
  const read = ranges.slice(0, maxRanges);
  const last = read.at(-1)?.to ?? period.from;
  // A job that is turned off owes no answer: what is known of it ends with its ledger.
  const end = more || !scheduled ? Math.min(period.to, last) : period.to;
  const askedUntil = Math.min(scheduled?.cursor ?? end, now - record.delayMs - underWayMs);
  const job = { startAt: record.startAt, everyMs: record.everyMs, askedUntil };
  return { summary: summarise(read, { from: period.from, to: end }, job), job, more };
};
