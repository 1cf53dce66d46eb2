// The newest result under a job id, a job's or a manual run's: from Redis, or drawn anew from history where Redis lost it.
import type { ShownResult } from "@logwatch/events/api";
import { viewsOf } from "../../lib/views-of.ts";
import type { ApiPorts } from "../ports.ts";

/** Null: there never was one, or it was forgotten. */
export const readResult = async (
  jobId: string,
  ports: Pick<ApiPorts, "storage" | "log">,
): Promise<ShownResult | null> => (await readKept(jobId, ports)) ?? (await recompute(jobId, ports));

/** Undefined when it is not there, or nobody can tell. */
export const readKept = async (
  jobId: string,
  { storage, log }: Pick<ApiPorts, "storage" | "log">,
): Promise<ShownResult | undefined> => {
  try {
    const kept = await storage.snapshots.get(jobId);
    if (!kept) return undefined;
    const { window, revision, measurements, views, examples, truncated, finishedAt } = kept;
    return { window, revision, measurements, views, examples, truncated, finishedAt, recomputed: false };
  } catch (error) {
    log("warn", "a snapshot was not read: Redis does not answer", { job: jobId, error });
    return undefined;
  }
};

const recompute = async (jobId: string, { storage }: Pick<ApiPorts, "storage">): Promise<ShownResult | null> => {
  const newest = await storage.measurements.newest(jobId);
  if (!newest) return null;
  const { from, to, revision, measurements } = newest;
  const views = viewsOf(measurements);
  return {
    window: { from, to },
    revision,
    measurements,
    views,
    examples: [],
    truncated: [],
    finishedAt: null,
    recomputed: true,
  };
};
