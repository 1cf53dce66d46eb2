// Manual runs in memory.
import { runJobId } from "../lib/runs.ts";
import type { MeasurementStore } from "./measurements.ts";
import { queuedRun, type RunRecord, type RunStore } from "./runs.ts";

export const memoryRuns = (measurements: Pick<MeasurementStore, "forgetJobs">): RunStore => {
  const runs = new Map<string, RunRecord>();
  const drop = async (gone: readonly RunRecord[]) => {
    await measurements.forgetJobs(gone.map(({ id }) => runJobId(id)));
    for (const { id } of gone) runs.delete(id);
  };
  return {
    create: async (run) => {
      if (!runs.has(run.id)) runs.set(run.id, structuredClone(queuedRun(run)));
    },
    find: async (ids) => ids.flatMap((id) => structuredClone(runs.get(id)) ?? []),
    list: async ({ userId, before, limit }) =>
      structuredClone(
        [...runs.values()]
          .filter((run) => run.userId === userId && (before === undefined || run.id < before))
          .sort((left, right) => (left.id < right.id ? 1 : -1))
          .slice(0, limit),
      ),
    end: async (ends) => {
      for (const { id, failure, at } of ends) {
        const run = runs.get(id);
        if (run?.state === "queued") {
          runs.set(id, { ...run, state: failure ? "failed" : "finished", failure, finishedAt: at });
        }
      }
    },
    cancel: async (id, now) => {
      const run = runs.get(id);
      if (run?.state !== "queued") return false;
      runs.set(id, { ...run, state: "cancelled", cancelledAt: now });
      return true;
    },
    cancelled: async (ids) => new Set(ids.filter((id) => runs.get(id)?.state === "cancelled")),
    forget: async (before, limit) => {
      const old = [...runs.values()]
        .filter((run) => run.requestedAt < before)
        .sort((left, right) => left.requestedAt - right.requestedAt)
        .slice(0, limit);
      await drop(old);
      return old.length;
    },
    forgetUser: (userId) => drop([...runs.values()].filter((run) => run.userId === userId)),
  };
};
