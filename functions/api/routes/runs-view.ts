// Runs as their user sees them.
import type { ListedRun, ShownResult, ShownRun } from "@logwatch/events/api";
import { runJobId } from "../../lib/runs.ts";
import type { RunRecord } from "../../storage/runs.ts";
import type { ApiPorts } from "../ports.ts";
import { readResult } from "./snapshot-result.ts";

/** Nobody answers after that: the pipeline's own tries have ended. */
const lostAfterMs = 600_000;

/** One that nobody answered in time counts as failed. */
export const listedRunOf = ({ userId: _, ...run }: RunRecord, now: number): ListedRun =>
  run.state === "queued" && now - run.requestedAt > lostAfterMs
    ? {
        ...run,
        state: "failed",
        failure: { kind: "timeout", message: "No answer came. Run it again.", retryable: true },
        finishedAt: run.requestedAt + lostAfterMs,
      }
    : run;

/** A result may be there before the history knows; that of a run which failed or was cancelled is not shown. */
export const shownRunOf = (run: RunRecord, result: ShownResult | null, now: number): ShownRun => {
  if (result === null || run.state === "failed" || run.state === "cancelled")
    return { ...listedRunOf(run, now), result: null };
  const finishedAt = run.finishedAt ?? result.finishedAt;
  return { ...listedRunOf({ ...run, state: "finished", finishedAt }, now), result };
};

/** With its result, where there is one. */
export const readShownRun = async (run: RunRecord, now: number, ports: ApiPorts): Promise<ShownRun> => {
  const isEnded = run.state === "failed" || run.state === "cancelled";
  return shownRunOf(run, isEnded ? null : await readResult(runJobId(run.id), ports), now);
};
