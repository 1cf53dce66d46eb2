// Schedule step, core. In: one tick of the clock. Out: `analysis.requested`, one a slot, each at its second.
// Order matters: claim (one conditional write) → publish → confirm. A tick that dies between leaves an unconfirmed claim,
// which a later tick takes over: every slot is asked, and asked twice only if the first asking was cut off.
import type { AnalysisRequest } from "@logwatch/events";
import type { Emit } from "../lib/emit.ts";
import type { Log } from "../lib/log.ts";
import { claimUpTo, questionKey, requestFor } from "../lib/slots.ts";
import type { CoverageStore } from "../storage/coverage.ts";
import type { Job, JobStore } from "../storage/jobs.ts";

export type TickPorts = {
  jobs: Pick<JobStore, "due" | "claim" | "confirm" | "abandoned" | "reclaim">;
  coverage: Pick<CoverageStore, "record">;
  emit: Emit;
  now: () => number;
  /** Resolves at that moment (at once when it is past); false when the step has to stop before. */
  waitUntil: (at: number) => Promise<boolean>;
  newId: () => string;
  log: Log;
};

export type TickLimits = {
  /** How far ahead of the tick slots are claimed: until the next tick. */
  aheadMs: number;
  /** An unconfirmed claim older than this belongs to a dead tick. */
  leaseMs: number;
  /** Jobs in one claim. */
  claimSize: number;
  /** Most slots of one job asked at once after an outage; older ones become `missing`, and that is told. */
  maxCatchUpSlots: number;
};

export const tickLimits: TickLimits = { aheadMs: 60_000, leaseMs: 75_000, claimSize: 500, maxCatchUpSlots: 3600 };

/** Slots of one job to publish: those ending in `(from, to]`. */
type Batch = { job: Job; key: string; from: number; to: number };

/** Works off one tick: claims what is due until the next one and publishes each slot when it is due. How many slots went out. */
export const runTick = async (tickAt: number, ports: TickPorts, limits: TickLimits = tickLimits): Promise<number> => {
  const claimIds: string[] = [];
  const batches = [...(await takeOver(ports, limits, claimIds)), ...(await claimDue(tickAt, ports, limits, claimIds))];
  const sent = await publishAtTheirSecond(tickAt, batches, ports);
  if (sent.finished) for (const claimId of claimIds) await ports.jobs.confirm(claimId);
  return sent.slots;
};

const claimDue = async (tickAt: number, ports: TickPorts, limits: TickLimits, claimIds: string[]): Promise<Batch[]> => {
  const dueBy = tickAt + limits.aheadMs;
  const batches: Batch[] = [];
  for (;;) {
    const jobs = await ports.jobs.due(dueBy, limits.claimSize);
    if (jobs.length === 0) return batches;
    const spans = new Map(jobs.map((job) => [job.id, claimUpTo(job, dueBy, limits.maxCatchUpSlots)]));
    const claimId = ports.newId();
    const claims = jobs.map((job) => ({ jobId: job.id, from: job.cursor, to: spans.get(job.id)?.to ?? job.cursor }));
    const won = await ports.jobs.claim(claims, claimId, ports.now());
    claimIds.push(claimId);
    const mine = jobs.filter((job) => won.has(job.id));
    for (const job of mine) {
      const span = spans.get(job.id);
      if (span) batches.push({ job, key: questionKey(job), from: span.askFrom, to: span.to });
    }
    await tellMissing(mine, spans, ports);
    // Another tick won everything we saw: it is at work, and asking for the same page again would only race it.
    if (mine.length === 0) return batches;
  }
};

const takeOver = async (ports: TickPorts, limits: TickLimits, claimIds: string[]): Promise<Batch[]> => {
  const claimedBefore = ports.now() - limits.leaseMs;
  const abandoned = await ports.jobs.abandoned(claimedBefore, limits.claimSize);
  if (abandoned.length === 0) return [];
  const claimId = ports.newId();
  const won = await ports.jobs.reclaim(abandoned, claimedBefore, claimId, ports.now());
  claimIds.push(claimId);
  ports.log("warn", "took over slots of a tick that died", { jobs: won.size });
  return abandoned
    .filter((job) => won.has(job.id))
    .map((job) => ({
      job,
      key: questionKey(job),
      from: Math.max(job.sentTo, job.cursor - limits.maxCatchUpSlots * job.everyMs),
      to: job.cursor,
    }));
};

/** After a long outage the oldest slots are given up; the ledger says so. */
const tellMissing = async (jobs: Job[], spans: Map<string, { askFrom: number }>, ports: TickPorts): Promise<void> => {
  const missing = jobs.flatMap((job) => {
    const askFrom = spans.get(job.id)?.askFrom ?? job.cursor;
    if (askFrom <= job.cursor) return [];
    ports.log("warn", "catch-up is bounded: slots were not asked", { job: job.id, from: job.cursor, to: askFrom });
    const reason = "not asked: the outage was longer than catch-up goes back";
    return [
      {
        jobId: job.id,
        from: job.cursor,
        to: askFrom,
        state: "missing" as const,
        revision: 0,
        reason,
        attempts: 0,
        retryAt: null,
      },
    ];
  });
  if (missing.length > 0) await ports.coverage.record(missing);
};

/** Slots that fall due together go out together; those of past seconds at once, in order. */
const publishAtTheirSecond = async (
  tickAt: number,
  batches: Batch[],
  ports: TickPorts,
): Promise<{ slots: number; finished: boolean }> => {
  const byDueTime = new Map<number, { batch: Batch; to: number; reason: AnalysisRequest["reason"] }[]>();
  for (const batch of batches) {
    for (let to = batch.from + batch.job.everyMs; to <= batch.to; to += batch.job.everyMs) {
      const dueAt = to + batch.job.delayMs;
      const at = Math.max(dueAt, tickAt);
      const reason = dueAt < tickAt - 60_000 ? "catch-up" : "due";
      const slots = byDueTime.get(at);
      if (slots) slots.push({ batch, to, reason });
      else byDueTime.set(at, [{ batch, to, reason }]);
    }
  }
  let slots = 0;
  for (const at of [...byDueTime.keys()].sort((left, right) => left - right)) {
    if (!(await ports.waitUntil(at))) return { slots, finished: false };
    const due = byDueTime.get(at) ?? [];
    for (let start = 0; start < due.length; start += 500) {
      await ports.emit(
        "logwatch.analysis.requested",
        due.slice(start, start + 500).map(({ batch, to, reason }) => {
          const data = requestFor(batch.job, to, reason, 0);
          return {
            key: batch.key,
            event: { id: data.slotId, type: "analysis.requested" as const, at: ports.now(), cause: null, data },
          };
        }),
      );
    }
    slots += due.length;
  }
  return { slots, finished: true };
};
