// Slots: which of a job are due, their ids, their requests. A slot is one due time and its window; its id is derived. Pure.
import type { AnalysisRequest, AnalysisRequested, Window } from "@logwatch/events";
import type { Keyed } from "./emit.ts";
import { digest } from "./labels.ts";

/** What slot arithmetic needs of a job. Durations and moments are ms; `cursor` is the end of the last claimed slot. */
export type SlotJob = Pick<
  AnalysisRequest,
  "analysis" | "params" | "sourceId" | "serviceId" | "serviceName" | "filter" | "everyMs" | "delayMs"
> & { id: string; name: string; windowMs: number; cursor: number };

/** `jobId@to`: the same slot always has the same id. `to` is epoch ms. */
export const slotId = (jobId: string, to: number): string => `${jobId}@${new Date(to).toISOString()}`;

/** Where a job's first slot starts: aligned to the epoch, so that equal questions of different jobs fall together. */
export const alignedStart = (now: number, everyMs: number): number => Math.floor(now / everyMs) * everyMs;

/**
 * The cursor after what is due by `dueBy` is claimed (slot ends are `cursor + n * everyMs`; a slot is due at its end plus `delayMs`),
 * and where its first slot that will be asked begins: of all that is due, slots older than the newest `maxSlots` are not, and the
 * cursor leaves them behind. At most `share` slots are claimed to be asked, the oldest; the others stay due.
 */
export const claimUpTo = (
  job: Pick<SlotJob, "cursor" | "everyMs" | "delayMs">,
  dueBy: number,
  maxSlots: number,
  share = Number.POSITIVE_INFINITY,
): { to: number; askFrom: number } => {
  const slots = Math.max(0, Math.floor((dueBy - job.delayMs - job.cursor) / job.everyMs));
  const end = job.cursor + slots * job.everyMs;
  const askFrom = Math.max(job.cursor, end - maxSlots * job.everyMs);
  return { to: Math.min(end, askFrom + share * job.everyMs), askFrom };
};

/** A failed slot is asked again for so long after it was due, and then given up. */
export const retriedForMs = 86_400_000;

/** How many intervals after its own end a slot is asked again: grows with time, so a later answer has a higher revision. */
export const revisionAt = (to: number, everyMs: number, now: number): number =>
  Math.max(1, Math.ceil((now - to) / everyMs));

/** The request for the slot of `job` that ends at `to`. */
export const requestFor = (
  job: SlotJob,
  to: number,
  reason: AnalysisRequest["reason"],
  revision: number,
): AnalysisRequest => ({
  slotId: slotId(job.id, to),
  jobId: job.id,
  jobName: job.name,
  analysis: job.analysis,
  params: job.params,
  sourceId: job.sourceId,
  serviceId: job.serviceId,
  serviceName: job.serviceName,
  filter: job.filter,
  window: { from: to - job.windowMs, to },
  everyMs: job.everyMs,
  delayMs: job.delayMs,
  revision,
  reason,
  dueAt: to + job.delayMs,
});

/** Requests that ask the same thing at the same time have the same key, and so meet in one batch of analyze. */
export const questionKey = (job: Pick<SlotJob, "sourceId" | "filter" | "windowMs" | "everyMs" | "cursor">): string =>
  digest(JSON.stringify([job.sourceId, job.filter, job.windowMs, job.everyMs, job.cursor % job.everyMs]));

/**
 * The job's slots whose own interval (the one before their end) lies in a span, as the end of the first and their number. Spans may
 * lie before the job's own start: late logs had them asked, or it had another interval then.
 */
export const slotsIn = (
  { from, to }: Window,
  { startAt, everyMs }: { startAt: number; everyMs: number },
): { first: number; count: number } => {
  const first = startAt + Math.ceil((from - startAt) / everyMs) * everyMs + everyMs;
  return { first, count: Math.max(0, Math.floor((to - first) / everyMs) + 1) };
};

/** Asks the slot that ends at `to` once more: whatever was answered before, the answer to this is newer. */
export const retryOf = (job: SlotJob, to: number, now: number): Keyed<AnalysisRequested> => {
  const data = requestFor(job, to, "retry", revisionAt(to, job.everyMs, now));
  const id = `${data.slotId}.${data.revision}`;
  return { key: questionKey(job), event: { id, type: "analysis.requested", at: now, cause: null, data } };
};
