// Schedule step: slots go out at their second; those of past seconds at once, oldest first. Out: `analysis.requested`.
import type { AnalysisRequested } from "@logwatch/events";
import type { Emit, Keyed } from "../lib/emit.ts";
import { requestFor, revisionAt } from "../lib/slots.ts";
import type { HeldClaims } from "./held-claims.ts";
import type { QueuedSlot, SlotQueue } from "./slot-queue.ts";

export type PublishPorts = {
  emit: Emit;
  now: () => number;
  /** Resolves at that moment (at once when it is past); false when the step has to stop before. */
  waitUntil: (at: number) => Promise<boolean>;
};

export type Published = { slots: number; mustStop: boolean };

const eventsInCall = 500;
/** What is asked later than this after it was due is called catching up. */
const catchUpMs = 60_000;

/** Publishes what falls due until that moment, and waits for it unless the queue is empty before. Keeps what is held alive. */
export const publishSlots = async (
  queue: SlotQueue,
  until: number,
  tickAt: number,
  held: HeldClaims,
  ports: PublishPorts,
): Promise<Published> => {
  for (let slots = 0; ; ) {
    const dueAt = queue.nextDueAt();
    if (dueAt === undefined) return { slots, mustStop: false };
    const at = Math.max(dueAt, tickAt);
    if (at > until) return { slots, mustStop: !(await ports.waitUntil(until)) };
    if (!(await ports.waitUntil(at))) return { slots, mustStop: true };
    await held.renew();
    const now = ports.now();
    const due = queue.take(Math.max(at, now), eventsInCall);
    await ports.emit(
      "logwatch.analysis.requested",
      due.map((slot) => requested(slot, tickAt, now)),
    );
    slots += due.length;
  }
};

const requested = ({ span, to }: QueuedSlot, tickAt: number, now: number): Keyed<AnalysisRequested> => {
  const { job, key, isOvertaken } = span;
  const reason = to + job.delayMs < tickAt - catchUpMs ? "catch-up" : "due";
  const revision = isOvertaken ? revisionAt(to, job.everyMs, now) : 0;
  const data = requestFor(job, to, reason, revision);
  const id = revision === 0 ? data.slotId : `${data.slotId}.${revision}`;
  return { key, event: { id, type: "analysis.requested", at: now, cause: null, data } };
};
