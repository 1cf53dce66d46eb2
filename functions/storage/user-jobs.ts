// Jobs as users of the API see and make them: the list of what one may see, and writes under a name that no other job of the owner has.
import type { Result } from "../lib/result.ts";
import type { JobRecord, RuleRecord } from "./configuration.ts";
import type { ServiceRole } from "./members.ts";

/** A line of the list. Durations and moments are ms; `rules` is their number, `role` the reader's. */
export type JobLine = Omit<JobRecord, "params" | "startAt"> & {
  serviceName: string;
  /** Null when the owner is no user (any more). */
  ownerName: string | null;
  isOwnerDisabled: boolean;
  role: ServiceRole;
  rules: number;
  version: number;
  createdAt: number;
  updatedAt: number;
};

export type JobLineQuery = {
  serviceId?: string | undefined;
  enabled?: boolean | undefined;
  /** Part of the name of the job or its service, in any case. */
  text?: string | undefined;
  /** Only ids behind this one. */
  after?: string | undefined;
  limit: number;
};

/** Why a job may not be on: nobody would answer for what it tells, or read what it tells of. */
export type OwnerGone = "owner-disabled" | "owner-left";

/** `changed`: somebody was faster, or the job, its service, its owner or a destination is gone. Unless `done`, nothing was written. */
export type UserJobPut =
  | { state: "done"; name: string }
  | { state: "name-taken"; by: string }
  | { state: "changed" | OwnerGone };

/** A name for the job, given the names of the owner's others; or the one that has it. */
export type ChooseName = (others: readonly string[]) => Result<string, string>;

export type UserJobStore = {
  /** What a user may see, in order of id: jobs on services they are a member of, and for an admin on those of the instance's file. */
  list: (reader: { id: string; role: "user" | "admin" }, query: JobLineQuery) => Promise<JobLine[]>;
  /** As the configuration's `putJob`, with a name chosen in the same transaction. One that is on needs an owner who may see its service. */
  put: (
    ownerId: string,
    job: JobRecord,
    rules: readonly RuleRecord[],
    expectedVersion: number,
    now: number,
    chooseName: ChooseName,
  ) => Promise<UserJobPut>;
  /** Turns a job on, as the configuration's `setJobEnabled`. */
  enable: (
    job: Pick<JobRecord, "id" | "ownerId" | "serviceId">,
    now: number,
  ) => Promise<"done" | "changed" | OwnerGone>;
};
