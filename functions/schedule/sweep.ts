// Schedule step, core of its second duty: what is owed and did not happen. Failed slots are asked again; notifications that
// are still owed after their time are requested again, under the same ids.
import type { Emit } from "../lib/emit.ts";
import { retriedForMs, retryOf, slotsIn } from "../lib/slots.ts";
import type { CoverageRange, CoverageStore } from "../storage/coverage.ts";
import type { Job, JobStore } from "../storage/jobs.ts";
import type { NotificationRecord, NotificationStore } from "../storage/notifications.ts";

export type SweepPorts = {
  jobs: Pick<JobStore, "find">;
  coverage: Pick<CoverageStore, "retryable" | "postpone" | "giveUp">;
  notifications: Pick<NotificationStore, "due" | "settle">;
  emit: Emit;
  now: () => number;
};

/** How long a request that was just sent again is left alone. */
const graceMs = 60_000;
/** Most slots asked again in one sweep, so that a source that comes back is not drowned; and most ranges looked at for them. */
const maxSlots = 1000;
const maxRanges = 500;
const eventsInCall = 500;
const maxNotifications = 200;
/** `deliver` gives a message up after a day. One that is owed for longer has nobody who delivers it: its channel is gone. */
const nobodyDeliversMs = 86_400_000 + 3_600_000;

/** Asks failed slots again whose time has come; gives up those that nobody can ask any more. How many were asked. */
export const retryFailedSlots = async (ports: SweepPorts): Promise<number> => {
  const now = ports.now();
  const ranges = await ports.coverage.retryable(now, maxRanges);
  if (ranges.length === 0) return 0;
  const jobs = new Map(
    (await ports.jobs.find([...new Set(ranges.map((range) => range.jobId))])).map((job) => [job.id, job]),
  );
  const { chosen, hopeless } = chooseRetries(ranges, jobs, now);
  await ports.coverage.giveUp(hopeless);
  const taken = await ports.coverage.postpone(
    chosen.map(({ range }) => range),
    now + graceMs,
  );
  const events = chosen.flatMap(({ job, ends }, index) =>
    taken[index] ? ends.map((to) => retryOf(job, to, now)) : [],
  );
  for (let start = 0; start < events.length; start += eventsInCall)
    await ports.emit("logwatch.analysis.requested", events.slice(start, start + eventsInCall));
  return events.length;
};

type Retry = { range: CoverageRange; job: Job; ends: number[] };

/** As many ranges as hold the slots of one sweep; those left over are due at the next. A larger one is asked from its start on. */
const chooseRetries = (ranges: readonly CoverageRange[], jobs: ReadonlyMap<string, Job>, now: number) => {
  const chosen: Retry[] = [];
  const hopeless: CoverageRange[] = [];
  let left = maxSlots;
  for (const range of ranges) {
    const job = jobs.get(range.jobId);
    const { first, count } = job ? askable(range, job, now) : { first: 0, count: 0 };
    if (!job || count === 0) hopeless.push(range);
    else if (left === maxSlots || count <= left) {
      const asked = Math.min(left, count);
      chosen.push({ range, job, ends: Array.from({ length: asked }, (_, index) => first + index * job.everyMs) });
      left -= asked;
    }
  }
  return { chosen, hopeless };
};

/** The slots of the job that lie in a range and are not too old. */
const askable = (range: CoverageRange, job: Job, now: number) => {
  const oldest = now - retriedForMs - job.delayMs - job.everyMs;
  return slotsIn({ from: Math.max(range.from, oldest), to: range.to }, job);
};

/**
 * Requests delivery again of what is still owed: its first request was lost, or its channel asked to wait. How many were requested.
 * What nobody delivers ends as failed, so that it is seen and not requested for ever.
 */
export const requestOwed = async (ports: SweepPorts): Promise<number> => {
  const now = ports.now();
  const due = await ports.notifications.due(now, maxNotifications);
  if (due.length === 0) return 0;
  const isYoung = ({ createdAt, resent }: NotificationRecord) => now - (resent?.at ?? createdAt) <= nobodyDeliversMs;
  const owed = due.filter(isYoung);
  await ports.notifications.settle(
    due.map((one) =>
      isYoung(one)
        ? { ...one, nextAttemptAt: now + graceMs }
        : { ...one, state: "failed", reason: "undelivered: nobody delivered it for a day", nextAttemptAt: 0 },
    ),
  );
  await ports.emit(
    "logwatch.notification.requested",
    owed.map(({ notificationId, destinationId, channel, evaluationId, ruleId, message, attempts }) => ({
      key: destinationId,
      event: {
        id: notificationId,
        type: "notification.requested" as const,
        at: now,
        cause: evaluationId,
        data: { notificationId, destinationId, channel, evaluationId, ruleId, message, attempts },
      },
    })),
  );
  return owed.length;
};
