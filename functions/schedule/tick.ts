// Schedule step, core. In: one tick of the clock. Out: `analysis.requested`, one a slot, each at its second.
// Order matters: claim (one conditional write) → publish → confirm. A tick that dies between leaves an unconfirmed claim,
// which a later tick takes over: every slot is asked, and asked twice only if the first asking was cut off.
import type { AnalysisRequest } from "@logwatch/events";
import type { Emit } from "../lib/emit.ts";
import type { Log } from "../lib/log.ts";
import { claimUpTo, questionKey, requestFor, revisionAt } from "../lib/slots.ts";
import type { CoverageStore } from "../storage/coverage.ts";
import type { Job, JobStore } from "../storage/jobs.ts";

export type TickPorts = {
  jobs: Pick<JobStore, "due" | "claim" | "renew" | "confirm" | "abandoned" | "reclaim" | "find">;
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
  /** An unconfirmed claim that was not renewed for so long belongs to a dead tick. Shorter than a tick, so that the next one finds it. */
  leaseMs: number;
  /** How often a living tick renews its claims. */
  renewEveryMs: number;
  /** Jobs in one claim. */
  claimSize: number;
  /** Most slots of one job asked at once after an outage; older ones become `missing`, and that is told. */
  maxCatchUpSlots: number;
};

export const tickLimits: TickLimits = {
  aheadMs: 60_000,
  leaseMs: 30_000,
  renewEveryMs: 10_000,
  claimSize: 500,
  maxCatchUpSlots: 3600,
};

/**
 * Slots of one job to publish: those ending in `(from, to]`. `isOvertaken`: later slots of the job may have been published already,
 * so these carry a revision, by which evaluate knows that they are no redelivery.
 */
type Batch = { job: Job; key: string; from: number; to: number; isOvertaken?: boolean };

/** Works off one tick: claims what is due until the next one and publishes each slot when it is due. How many slots went out. */
export const runTick = async (tickAt: number, ports: TickPorts, limits: TickLimits = tickLimits): Promise<number> => {
  const claimIds: string[] = [];
  const batches = [...(await takeOver(ports, limits, claimIds)), ...(await claimDue(tickAt, ports, limits, claimIds))];
  const sent = await publishAtTheirSecond(tickAt, batches, ports, keepAlive(claimIds, ports, limits));
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

/** Every dead claim, oldest first, so that older slots of a job are published before what this tick claims itself. */
const takeOver = async (ports: TickPorts, limits: TickLimits, claimIds: string[]): Promise<Batch[]> => {
  const claimedBefore = ports.now() - limits.leaseMs;
  const batches: Batch[] = [];
  const seen = new Set<string>();
  for (;;) {
    const page = await ports.jobs.abandoned(claimedBefore, limits.claimSize);
    const fresh = page.filter((job) => !seen.has(`${job.id} ${job.sentTo}`));
    if (fresh.length === 0) return batches;
    for (const job of fresh) seen.add(`${job.id} ${job.sentTo}`);
    const claimId = ports.newId();
    const won = await ports.jobs.reclaim(fresh, claimedBefore, claimId, ports.now());
    claimIds.push(claimId);
    ports.log("warn", "took over slots of a tick that died", { jobs: won.size });
    const mine = fresh.filter((job) => won.has(job.id));
    const cursors = new Map((await ports.jobs.find([...won])).map((job) => [job.id, job.cursor]));
    const spans = new Map(mine.map((job) => [job.id, spanOf(job, limits)]));
    for (const job of mine) {
      const from = spans.get(job.id)?.askFrom ?? job.sentTo;
      batches.push({
        job,
        key: questionKey(job),
        from,
        to: job.cursor,
        isOvertaken: cursors.get(job.id) !== job.cursor,
      });
    }
    // The dead tick may not have come to tell it.
    await tellMissing(
      mine.map((job) => ({ ...job, cursor: job.sentTo })),
      spans,
      ports,
    );
  }
};

/** What of a taken-over claim is asked: the oldest slots are given up, as at a claim. */
const spanOf = ({ sentTo, cursor, everyMs }: Job, { maxCatchUpSlots }: TickLimits): { askFrom: number } => ({
  askFrom: Math.max(sentTo, cursor - maxCatchUpSlots * everyMs),
});

/** Renews the claims of this tick when it is time. */
const keepAlive = (claimIds: readonly string[], ports: TickPorts, { renewEveryMs }: TickLimits) => {
  let renewedAt = ports.now();
  return {
    /** At most this long may pass before the next `renew`. */
    everyMs: renewEveryMs,
    renew: async (): Promise<void> => {
      if (claimIds.length === 0 || ports.now() - renewedAt < renewEveryMs) return;
      renewedAt = ports.now();
      await ports.jobs.renew(claimIds, renewedAt);
    },
  };
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
  alive: ReturnType<typeof keepAlive>,
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
    for (let next = ports.now(); next < at; ) {
      next = Math.min(at, next + alive.everyMs);
      if (!(await ports.waitUntil(next))) return { slots, finished: false };
      await alive.renew();
    }
    if (!(await ports.waitUntil(at))) return { slots, finished: false };
    const due = byDueTime.get(at) ?? [];
    for (let start = 0; start < due.length; start += 500) {
      await alive.renew();
      await ports.emit(
        "logwatch.analysis.requested",
        due.slice(start, start + 500).map(({ batch, to, reason }) => {
          const revision = batch.isOvertaken ? revisionAt(to, batch.job.everyMs, ports.now()) : 0;
          const data = requestFor(batch.job, to, reason, revision);
          const id = revision === 0 ? data.slotId : `${data.slotId}.${revision}`;
          return {
            key: batch.key,
            event: { id, type: "analysis.requested" as const, at: ports.now(), cause: null, data },
          };
        }),
      );
    }
    slots += due.length;
  }
  return { slots, finished: true };
};
