// What the in-memory stores share: the configured things and the cursors of jobs. Also the local runner's and the back-test's.
import type { DestinationRecord, JobRecord, RuleRecord, ServiceRecord, SourceRecord, Stored } from "./configuration.ts";
import type { CoverageRange } from "./coverage.ts";

/** A claim that was not confirmed yet: the slots that end in `(from, to]`. */
export type OpenClaim = { from: number; to: number; claimId: string; claimedAt: number };

export type JobEntry = { record: JobRecord; cursor: number; claims: OpenClaim[] };

export type MemoryTables = {
  sources: Map<string, Stored<SourceRecord>>;
  services: Map<string, Stored<ServiceRecord>>;
  jobs: Map<string, Stored<JobEntry>>;
  rules: Map<string, Stored<RuleRecord>>;
  destinations: Map<string, Stored<DestinationRecord>>;
  /** Called when rules are gone, so that what evaluate remembers of them goes too. */
  forgetRules: (ruleIds: readonly string[]) => void;
  /** Called when jobs are gone, so that their coverage goes too. */
  forgetJobs: (jobIds: readonly string[]) => void;
  /** Called for time that nobody will ask about, so that coverage says why. */
  noteMissing: (span: CoverageRange) => void;
};

export const openTables = (): MemoryTables => ({
  sources: new Map(),
  services: new Map(),
  jobs: new Map(),
  rules: new Map(),
  destinations: new Map(),
  forgetRules: () => {},
  forgetJobs: () => {},
  noteMissing: () => {},
});
