// The rules of time (DESIGN §5.1–5.4): stories of ticks against the job store.
import type { AnalysisRequested } from "@logwatch/events";
import { expect, test } from "vitest";
import { memoryConfiguration } from "../storage/configuration.memory.ts";
import { memoryCoverage } from "../storage/coverage.memory.ts";
import type { CoverageStore } from "../storage/coverage.ts";
import { memoryJobs } from "../storage/jobs.memory.ts";
import { openTables } from "../storage/memory-tables.ts";
import { runTick, type TickPorts, tickLimits } from "./tick.ts";

const minute = 60_000;
const start = Date.UTC(2026, 10, 22, 12);

type World = {
  clock: number;
  sent: AnalysisRequested[];
  coverage: CoverageStore;
  ports: TickPorts;
  tick: (at: number, over?: Partial<TickPorts>) => Promise<number>;
};

/** Jobs that start at `start`; each has its own interval and delay. */
const openWorld = async (
  jobs: { id: string; everyMs: number; windowMs?: number; delayMs?: number }[],
): Promise<World> => {
  const tables = openTables();
  await memoryConfiguration(tables).apply("test", {
    sources: [{ id: "source", name: "source", kind: "memory", params: {}, secret: "" }],
    services: [{ id: "service", name: "auth", sourceId: "source", filter: "service:auth", colour: "#000000" }],
    rules: [],
    destinations: [],
    jobs: jobs.map(({ id, everyMs, windowMs = everyMs, delayMs = 0 }) => ({
      id,
      name: id,
      analysis: "failed-logins",
      params: {},
      serviceId: "service",
      everyMs,
      windowMs,
      delayMs,
      enabled: true,
      ownerId: "test",
      startAt: start,
    })),
  });
  let ids = 0;
  const coverage = memoryCoverage();
  const world: World = {
    coverage,
    clock: start,
    sent: [],
    ports: {
      jobs: memoryJobs(tables),
      coverage,
      emit: async (_topic, events) => {
        for (const { event } of events)
          if (event.type === "analysis.requested") world.sent.push({ ...event, at: world.clock });
      },
      now: () => world.clock,
      waitUntil: async (at) => {
        world.clock = Math.max(world.clock, at);
        return true;
      },
      newId: () => `claim-${ids++}`,
      log: () => undefined,
    },
    tick: (at, over) => {
      world.clock = Math.max(world.clock, at);
      return runTick(at, { ...world.ports, ...over }, tickLimits);
    },
  };
  return world;
};

const ends = (world: World, jobId = "job"): number[] =>
  world.sent.filter((event) => event.data.jobId === jobId).map((event) => event.data.window.to - start);
const everySlot = (count: number, everyMs: number): number[] =>
  Array.from({ length: count }, (_, index) => (index + 1) * everyMs);

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
  expect(asked).toHaveLength(tickLimits.maxCatchUpSlots);
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

test("a tick that dies before it published is taken over by the next one, older slots first: none is lost", async () => {
  const world = await openWorld([{ id: "job", everyMs: 10_000 }]);
  const died = world.tick(start, { emit: () => Promise.reject(new Error("killed")) });
  await expect(died).rejects.toThrow("killed");
  await world.tick(start + minute);
  expect(ends(world)).toEqual(everySlot(12, 10_000));
  expect(world.sent.every(({ data }) => data.revision === 0)).toBe(true);
});

test("slots that are taken over behind newer ones carry a revision, so that they are judged and not taken for doubles", async () => {
  const world = await openWorld([{ id: "job", everyMs: 10_000 }]);
  await expect(world.tick(start, { emit: () => Promise.reject(new Error("killed")) })).rejects.toThrow("killed");
  // A tick that began while the dead one seemed to live published the next minute.
  world.clock = start + minute;
  await runTick(start + minute, { ...world.ports, now: () => start }, tickLimits);
  await world.tick(start + 2 * minute);
  const late = world.sent.filter(({ data }) => data.window.to <= start + minute);
  expect(late.map(({ data }) => data.window.to)).toEqual(everySlot(6, 10_000).map((at) => start + at));
  expect(late.every(({ id, data }) => data.revision > 0 && id === `${data.slotId}.${data.revision}`)).toBe(true);
});

