// Schedule step: spans of slots, given out one by one in the order they fall due. A slot is only made when it is taken, so memory
// grows with the spans and not with their slots: an hour's outage of 20,000 jobs is 14 million of these.
import type { Job } from "../storage/jobs.ts";

/**
 * Slots of one job to publish: those ending in `(from, to]`. `isOvertaken`: later slots of the job may have been published already,
 * so these carry a revision, by which evaluate knows that they are no redelivery.
 */
export type SlotSpan = { job: Job; key: string; from: number; to: number; isOvertaken: boolean };
/** The slot of a span that ends at `to`. */
export type QueuedSlot = { span: SlotSpan; to: number };

export type SlotQueue = {
  add: (span: SlotSpan) => void;
  /** When the next slot falls due; undefined when there is none left. */
  nextDueAt: () => number | undefined;
  /** At most `limit` slots due by then, oldest due first. */
  take: (dueBy: number, limit: number) => QueuedSlot[];
};

/** Slots that fall due together, and how many of them were taken. */
type Moment = { slots: QueuedSlot[]; taken: number };

export const openSlotQueue = (): SlotQueue => {
  const moments = new Map<number, Moment>();
  // A binary heap of the moments: jobs share them, so there are far fewer than slots.
  const times: number[] = [];

  const put = (span: SlotSpan, to: number): void => {
    if (to > span.to) return;
    const dueAt = to + span.job.delayMs;
    const moment = moments.get(dueAt);
    if (moment) moment.slots.push({ span, to });
    else {
      moments.set(dueAt, { slots: [{ span, to }], taken: 0 });
      pushTime(times, dueAt);
    }
  };
  const takeOne = (): QueuedSlot | undefined => {
    const [dueAt] = times;
    const moment = dueAt === undefined ? undefined : moments.get(dueAt);
    const slot = moment?.slots[moment.taken];
    if (dueAt === undefined || !moment || !slot) return undefined;
    moment.taken += 1;
    if (moment.taken === moment.slots.length) {
      moments.delete(dueAt);
      popTime(times);
    }
    put(slot.span, slot.to + slot.span.job.everyMs);
    return slot;
  };
  return {
    add: (span) => put(span, span.from + span.job.everyMs),
    nextDueAt: () => times[0],
    take: (dueBy, limit) => {
      const taken: QueuedSlot[] = [];
      while (taken.length < limit && (times[0] ?? Number.POSITIVE_INFINITY) <= dueBy) {
        const slot = takeOne();
        if (slot) taken.push(slot);
      }
      return taken;
    },
  };
};

const at = (heap: readonly number[], index: number): number => heap[index] ?? Number.POSITIVE_INFINITY;

const pushTime = (heap: number[], time: number): void => {
  let index = heap.length;
  for (let parent = (index - 1) >> 1; index > 0 && at(heap, parent) > time; parent = (index - 1) >> 1) {
    heap[index] = at(heap, parent);
    index = parent;
  }
  heap[index] = time;
};

const popTime = (heap: number[]): void => {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    const left = 2 * index + 1;
    const child = at(heap, left + 1) < at(heap, left) ? left + 1 : left;
    if (at(heap, child) >= last) break;
    heap[index] = at(heap, child);
    index = child;
  }
  heap[index] = last;
};
