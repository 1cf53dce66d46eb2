// Manual runs on their way through the pipeline: they travel as slots of a job of their own, which nobody scheduled and no rule
// judges. Pure.
import type { AnalysisRequested, Window } from "@logwatch/events";
import type { Keyed } from "./emit.ts";
import { questionKey, requestFor, type SlotJob } from "./slots.ts";

/** No job's id begins so: what people make has a ULID, what a file declares is a name, and neither has a colon. */
const mark = "run:";

export const runJobId = (runId: string): string => `${mark}${runId}`;

/** The run behind a job id; undefined when it is a job's own. */
export const runIdOf = (jobId: string): string | undefined =>
  jobId.startsWith(mark) ? jobId.slice(mark.length) : undefined;

/** What is asked of whom; `name` is shown where a job's name is. */
export type RunQuestion = Pick<
  SlotJob,
  "name" | "analysis" | "params" | "sourceId" | "serviceId" | "serviceName" | "filter"
> & { runId: string; window: Window };

/** `like`: the job whose newest window is run again, so that it meets the job's own request in one batch and is asked once. */
export const runRequest = (
  { runId, window, ...question }: RunQuestion,
  now: number,
  like?: Pick<SlotJob, "windowMs" | "everyMs">,
): Keyed<AnalysisRequested> => {
  const lengthMs = window.to - window.from;
  const job: SlotJob = {
    ...question,
    id: runJobId(runId),
    everyMs: lengthMs,
    windowMs: lengthMs,
    delayMs: 0,
    cursor: window.to,
  };
  const data = { ...requestFor(job, window.to, "manual", 0), dueAt: now };
  return {
    key: questionKey({ ...job, ...like }),
    event: { id: `${data.slotId}.0`, type: "analysis.requested", at: now, cause: null, data },
  };
};
