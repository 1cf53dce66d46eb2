// Schedule step, core of its second duty: what is owed and did not happen. Failed slots are asked again; notifications that
// are still owed after their time are requested again, under the same ids.
import type { Emit } from "../lib/emit.ts";
import { questionKey, requestFor, revisionAt, slotId } from "../lib/slots.ts";
import type { CoverageStore } from "../storage/coverage.ts";
import type { JobStore } from "../storage/jobs.ts";
import type { NotificationStore } from "../storage/notifications.ts";

export type SweepPorts = {
  jobs: Pick<JobStore, "find">;
  coverage: Pick<CoverageStore, "retryable" | "postpone">;
  notifications: Pick<NotificationStore, "due" | "settle">;
  emit: Emit;
  now: () => number;
};

/** How long a request that was just sent again is left alone. */
const graceMs = 60_000;
/** Most slots asked again in one sweep, so that a source that comes back is not drowned. */
const maxSlots = 600;
const maxNotifications = 200;
/** `deliver` gives a message up after a day. One that is owed for longer has nobody who delivers it: its channel is gone. */
const nobodyDeliversMs = 86_400_000 + 3_600_000;

/** Asks failed slots again whose time has come. How many were asked. */
export const retryFailedSlots = async (ports: SweepPorts): Promise<number> => {
  const now = ports.now();
  const ranges = await ports.coverage.retryable(now, 100);
  if (ranges.length === 0) return 0;
  const taken = await ports.coverage.postpone(ranges, now + graceMs);
  const jobs = new Map(
    (await ports.jobs.find([...new Set(ranges.map((range) => range.jobId))])).map((job) => [job.id, job]),
  );
  const events = ranges.flatMap((range, index) => {
    const job = jobs.get(range.jobId);
    if (!taken[index] || !job) return [];
    const ends: number[] = [];
    // A slot answers for the interval before its end; the ledger's ranges are made of such intervals.
    for (let to = range.from + job.everyMs; to <= range.to; to += job.everyMs) ends.push(to);
    return ends.map((to) => {
      const data = requestFor(job, to, "retry", revisionAt(to, job.everyMs, now));
      const id = `${slotId(job.id, to)}.${data.revision}`;
      return { key: questionKey(job), event: { id, type: "analysis.requested" as const, at: now, cause: null, data } };
    });
  });
  const asked = events.slice(0, maxSlots);
  await ports.emit("logwatch.analysis.requested", asked);
  return asked.length;
};

/**
 * Requests delivery again of what is still owed: its first request was lost, or its channel asked to wait. How many were requested.
 * What nobody delivers ends as failed, so that it is seen and not requested for ever.
 */
export const requestOwed = async (ports: SweepPorts): Promise<number> => {
  const now = ports.now();
  const due = await ports.notifications.due(now, maxNotifications);
  if (due.length === 0) return 0;
  const owed = due.filter((one) => now - one.createdAt <= nobodyDeliversMs);
  await ports.notifications.settle(
    due.map((one) =>
      now - one.createdAt <= nobodyDeliversMs
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
