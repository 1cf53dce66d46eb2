// The queue of slots against its definition: every slot of every span once, in the order they fall due.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Job } from "../storage/jobs.ts";
import { openSlotQueue, type SlotSpan } from "./slot-queue.ts";

const job = (id: string, everyMs: number, delayMs: number): Job => ({
  id,
  name: id,
  analysis: "failed-logins",
  params: {},
  sourceId: "source",
  serviceId: "auth",
  serviceName: "auth",
  filter: "",
  everyMs,
  windowMs: everyMs,
  delayMs,
  startAt: 0,
  cursor: 0,
  sentTo: 0,
});

const anySpan = fc.record({
  everyMs: fc.integer({ min: 1, max: 9 }),
  delayMs: fc.nat(7),
  from: fc.nat(50),
  slots: fc.nat(12),
});

const slotsOf = ({ job: { id, everyMs }, from, to }: SlotSpan): string[] =>
  Array.from({ length: (to - from) / everyMs }, (_, index) => `${id}@${from + (index + 1) * everyMs}`);

test("every slot is given out once, oldest due first, none before its time and no more at once than asked for", () => {
  fc.assert(
    fc.property(fc.array(anySpan, { maxLength: 8 }), fc.integer({ min: 1, max: 5 }), (spans, limit) => {
      const queue = openSlotQueue();
      const added = spans.map(({ everyMs, delayMs, from, slots }, index) => ({
        job: job(`j${index}`, everyMs, delayMs),
        key: "",
        from,
        to: from + slots * everyMs,
        isOvertaken: false,
      }));
      const taken: { id: string; dueAt: number }[] = [];
      // The second half comes while the first is being worked off.
      for (const half of [added.slice(0, 4), added.slice(4)]) {
        for (const span of half) queue.add(span);
        for (let now = 0; now < 30; now += 1) taken.push(...takeAll(queue, now, limit));
      }
      const early = taken.length;
      taken.push(...takeAll(queue, 1000, limit));
      expect(queue.nextDueAt()).toBeUndefined();
      expect(taken.map(({ id }) => id).sort()).toEqual(added.flatMap(slotsOf).sort());
      const last = taken.slice(early).map(({ dueAt }) => dueAt);
      expect(last).toEqual([...last].sort((left, right) => left - right));
    }),
    { seed: 11 },
  );
});

const takeAll = (queue: ReturnType<typeof openSlotQueue>, now: number, limit: number) => {
  const all: { id: string; dueAt: number }[] = [];
  for (;;) {
    const part = queue.take(now, limit);
    expect(part.length).toBeLessThanOrEqual(limit);
    if (part.length === 0) break;
    all.push(...part.map(({ span, to }) => ({ id: `${span.job.id}@${to}`, dueAt: to + span.job.delayMs })));
  }
  expect(all.every(({ dueAt }) => dueAt <= now)).toBe(true);
  expect(queue.nextDueAt() ?? now + 1).toBeGreaterThan(now);
  return all;
};
