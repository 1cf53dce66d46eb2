// Archive step, core. In: a batch of `analysis.finished`. Out: measurements, the coverage ledger and the ends of manual runs, in Aurora.
// Everything is an upsert by key, so a batch may come twice.
import type { AnalysisFinished, AnalysisResult } from "@logwatch/events";
import { runIdOf } from "../lib/runs.ts";
import { retriedForMs } from "../lib/slots.ts";
import type { CoverageRange, CoverageStore } from "../storage/coverage.ts";
import type { MeasurementStore } from "../storage/measurements.ts";
import type { RunEnd, RunStore } from "../storage/runs.ts";

export type ArchivePorts = {
  measurements: Pick<MeasurementStore, "append">;
  coverage: Pick<CoverageStore, "record">;
  runs: Pick<RunStore, "end">;
  now: () => number;
};

export const archiveResults = async (events: AnalysisFinished[], ports: ArchivePorts): Promise<void> => {
  const results = events.map((event) => event.data);
  const complete = results.filter((result) => result.outcome === "complete" && result.measurements.length > 0);
  // Measurements first: a span is only called complete when its values are there.
  if (complete.length > 0) await ports.measurements.append(complete);
  const now = ports.now();
  const ends = results.flatMap((result) => endOf(result, now) ?? []);
  if (ends.length > 0) await ports.runs.end(ends);
  // A manual run is no slot of a job: it answers for no time of the ledger.
  const slots = ends.length === 0 ? results : results.filter((result) => runIdOf(result.jobId) === undefined);
  if (slots.length > 0) await ports.coverage.record(slots.map((result) => spanOf(result, now)));
};

const endOf = ({ jobId, failure }: AnalysisResult, at: number): RunEnd | undefined => {
  const id = runIdOf(jobId);
  return id === undefined ? undefined : { id, at, failure: failure && { ...failure, message: cut(failure.message) } };
};

const cut = (text: string): string => text.slice(0, 500);

/** A slot answers for the interval before its end, whatever the length of its window: so ledger spans tile. */
const spanOf = (result: AnalysisResult, now: number): CoverageRange => {
  const span = {
    jobId: result.jobId,
    from: result.window.to - result.everyMs,
    to: result.window.to,
    revision: result.revision,
  };
  if (result.outcome === "complete") {
    return {
      ...span,
      state: result.reason === "late-logs" ? "revised" : "complete",
      reason: "",
      retryAt: null,
    };
  }
  const reason = cut(`${result.failure?.kind ?? "unknown"}: ${result.failure?.message ?? ""}`);
  return {
    ...span,
    state: "failed",
    reason,
    // Credentials are put right and proxies come back: only a question that is wrong in itself is not asked again. Whether one call
    // was worth repeating at once is another matter.
    retryAt: result.failure?.kind === "bad-query" && !result.failure.retryable ? null : retryAt(result, now),
  };
};

const firstRetryMs = 30_000;
const longestRetryMs = 900_000;

/** Waits as long again as it has waited so far (30 s at first, 15 min at most), and gives up after a day. */
const retryAt = (result: AnalysisResult, now: number): number | null => {
  const waited = now - (result.window.to + result.delayMs);
  return waited > retriedForMs ? null : now + Math.min(longestRetryMs, Math.max(firstRetryMs, waited));
};
