// What the in-memory stores share: the configured things and the cursors of jobs. Also the local runner's and the back-test's.
import type { DestinationRecord, JobRecord, RuleRecord, ServiceRecord, SourceRecord } from "./configuration.ts";

/** A claim that was not confirmed yet: the slots that end in `(from, to]`. */
export type OpenClaim = { from: number; to: number; claimId: string; claimedAt: number };

export type JobEntry = { record: JobRecord; cursor: number; claims: OpenClaim[] };

/** A configured thing and who declares it. */
export type Owned<Item> = { managedBy: string; item: Item };

export type MemoryTables = {
  sources: Map<string, Owned<SourceRecord>>;
  services: Map<string, Owned<ServiceRecord>>;
  jobs: Map<string, Owned<JobEntry>>;
  rules: Map<string, Owned<RuleRecord>>;
  destinations: Map<string, Owned<DestinationRecord>>;
  /** Called when rules are gone, so that what evaluate remembers of them goes too. */
  forgetRules: (ruleIds: readonly string[]) => void;
  /** Called when jobs are gone, so that their coverage goes too. */
  forgetJobs: (jobIds: readonly string[]) => void;
};

export const openTables = (): MemoryTables => ({
  sources: new Map(),
  services: new Map(),
  jobs: new Map(),
  rules: new Map(),
  destinations: new Map(),
  forgetRules: () => {},
  forgetJobs: () => {},
});
