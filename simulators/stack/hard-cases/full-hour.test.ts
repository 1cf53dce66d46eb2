// A great many jobs that are all due at the full hour, a scheduler that skipped its ticks for five minutes, and two at once: each
// slot is claimed once, a skipped tick is caught up once, and no job is asked more often than slots are due.
import { expect, test } from "vitest";
import { openMemory } from "../../../functions/sources/memory.ts";
import type { Storage } from "../../../functions/storage/storage.ts";
import { configuration, job, minute, second, start } from "../test-scenario.ts";
import { type ByHand, byHand } from "./by-hand.ts";
import { type StoreKind, storeKinds, storeOpener } from "./open-stores.ts";

const open = storeOpener();
/** `LOGWATCH_HARD_JOBS=100000` plays the figure of the worst case. */
const many = Number(process.env.LOGWATCH_HARD_JOBS ?? 5_000);

const openHand = async (kind: StoreKind, count: number, everyMs: number): Promise<ByHand> => {
  const storage: Storage = await open(kind);
  await storage.configuration.apply("test", {
    ...configuration,
    jobs: Array.from({ length: count }, (_, index) => ({
      ...job(`job-${index}`, "log-search", everyMs, everyMs),
      delayMs: 0,
    })),
    rules: [],
  });
  return byHand(storage, openMemory([]), { now: start });
};

/** How often each slot was asked. */
const slotsOf = (hand: ByHand): Map<string, number> => {
  const slots = new Map<string, number>();
  for (const { value } of hand.published["logwatch.analysis.requested"]) {
    const { slotId } = JSON.parse(value).data;
    slots.set(String(slotId), (slots.get(String(slotId)) ?? 0) + 1);
  }
  return slots;
};
const isEachOnce = (slots: Map<string, number>): boolean => [...slots.values()].every((times) => times === 1);

test.each(storeKinds)(
  `${many} jobs due at the full hour: each asked once, in one tick, over %s`,
  { timeout: 300_000 },
  async (kind) => {
    const hand = await openHand(kind, many, 60 * minute);
    hand.clock.now = start + 60 * minute;
    const began = performance.now();
    expect(await hand.tick()).toBe(many);
    if (process.env.LOGWATCH_HARD_JOBS)
      console.log(`${many} jobs over ${kind}: ${Math.round(performance.now() - began)} ms`);
    const slots = slotsOf(hand);
    expect([slots.size, isEachOnce(slots)]).toEqual([many, true]);
    expect(await hand.storage.jobs.abandoned(Number.MAX_SAFE_INTEGER, 10)).toEqual([]);
    expect(await hand.tick()).toBe(0);
  },
);

test.each(storeKinds)(
  "ticks skipped for five minutes are caught up once: as many slots as were due, no more, over %s",
  async (kind) => {
    const count = 300;
    const hand = await openHand(kind, count, 10 * second);
    await hand.tick();
    hand.clock.now = start + 6 * minute;
    await hand.tick();
    // Six slots of the first minute, thirty that were skipped, six of the new minute.
    const slots = slotsOf(hand);
    expect([slots.size, isEachOnce(slots)]).toEqual([count * 42, true]);
    hand.clock.now = start + 7 * minute;
    expect(await hand.tick()).toBe(count * 6);
  },
);

test.each(storeKinds)(
  "two schedulers at once, again and again: every slot is claimed by one of them, over %s",
  async (kind) => {
    const count = 1200;
    const hand = await openHand(kind, count, 30 * second);
    for (let tick = 0; tick < 3; tick += 1) {
      hand.clock.now = start + tick * minute;
      await Promise.all([hand.tick(), hand.tick()]);
    }
    // Both saw the same pages; what neither was left with comes with the next tick.
    hand.clock.now = start + 3 * minute;
    await hand.tick();
    const slots = slotsOf(hand);
    expect([slots.size, isEachOnce(slots)]).toEqual([count * 8, true]);
  },
);
