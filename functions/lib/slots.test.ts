import fc from "fast-check";
import { expect, test } from "vitest";
import { alignedStart, claimUpTo, questionKey, revisionAt, slotId } from "./slots.ts";

test("a slot's id is derived: the same slot always has the same id", () => {
  expect(slotId("demo.logins", Date.UTC(2026, 10, 22, 12))).toBe("demo.logins@2026-11-22T12:00:00.000Z");
});

test("a part of what is due is the oldest of it, and what is given up is so only once", () => {
  const job = { everyMs: 1000, delayMs: 0 };
  const first = claimUpTo({ ...job, cursor: 0 }, 10_000_000, 3600, 400);
  expect(first).toEqual({ askFrom: 6_400_000, to: 6_800_000 });
  expect(claimUpTo({ ...job, cursor: first.to }, 10_000_000, 3600, 400)).toEqual({ askFrom: 6_800_000, to: 7_200_000 });
});

test("claims tile: whatever the ticks, every slot is claimed once and in order", () => {
  const job = fc.record({
    everyMs: fc.integer({ min: 1000, max: 100_000 }),
    delayMs: fc.integer({ min: 0, max: 60_000 }),
    cursor: fc.integer({ min: 0, max: 10_000_000 }),
  });
  const ticks = fc.array(fc.integer({ min: 0, max: 20_000_000 }), { maxLength: 20 });
  fc.assert(
    fc.property(job, ticks, (start, dueTimes) => {
      let cursor = start.cursor;
      const ends: number[] = [];
      for (const dueBy of dueTimes) {
        const claim = claimUpTo({ ...start, cursor }, dueBy, Number.MAX_SAFE_INTEGER);
        for (let to = claim.askFrom + start.everyMs; to <= claim.to; to += start.everyMs) {
          expect(to + start.delayMs).toBeLessThanOrEqual(dueBy);
          ends.push(to);
        }
        cursor = claim.to;
      }
      expect(ends).toEqual(ends.map((_, index) => start.cursor + (index + 1) * start.everyMs));
      const last = Math.max(0, ...dueTimes);
      expect(cursor + start.everyMs + start.delayMs).toBeGreaterThan(
        Math.min(last, cursor + start.everyMs + start.delayMs - 1),
      );
    }),
  );
});

test("catch-up is bounded to the newest slots", () => {
  const claim = claimUpTo({ cursor: 0, everyMs: 1000, delayMs: 0 }, 10_000_000, 3600);
  expect(claim).toEqual({ to: 10_000_000, askFrom: 10_000_000 - 3600 * 1000 });
});

test("a later asking has a higher revision, and the first has none", () => {
  expect([60_001, 120_000, 120_001].map((now) => revisionAt(60_000, 60_000, now))).toEqual([1, 1, 2]);
});

test("jobs that ask the same at the same time share a key, and others do not", () => {
  const job = { sourceId: "s", filter: "service:auth", windowMs: 60_000, everyMs: 10_000, cursor: 120_000 };
  expect(questionKey({ ...job, cursor: 990_000 })).toBe(questionKey(job));
  expect(questionKey({ ...job, cursor: 125_000 })).not.toBe(questionKey(job));
  expect(questionKey({ ...job, filter: "service:dns" })).not.toBe(questionKey(job));
});

test("first slots of jobs with one interval start together", () => {
  expect(alignedStart(123_456, 10_000)).toBe(120_000);
});
