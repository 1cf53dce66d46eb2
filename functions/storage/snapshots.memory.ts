// Snapshots in memory. Nothing expires: a back-test and a test end before a day does.
import type { AnalysisResult } from "@logwatch/events";
import { isNewer, newestOfEach } from "./newest-result.ts";
import type { SnapshotStore } from "./snapshots.ts";

export const memorySnapshots = (): SnapshotStore => {
  const byJob = new Map<string, AnalysisResult>();
  return {
    put: async (results) => {
      for (const result of newestOfEach(results)) {
        const known = byJob.get(result.jobId);
        if (!known || !isNewer(known, result)) byJob.set(result.jobId, result);
      }
    },
    get: async (jobId) => structuredClone(byJob.get(jobId)),
  };
};
