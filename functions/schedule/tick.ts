// Schedule step, core. In: one tick of the clock. Out: `analysis.requested`, one a slot, each at its second.
// Order matters: claim (one conditional write) → publish → confirm. A tick that dies between leaves an unconfirmed claim,
// which a later tick takes over: every slot is asked, and asked twice only if the first asking was cut off.
import { type ClaimLimits, type ClaimPorts, claimDue, takeOver } from "./claim-slots.ts";
import { type HeldClaims, type HoldPorts, holdClaims } from "./held-claims.ts";
import { type PublishPorts, publishSlots } from "./publish-slots.ts";
import { openSlotQueue, type SlotQueue } from "./slot-queue.ts";

export type TickPorts = ClaimPorts & HoldPorts & PublishPorts;

export type TickLimits = ClaimLimits & {
  /** How far ahead of the tick slots are claimed: until the next tick. */
  aheadMs: number;
  /** An unconfirmed claim that was not renewed for so long belongs to a dead tick. Shorter than a tick, so that the next one finds it. */
  leaseMs: number;
  /** How often a living tick renews its claims, and looks for those of dead ones. */
  renewEveryMs: number;
  /** A job whose next slot is due for so long is behind, and caught up before anything is claimed ahead. */
  lateAfterMs: number;
  /** Most slots of jobs that are behind in one part: what a tick that dies asks again, and how long the other jobs wait. */
  maxLateSlots: number;
};

export const tickLimits: TickLimits = {
  aheadMs: 60_000,
  leaseMs: 30_000,
  renewEveryMs: 10_000,
  lateAfterMs: 10_000,
  maxLateSlots: 200_000,
  claimSize: 500,
  maxCatchUpSlots: 3600,
};

/** What one tick has in hand. */
type Tick = { at: number; held: HeldClaims; ports: TickPorts; limits: TickLimits; slots: number };

/** Works off one tick: claims what is due until the next one and publishes each slot when it is due. How many slots went out. */
export const runTick = async (at: number, ports: TickPorts, limits: TickLimits = tickLimits): Promise<number> => {
  const held = holdClaims(ports, limits.renewEveryMs);
  const tick: Tick = { at, held, ports, limits, slots: 0 };
  try {
    await workOff(tick);
    await held.giveBack();
    return tick.slots;
  } catch (error) {
    // What failed is what must be told; a claim that cannot be given back ends with its lease.
    await held.giveBack().catch(() => undefined);
    throw error;
  }
};

/** Looks at once and then as often as it renews: a tick that dies meanwhile is taken over within its lease, not with the next minute. */
const workOff = async (tick: Tick): Promise<void> => {
  const { at, held, ports, limits } = tick;
  const ahead = openSlotQueue();
  // A host may know better what is dead at its first look only: from then on the claims of ticks that live beside it are there too.
  let leaseMs = limits.leaseMs;
  for (let lookAt = Math.max(at, ports.now()); ; lookAt = Math.max(lookAt, ports.now())) {
    if (!(await catchUp(tick, ahead, leaseMs))) return;
    await claimAhead(tick, ahead);
    if (ahead.nextDueAt() === undefined) break;
    lookAt += limits.renewEveryMs;
    if (!(await publish(tick, ahead, lookAt))) return;
    await held.renew();
    leaseMs = Math.max(limits.leaseMs, tickLimits.leaseMs);
  }
  await held.confirm(held.ids());
};

/**
 * What dead ticks left and what nobody claimed in time goes out first, part by part, and only then is anything claimed ahead: so
 * the slots of a job stay in order. False when the tick has to stop.
 */
const catchUp = async (tick: Tick, ahead: SlotQueue, leaseMs: number): Promise<boolean> => {
  const { held, ports, limits } = tick;
  const lateBy = lateByOf(tick);
  const dead = await takeOver(leaseMs, held, ports, limits);
  for (const span of dead.ahead.spans) ahead.add(span);
  const late = { dueBy: lateBy, lateBy, maxSlots: limits.maxLateSlots };
  for (let part = dead.late; ; part = await claimDue(late, held, ports, limits)) {
    const queue = openSlotQueue();
    for (const span of part.spans) queue.add(span);
    if (!(await publish(tick, queue, Number.POSITIVE_INFINITY))) return false;
    await held.confirm(part.claimIds);
    if (part !== dead.late && part.spans.length === 0) return true;
  }
};

const claimAhead = async (tick: Tick, ahead: SlotQueue): Promise<void> => {
  const { at, held, ports, limits } = tick;
  const slots = { dueBy: at + limits.aheadMs, lateBy: lateByOf(tick), maxSlots: Number.POSITIVE_INFINITY };
  const { spans } = await claimDue(slots, held, ports, limits);
  for (const span of spans) ahead.add(span);
};

const lateByOf = ({ at, ports, limits }: Tick): number =>
  Math.min(ports.now(), at + limits.aheadMs) - limits.lateAfterMs;

const publish = async (tick: Tick, queue: SlotQueue, until: number): Promise<boolean> => {
  const { slots, mustStop } = await publishSlots(queue, until, tick.at, tick.held, tick.ports);
  tick.slots += slots;
  return !mustStop;
};
