// Manual runs: who asked what, and how it went. Their values are in the history under a job id of their own (`lib/runs.ts`), their
// picture among the snapshots.
import type { Failure, Window } from "@logwatch/events";

/** A run ends once: whatever comes first, an answer, a failure or its cancelling, stays. */
export type RunState = "queued" | "finished" | "failed" | "cancelled";

/** Moments are epoch ms. `jobId`: the job it was run for; null when a person chose everything. `failure` is set exactly when it failed. */
export type RunRecord = {
  id: string;
  userId: string;
  serviceId: string;
  jobId: string | null;
  analysis: string;
  params: Record<string, unknown>;
  window: Window;
  state: RunState;
  failure: Failure | null;
  requestedAt: number;
  finishedAt: number | null;
  cancelledAt: number | null;
};

export type NewRun = Omit<RunRecord, "state" | "failure" | "finishedAt" | "cancelledAt">;
/** `failure` null: it was answered. */
export type RunEnd = { id: string; failure: Failure | null; at: number };

export type RunStore = {
  /** Once an id: a second time changes nothing. */
  create: (run: NewRun) => Promise<void>;
  find: (ids: readonly string[]) => Promise<RunRecord[]>;
  /** Newest first; those before the id `before`. */
  list: (query: { userId: string; before?: string | undefined; limit: number }) => Promise<RunRecord[]>;
  /** Those that still wait end so. */
  end: (ends: readonly RunEnd[]) => Promise<void>;
  /** True when it still waited. */
  cancel: (id: string, now: number) => Promise<boolean>;
  /** Which of these were cancelled. */
  cancelled: (ids: readonly string[]) => Promise<Set<string>>;
  /** Takes away runs requested before, oldest first, and their values. How many went. */
  forget: (before: number, limit: number) => Promise<number>;
  /** Takes away every run of somebody, and their values. */
  forgetUser: (userId: string) => Promise<void>;
};

export const queuedRun = (run: NewRun): RunRecord => ({
  ...run,
  state: "queued",
  failure: null,
  finishedAt: null,
  cancelledAt: null,
});
