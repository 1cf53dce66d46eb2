// Jobs and their cursors: which slots are due, and the one conditional write that claims them.

/** A job as the schedule step sees it. Durations and moments are ms; `cursor` and `sentTo` are slot ends. */
export type Job = {
  id: string;
  name: string;
  analysis: string;
  params: Record<string, unknown>;
  sourceId: string;
  serviceId: string;
  serviceName: string;
  /** The service's filter. */
  filter: string;
  everyMs: number;
  windowMs: number;
  delayMs: number;
  /** Where the job's first slot begins. */
  startAt: number;
  /** End of the last claimed slot; at first the moment the job starts from. */
  cursor: number;
  /** End of the last slot known to be published; behind `cursor` while a claim is being worked off. */
  sentTo: number;
};

/** A job as an abandoned claim left it: `sentTo` and `cursor` are that claim's. */
export type AbandonedJob = Job & {
  /** Later slots were claimed since, and may have been published. */
  isOvertaken: boolean;
};

/** Moves one job's cursor from `from` to `to`, if it still stands at `from`. */
export type Claim = { jobId: string; from: number; to: number };

/** Only enabled jobs are ever returned. */
export type JobStore = {
  /**
   * Jobs with a slot due (`cursor + everyMs + delayMs <= dueBy`), oldest due first. One that is due by `lateBy` already is left out
   * while a claim of it is open: whoever works on that publishes older slots, and order per job matters.
   */
  due: (dueBy: number, limit: number, lateBy?: number) => Promise<Job[]>;
  /** One conditional write a job, many in a batch; the ids of those this claim won. */
  claim: (claims: readonly Claim[], claimId: string, now: number) => Promise<Set<string>>;
  /** The tick that holds these claims lives: they count as made now. At 0 it lets go of them. */
  renew: (claimIds: readonly string[], now: number) => Promise<void>;
  /** Everything claimed under this id was published: `sentTo` catches up with `cursor`. */
  confirm: (claimId: string) => Promise<void>;
  /** Claims made before `claimedBefore`, under none of these ids, and never confirmed: their tick died. The oldest one of each job. */
  abandoned: (claimedBefore: number, limit: number, notUnder?: readonly string[]) => Promise<AbandonedJob[]>;
  /** Takes abandoned claims over under a new id, if their `cursor` and `sentTo` are unchanged and no other took them since. Returns the ids won. */
  reclaim: (jobs: readonly Job[], claimedBefore: number, claimId: string, now: number) => Promise<Set<string>>;
  find: (ids: readonly string[]) => Promise<Job[]>;
};
