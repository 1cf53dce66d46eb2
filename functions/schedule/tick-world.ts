// For the tests of ticks: jobs in a memory store, a clock that a tick's waiting moves, and everything that was asked.
import type { AnalysisRequested } from "@logwatch/events";
import { memoryConfiguration } from "../storage/configuration.memory.ts";
import { memoryCoverage } from "../storage/coverage.memory.ts";
import type { CoverageStore } from "../storage/coverage.ts";
import { memoryJobs } from "../storage/jobs.memory.ts";
import { openTables } from "../storage/memory-tables.ts";
import { runTick, type TickPorts, tickLimits } from "./tick.ts";

export const minute = 60_000;
export const start = Date.UTC(2026, 10, 22, 12);

export type World = {
  clock: number;
  sent: AnalysisRequested[];
  coverage: CoverageStore;
  ports: TickPorts;
  tick: (at: number, over?: Partial<TickPorts>) => Promise<number>;
};

/** Jobs that start at `start`; each has its own interval and delay. */
export const openWorld = async (
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

export const ends = (world: World, jobId = "job"): number[] =>
  world.sent.filter((event) => event.data.jobId === jobId).map((event) => event.data.window.to - start);
/** A tick of that moment that dies as `kill -9` does: at its first publishing, or at that later moment. */
export const killed = (world: World, tickAt: number, at = tickAt): Promise<void> =>
  new Promise((resolve) => {
    const die = (): Promise<never> => {
      resolve();
      return new Promise(() => undefined);
    };
    const emit: TickPorts["emit"] = (topic, events) => (at === tickAt ? die() : world.ports.emit(topic, events));
    const waitUntil: TickPorts["waitUntil"] = (until) =>
      at > tickAt && until >= at ? die() : world.ports.waitUntil(until);
    void world.tick(tickAt, { emit, waitUntil });
  });
export const everySlot = (count: number, everyMs: number): number[] =>
  Array.from({ length: count }, (_, index) => (index + 1) * everyMs);
