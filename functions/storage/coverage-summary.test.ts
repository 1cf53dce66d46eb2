// Coverage of a period: clipped, whole, every slot in one state; and the slots to ask again.
import fc from "fast-check";
import { expect, test } from "vitest";
import { retryOf, revisionAt } from "../lib/slots.ts";
import type { CoverageState } from "./coverage.ts";
import { gapsIn, summarise } from "./coverage-summary.ts";
import { span } from "./suite-samples.ts";

const job = { startAt: 0, everyMs: 10, askedUntil: 100 };
const range = (from: number, to: number, state: CoverageState, reason = "") => span("a", from, to, { state, reason });
const drawn = (...args: Parameters<typeof summarise>) =>
  summarise(...args).spans.map(({ from, to, state }) => `${from}-${to} ${state}`);

test("ranges are clipped to the period; what was never asked is missing, what has not come is due", () => {
  const ranges = [range(0, 40, "complete"), range(50, 60, "failed", "timeout: no"), range(60, 80, "revised")];
  const summary = summarise(ranges, { from: 20, to: 130 }, job);
  expect(summary.spans.map(({ from, to, state, reason }) => [from, to, state, reason])).toEqual([
    [20, 40, "complete", ""],
    [40, 50, "missing", "never asked"],
    [50, 60, "failed", "timeout: no"],
    [60, 80, "revised", ""],
    [80, 100, "missing", "never asked"],
    [100, 130, "due", ""],
  ]);
  expect(summary.slots).toEqual({ complete: 2, missing: 3, failed: 1, revised: 2, due: 3 });
});

test("a period before the job began holds nothing, unless late logs had it asked", () => {
  const late = { ...job, startAt: 50 };
  expect(summarise([], { from: 0, to: 40 }, late)).toMatchObject({ from: 40, to: 40, spans: [] });
  expect(drawn([], { from: 0, to: 70 }, late)).toEqual(["50-70 missing"]);
  expect(drawn([range(20, 30, "complete")], { from: 0, to: 60 }, late)).toEqual(["20-30 complete", "30-60 missing"]);
});

test("the gaps are the failed and missing slots, oldest first and bounded; retries of them are newer than any answer", () => {
  const summary = summarise([range(0, 30, "complete"), range(30, 60, "failed")], { from: 0, to: 200 }, job);
  expect(gapsIn(summary, job, 5)).toEqual({ ends: [40, 50, 60, 70, 80], count: 7 });
  // Half a slot at an edge of the period is not asked: its answer is of the whole.
  expect(gapsIn(summarise([], { from: 15, to: 45 }, job), job, 9)).toEqual({ ends: [30, 40], count: 2 });
  const asked = {
    ...{ id: "a", name: "a", analysis: "log-search", params: {}, sourceId: "s", serviceId: "s", serviceName: "s" },
    ...{ filter: "", everyMs: 10, delayMs: 0, windowMs: 30, cursor: 100 },
  };
  const { event } = retryOf(asked, 40, 95);
  expect(event.data).toMatchObject({ window: { from: 10, to: 40 }, reason: "retry", revision: revisionAt(40, 10, 95) });
  expect(event.id).toBe(`${event.data.slotId}.${event.data.revision}`);
});

test("whatever the ranges: spans tile the period and every slot of it is counted once", () => {
  const cuts = fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { minLength: 2, maxLength: 20 });
  const states = fc.array(fc.constantFrom<CoverageState | "none">("complete", "failed", "missing", "revised", "none"), {
    minLength: 20,
    maxLength: 20,
  });
  const period = fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 400 }));
  fc.assert(
    fc.property(cuts, states, period, (edges, kinds, [from, lengthMs]) => {
      const sorted = edges.map((edge) => edge * 10).sort((left, right) => left - right);
      const to = from + lengthMs;
      const ranges = sorted.slice(1).flatMap((end, index) => {
        const state = kinds[index] ?? "none";
        const start = sorted[index] ?? 0;
        return state === "none" || end <= from || start >= to ? [] : [range(start, end, state)];
      });
      const summary = summarise(ranges, { from, to }, job);
      let open = summary.from;
      for (const one of summary.spans) {
        expect([one.from, one.from < one.to]).toEqual([open, true]);
        open = one.to;
      }
      expect(open).toBe(to);
      const counted = Object.values(summary.slots).reduce((sum, count) => sum + count, 0);
      expect(counted).toBe(Math.floor(to / 10) - Math.floor(summary.from / 10));
    }),
  );
});
