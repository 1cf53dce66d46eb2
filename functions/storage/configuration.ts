// What people configure: sources, services, jobs, rules, destinations. Written by a watch file (and later the API).
import type { Job } from "./jobs.ts";
import type { Rule } from "./rule-states.ts";

/** `params` hold no secrets: those are sealed in `secret` (lib/secret.ts), JSON text of the secret fields. */
export type SourceRecord = { id: string; name: string; kind: string; params: Record<string, unknown>; secret: string };
export type ServiceRecord = { id: string; name: string; sourceId: string; filter: string; colour: string };
/** As people set it; the cursor is the job store's. */
export type JobRecord = Omit<Job, "cursor" | "sentTo" | "sourceId" | "serviceName" | "filter"> & {
  enabled: boolean;
  ownerId: string;
};
export type RuleRecord = Rule & { enabled: boolean };
/** `address` as its channel's schema says; secret parts sealed in `secret`. */
export type DestinationRecord = {
  id: string;
  name: string;
  channel: string;
  address: Record<string, unknown>;
  secret: string;
  enabled: boolean;
  /** Most messages in an hour; further ones are suppressed as `rate-limited`. */
  maxPerHour: number;
};

/** Everything that one owner (a watch file) declares. */
export type Configuration = {
  sources: SourceRecord[];
  services: ServiceRecord[];
  jobs: JobRecord[];
  rules: RuleRecord[];
  destinations: DestinationRecord[];
};

export type ConfigurationStore = {
  read: (managedBy?: string) => Promise<Configuration>;
  /**
   * Makes what `managedBy` declares equal to `wanted`, in one transaction: adds, changes, removes. A job's start and cursor
   * survive a change of its other fields; it starts (at `startAt`) only when it is new or its `everyMs` changed.
   */
  apply: (managedBy: string, wanted: Configuration) => Promise<void>;
  source: (id: string) => Promise<SourceRecord | undefined>;
  destinations: (ids: readonly string[]) => Promise<DestinationRecord[]>;
};
