// Everything of one user changed at once, by a watch file applied through the API: all of it, or nothing.
import type {
  ConfigurationItems,
  DestinationRecord,
  JobRecord,
  RuleRecord,
  ServiceRecord,
  SourceRecord,
} from "./configuration.ts";

/** What a user owns, without rules: those are their jobs'. */
export const ownedKinds = ["sources", "services", "destinations", "jobs"] as const;
export type OwnedKind = (typeof ownedKinds)[number];

/** `version`: the one it has now; 0: it is new. */
type Put<Item> = { item: Item; version: number };

export type WatchPlan = {
  /** Everything of the user as it was read: ids and versions. */
  seen: Record<OwnedKind, ReadonlyMap<string, number>>;
  sources: Put<SourceRecord>[];
  services: Put<ServiceRecord>[];
  destinations: Put<DestinationRecord>[];
  /** Each with all its rules. */
  jobs: (Put<JobRecord> & { rules: RuleRecord[] })[];
  /** Ids. */
  gone: { [Kind in OwnedKind]: ConfigurationItems[Kind]["id"][] };
};

/** `changed`: something of the user is not as it was read. `in-use`: others use what should go. Unless `done`, nothing was written. */
export type WatchApplied = "done" | "changed" | "in-use";

export type UserWatchStore = {
  /** New services come with their owner as member; those that go take members, silences and runs with them. */
  apply: (ownerId: string, plan: WatchPlan, now: number) => Promise<WatchApplied>;
};
