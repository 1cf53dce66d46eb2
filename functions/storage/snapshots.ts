// The newest result of each job, in Redis. Losing all of it loses nothing: it is recomputed from history.
import type { AnalysisResult } from "@logwatch/events";

export type SnapshotStore = {
  /** Keeps each job's newest window (at equal windows the higher revision). `ttlMs` after which an untouched one goes. */
  put: (results: readonly AnalysisResult[], ttlMs: number) => Promise<void>;
  get: (jobId: string) => Promise<AnalysisResult | undefined>;
};
