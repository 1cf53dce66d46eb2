// Ticks that die, stop, linger or are far behind: no slot is lost, and those of a job stay in order.
import { expect, test } from "vitest";
import { runTick, type TickPorts, tickLimits } from "./tick.ts";
import { ends, everySlot, killed, minute, openWorld, start } from "./tick-world.ts";

const behind = { ...tickLimits, maxLateSlots: 50 };

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
  await killed(world, start);
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
      const now = () => start + minute;
      if (at === start + minute) await runTick(start + minute, { ...world.ports, now }, tickLimits);
      return true;
    },
  });
  expect(new Set(ends(world)).size).toBe(ends(world).length);
});

test.each([
  ["stops", (isOver: boolean) => Promise.resolve(!isOver)],
  ["fails", (isOver: boolean) => (isOver ? Promise.reject(new Error("the bus is gone")) : Promise.resolve(true))],
])(
  "a tick that %s gives its claims back: the next one takes them over at once, and the job's slots stay in order",
  async (_, end) => {
    const world = await openWorld([{ id: "job", everyMs: 10_000 }]);
    const waitUntil: TickPorts["waitUntil"] = async (at) => {
      world.clock = Math.max(world.clock, at);
      return end(at >= start + 55_000);
    };
    await world.tick(start, { waitUntil }).catch(() => undefined);
    expect(ends(world)).toEqual(everySlot(5, 10_000));
    await world.tick(start + minute);
    const again = ends(world).slice(5);
    expect(again).toEqual([...again].sort((left, right) => left - right));
    expect([...new Set(ends(world))]).toEqual(everySlot(12, 10_000));
    expect(world.sent.every(({ data }) => data.revision === 0)).toBe(true);
  },
);

test("a tick that dies at the end of its minute is taken over within its lease, while the next one is at work", async () => {
  const world = await openWorld([{ id: "job", everyMs: 10_000 }]);
  await killed(world, start, start + 45_000);
  expect(ends(world)).toEqual(everySlot(4, 10_000));
  await world.tick(start + minute);
  const late = world.sent.filter(({ data }) => data.window.to === start + 50_000);
  expect(late.map(({ at }) => at <= start + 90_000)).toEqual([true]);
  expect(new Set(ends(world)).size).toBe(12);
});

test("two dead ticks are taken over by one, the older first", async () => {
  const world = await openWorld([{ id: "job", everyMs: 10_000 }]);
  await killed(world, start);
  const isEarly = { ...world.ports, now: () => start };
  await new Promise<void>((resolve) => {
    const emit = () => {
      resolve();
      return new Promise<never>(() => undefined);
    };
    void runTick(start + minute, { ...isEarly, emit }, tickLimits);
  });
  await world.tick(start + 3 * minute);
  expect(ends(world)).toEqual(everySlot(24, 10_000));
});

test("what is behind is caught up in parts: each slot once, each job's in order, and nothing is given up", async () => {
  const ids = ["a", "b", "c"];
  const world = await openWorld(ids.map((id) => ({ id, everyMs: 5_000 })));
  world.clock = start + 60 * minute;
  await runTick(world.clock, world.ports, behind);
  for (const id of ids) expect(ends(world, id)).toEqual(everySlot(732, 5_000));
  expect(await world.coverage.read("a", 0, Number.MAX_SAFE_INTEGER)).toEqual([]);
});

test("a tick that dies while it catches up costs one part, not the hour", async () => {
  const world = await openWorld([{ id: "job", everyMs: 5_000 }]);
  world.clock = start + 60 * minute;
  let calls = 0;
  const emit: TickPorts["emit"] = async (topic, events) => {
    calls += 1;
    if (calls === 10) throw new Error("killed");
    await world.ports.emit(topic, events);
  };
  await expect(runTick(world.clock, { ...world.ports, emit }, behind)).rejects.toThrow("killed");
  expect(ends(world)).toHaveLength(9 * 50);
  await runTick(world.clock + minute, world.ports, behind);
  expect(ends(world)).toEqual(everySlot(744, 5_000));
});

test("while one tick catches a job up, the next one leaves it alone: a newer slot never goes out before an older one", async () => {
  const world = await openWorld([
    { id: "behind", everyMs: 1_000 },
    { id: "other", everyMs: 1_000 },
  ]);
  world.clock = start + 30 * minute;
  let meanwhile: Promise<number> | undefined;
  const emit: TickPorts["emit"] = async (topic, events) => {
    await world.ports.emit(topic, events);
    world.clock += 9_000;
    if (meanwhile || world.clock < start + 31 * minute) return;
    meanwhile = runTick(start + 31 * minute, world.ports, { ...behind, maxLateSlots: 200 });
    await meanwhile;
  };
  await runTick(world.clock, { ...world.ports, emit }, { ...behind, maxLateSlots: 200 });
  await world.tick(Math.ceil(world.clock / minute) * minute);
  for (const id of ["behind", "other"]) {
    const asked = ends(world, id);
    expect(asked).toEqual(everySlot(asked.length, 1_000));
  }
  expect(meanwhile).toBeDefined();
});