test("however many jobs a dead tick held, one tick takes over all", async () => {
  const world = await openWorld(Array.from({ length: 1200 }, (_, index) => ({ id: `job${index}`, everyMs: minute })));
  await expect(world.tick(start, { emit: () => Promise.reject(new Error("killed")) })).rejects.toThrow("killed");
  await world.tick(start + 2 * minute);
  const first = world.sent.filter(({ data }) => data.window.to === start + minute);
  expect(new Set(first.map(({ data }) => data.jobId)).size).toBe(1200);
});

test("a tick that lives renews its claims, however long it publishes", async () => {
  const world = await openWorld([{ id: "job", everyMs: 1000 }]);
  let isSlow = true;
  const slow: TickPorts["emit"] = async (topic, events) => {
    await world.ports.emit(topic, events);
    world.clock += 20_000;
    if (world.clock < start + 4 * minute || !isSlow) return;
    isSlow = false;
    await runTick(world.clock, world.ports, tickLimits);
  };
  await world.tick(start, { emit: slow });
  const firstMinute = world.sent.filter(({ data }) => data.window.to <= start + minute);
  expect(firstMinute).toHaveLength(60);
});

test("what a dead tick gave up and had not told yet reaches the ledger", async () => {
  const world = await openWorld([{ id: "job", everyMs: 1000 }]);
  const later = start + 3 * 60 * minute;
  const coverage = { record: () => Promise.reject(new Error("killed")) };
  await expect(world.tick(later, { coverage })).rejects.toThrow("killed");
  await world.tick(later + minute);
  const [range] = await world.coverage.read("job", 0, Number.MAX_SAFE_INTEGER);
  expect(range).toMatchObject({ from: start, state: "missing", reason: expect.stringContaining("not asked") });
});

test("a tick that dies halfway is taken over: what it had sent comes again with the same id", async () => {
  const world = await openWorld([{ id: "job", everyMs: 10_000 }]);
  let calls = 0;
  const dying: TickPorts["emit"] = async (topic, events) => {
    calls += 1;
    if (calls > 3) throw new Error("killed");
    await world.ports.emit(topic, events);
  };
  await expect(world.tick(start, { emit: dying })).rejects.toThrow("killed");
  await world.tick(start + 2 * minute);
  const ids = world.sent.map((event) => event.id);
  expect(ids).toHaveLength(3 + 18);
  expect(new Set(ids).size).toBe(18);
});

test("a claim that is still being worked off is not taken over", async () => {
  const world = await openWorld([{ id: "job", everyMs: 10_000 }]);
  await world.tick(start, {
    waitUntil: async (at) => {
      world.clock = Math.max(world.clock, at);
      // The next minute's tick comes while this one still waits for its last second.
      if (at === start + minute) await runTick(start + minute, world.ports, tickLimits);
      return true;
    },
  });
  expect(new Set(ends(world)).size).toBe(ends(world).length);
});

test("a stopped tick leaves its claim to the next one", async () => {
  const world = await openWorld([{ id: "job", everyMs: 10_000 }]);
  await world.tick(start, { waitUntil: async (at) => at <= start + 20_000 });
  expect(ends(world)).toEqual(everySlot(2, 10_000));
  await world.tick(start + 2 * minute);
  expect([...new Set(ends(world))].sort((left, right) => left - right)).toEqual(everySlot(18, 10_000));
});

test("clocks step: a tick from the past asks nothing twice", async () => {
  const world = await openWorld([{ id: "job", everyMs: 10_000 }]);
  await world.tick(start + 5 * minute);
  const before = ends(world).length;
  await runTick(start, { ...world.ports, now: () => start }, tickLimits);
  expect(ends(world)).toHaveLength(before);
});
