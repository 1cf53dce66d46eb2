// Snapshot step, core. In: `analysis.finished`. Out: the newest complete result of each job, in Redis, and a mark that it changed.
// Redis may be gone: then there are no snapshots for a while, which are recomputable, and nothing else suffers.
import type { AnalysisFinished, AnalysisResult } from "@logwatch/events";
import type { Log } from "../lib/log.ts";
import { runIdOf } from "../lib/runs.ts";
import type { ChangeStore } from "../storage/changes.ts";
import type { SnapshotStore } from "../storage/snapshots.ts";

export type SnapshotPorts = {
  snapshots: Pick<SnapshotStore, "put">;
  changes: Pick<ChangeStore, "mark">;
  log: Log;
  now: () => number;
};

/** A snapshot outlives this many intervals of its job, and at least a day, so that the dashboard can call it stale. */
const intervals = 10;
const leastTtlMs = 86_400_000;

/** A manual run has no next interval: a day is enough to look at it. */
const livesMs = ({ jobId, everyMs }: AnalysisResult): number =>
  runIdOf(jobId) === undefined ? everyMs * intervals : leastTtlMs;

export const keepSnapshots = async (events: AnalysisFinished[], ports: SnapshotPorts): Promise<void> => {
  const complete = events.map((event) => event.data).filter((result) => result.outcome === "complete");
  if (complete.length === 0) return;
  const ttlMs = Math.max(leastTtlMs, ...complete.map(livesMs));
  try {
    await ports.snapshots.put(complete, ttlMs);
    // After the snapshot: whoever is told looks at once.
    await ports.changes.mark(complete.flatMap(markOf), ports.now());
  } catch (error) {
    // Trying again would only fill the dead-letter topic with what history already holds.
    ports.log("warn", "snapshots were not kept: Redis does not answer", { jobs: complete.length, error });
  }
};

/** A manual run is its user's own business. */
const markOf = ({ jobId, serviceId }: AnalysisResult) =>
  runIdOf(jobId) === undefined ? [{ scope: { service: serviceId }, kind: "snapshot" as const, id: jobId }] : [];
