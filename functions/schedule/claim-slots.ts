// Schedule step: which slots are this tick's. Taken over from ticks that died, or claimed from where the jobs' cursors stand.
import type { Log } from "../lib/log.ts";
import { claimUpTo, questionKey } from "../lib/slots.ts";
import type { CoverageRange, CoverageStore } from "../storage/coverage.ts";
import type { AbandonedJob, Job, JobStore } from "../storage/jobs.ts";
import type { HeldClaims } from "./held-claims.ts";
import type { SlotSpan } from "./slot-queue.ts";

export type ClaimPorts = {
  jobs: Pick<JobStore, "due" | "claim" | "abandoned" | "reclaim">;
  coverage: Pick<CoverageStore, "record">;
  now: () => number;
  log: Log;
};

export type ClaimLimits = {
  /** Jobs in one claim. */
  claimSize: number;
  /** Most slots of one job asked after an outage; older ones become `missing`, and that is told. */
  maxCatchUpSlots: number;
};

/** Slots to publish, and the claims to confirm when they are. */
export type Claimed = { spans: SlotSpan[]; claimIds: string[] };

/** `lateBy`: a job that is due by then is behind. While somebody works on a claim of it, its next slots are left to him. */
export type DueSlots = { dueBy: number; lateBy: number; maxSlots: number };

/** Claims what is due, oldest first, up to about that many slots: what a job has more of stays due. */
export const claimDue = async (
  { dueBy, lateBy, maxSlots }: DueSlots,
  held: HeldClaims,
  ports: ClaimPorts,
  limits: ClaimLimits,
): Promise<Claimed> => {
  const claimed: Claimed = { spans: [], claimIds: [] };
  for (let left = maxSlots; left > 0; ) {
    const jobs = await ports.jobs.due(dueBy, limits.claimSize, lateBy);
    if (jobs.length === 0) break;
    const share = Math.max(1, Math.floor(left / jobs.length));
    const moves = jobs.map((job) => ({ job, ...claimUpTo(job, dueBy, limits.maxCatchUpSlots, share) }));
    const claimId = held.open();
    claimed.claimIds.push(claimId);
    const claims = moves.map(({ job, to }) => ({ jobId: job.id, from: job.cursor, to }));
    const won = await ports.jobs.claim(claims, claimId, ports.now());
    const mine = moves.filter(({ job }) => won.has(job.id));
    // Another tick won everything we saw: it is at work, and asking for the same page again would only race it.
    if (mine.length === 0) break;
    for (const { job, askFrom, to } of mine) {
      claimed.spans.push({ job, key: questionKey(job), from: askFrom, to, isOvertaken: false });
      left -= (to - askFrom) / job.everyMs;
    }
    await tellMissing(
      mine.map(({ job, askFrom }) => ({ job, from: job.cursor, to: askFrom })),
      ports,
    );
  }
  return claimed;
};

/** Every claim that outlived its lease, in two parts: what is due already, and what falls due only later. */
export const takeOver = async (
  leaseMs: number,
  held: HeldClaims,
  ports: ClaimPorts,
  limits: ClaimLimits,
): Promise<{ late: Claimed; ahead: Claimed }> => {
  const now = ports.now();
  const claimedBefore = now - leaseMs;
  const late: Claimed = { spans: [], claimIds: [] };
  const ahead: Claimed = { spans: [], claimIds: [] };
  const isLate = ({ cursor, delayMs }: Job): boolean => cursor + delayMs <= now;
  for (;;) {
    const found = await ports.jobs.abandoned(claimedBefore, limits.claimSize, held.ids());
    let won = 0;
    for (const [part, jobs] of [
      [late, found.filter(isLate)],
      [ahead, found.filter((job) => !isLate(job))],
    ] as const) {
      if (jobs.length > 0) won += await reclaim(part, jobs, claimedBefore, held, ports, limits);
    }
    if (won > 0) ports.log("warn", "took over slots of a tick that died", { jobs: won });
    else return { late, ahead };
  }
};

const reclaim = async (
  part: Claimed,
  jobs: readonly AbandonedJob[],
  claimedBefore: number,
  held: HeldClaims,
  ports: ClaimPorts,
  { maxCatchUpSlots }: ClaimLimits,
): Promise<number> => {
  const claimId = held.open();
  part.claimIds.push(claimId);
  const won = await ports.jobs.reclaim(jobs, claimedBefore, claimId, ports.now());
  const mine = jobs
    .filter((job) => won.has(job.id))
    .map((job) => ({ job, askFrom: Math.max(job.sentTo, job.cursor - maxCatchUpSlots * job.everyMs) }));
  for (const { job, askFrom } of mine)
    part.spans.push({ job, key: questionKey(job), from: askFrom, to: job.cursor, isOvertaken: job.isOvertaken });
  // The dead tick may not have come to tell it.
  await tellMissing(
    mine.map(({ job, askFrom }) => ({ job, from: job.sentTo, to: askFrom })),
    ports,
  );
  return mine.length;
};

/** After a long outage the oldest slots are given up; the ledger says so. */
const tellMissing = async (
  spans: readonly { job: Job; from: number; to: number }[],
  ports: Pick<ClaimPorts, "coverage" | "log">,
): Promise<void> => {
  const given = spans.filter(({ from, to }) => to > from);
  for (const { job, from, to } of given)
    ports.log("warn", "catch-up is bounded: slots were not asked", { job: job.id, from, to });
  if (given.length > 0) await ports.coverage.record(given.map(({ job, from, to }) => missing(job.id, from, to)));
};

const missing = (jobId: string, from: number, to: number): CoverageRange => ({
  jobId,
  from,
  to,
  state: "missing",
  revision: 0,
  reason: "not asked: the outage was longer than catch-up goes back",
  retryAt: null,
});
