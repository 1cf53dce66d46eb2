// The rules of time (DESIGN §5.1–5.4): stories of ticks against the job store.
import { expect, test } from "vitest";
import { runTick, tickLimits } from "./tick.ts";
import { ends, everySlot, minute, openWorld, start } from "./tick-world.ts";

test("windows tile: tick after tick, no gap and no overlap", async () => {
  const world = await openWorld([{ id: "job", everyMs: 7_000, delayMs: 3_000 }]);
  for (let tick = 0; tick < 10; tick += 1) await world.tick(start + tick * minute);
  expect(ends(world)).toEqual(everySlot(85, 7_000));
  expect(world.sent.every((event) => event.data.window.to - event.data.window.from === 7_000)).toBe(true);
});

test("each slot is asked at its own second, never before its delay has passed", async () => {
  const world = await openWorld([{ id: "job", everyMs: 1_000, delayMs: 2_000 }]);
  await world.tick(start);
  expect(world.sent.map((event) => event.at - event.data.window.to)).toEqual(Array(58).fill(2_000));
});

test("a window may be longer than its interval: windows overlap by the hop, and only by it", async () => {
  const world = await openWorld([{ id: "job", everyMs: 10_000, windowMs: minute }]);
  await world.tick(start);
  expect(ends(world)).toEqual(everySlot(6, 10_000));
  expect(world.sent.every((event) => event.data.window.to - event.data.window.from === minute)).toBe(true);
});

test("two ticks at once claim every slot once", async () => {
  const world = await openWorld([
    { id: "job", everyMs: 5_000 },
    { id: "other", everyMs: 1_000 },
  ]);
  await Promise.all([world.tick(start), world.tick(start), world.tick(start)]);
  expect(ends(world).sort((left, right) => left - right)).toEqual(everySlot(12, 5_000));
  expect(ends(world, "other").sort((left, right) => left - right)).toEqual(everySlot(60, 1_000));
});

test("a missed tick is caught up by the next one, each slot once", async () => {
  const world = await openWorld([{ id: "job", everyMs: 5_000 }]);
  await world.tick(start);
  await world.tick(start + 3 * minute);
  expect(ends(world)).toEqual(everySlot(48, 5_000));
});

test("after an hour's outage every slot is asked once, in order, and says that it is late", async () => {
  const world = await openWorld([{ id: "job", everyMs: 5_000 }]);
  await world.tick(start);
  await world.tick(start + 60 * minute);
  expect(ends(world)).toEqual(everySlot(732, 5_000));
  expect(world.sent.filter((event) => event.data.reason === "catch-up").length).toBeGreaterThan(690);
});

test("catch-up is bounded, and the ledger tells what was not asked", async () => {
  const world = await openWorld([{ id: "job", everyMs: 1_000 }]);
  await world.tick(start + 3 * 60 * minute);
  const asked = ends(world);
  // Of what is behind no more than that; the last ten seconds and the coming minute are none of it.
  expect(asked).toHaveLength(tickLimits.maxCatchUpSlots + 10 + 60);
  const [hole, ...others] = await world.coverage.read("job", 0, Number.MAX_SAFE_INTEGER);
  expect(others).toEqual([]);
  expect(hole).toMatchObject({ state: "missing", from: start, to: start + (asked[0] ?? 0) - 1_000 });
});

test("the window comes from the cursor, not from the clock of the invocation", async () => {
  const world = await openWorld([{ id: "job", everyMs: minute }]);
  await world.tick(start + 17_123);
  await world.tick(start + minute + 55_001);
  expect(ends(world)).toEqual(everySlot(2, minute));
});

test("clocks step: a tick from the past asks nothing twice", async () => {
  const world = await openWorld([{ id: "job", everyMs: 10_000 }]);
  await world.tick(start + 5 * minute);
  const before = ends(world).length;
  await runTick(start, { ...world.ports, now: () => start }, tickLimits);
  expect(ends(world)).toHaveLength(before);
});
