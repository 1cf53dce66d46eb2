// What people configure: sources, services, jobs, rules, destinations. A watch file declares it as a whole; the API changes one thing at a time.
import type { Job } from "./jobs.ts";
import type { Rule } from "./rule-states.ts";

/** `params` hold no secrets: those are sealed in `secret` (lib/secret.ts), JSON text of the secret fields. */
export type SourceRecord = { id: string; name: string; kind: string; params: Record<string, unknown>; secret: string };
export type ServiceRecord = { id: string; name: string; sourceId: string; filter: string; colour: string };
/** As people set it; the cursor is the job store's. `ownerId` is whoever declares it, as for every other record. */
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
  /** When whoever receives there agreed, epoch ms; null: not yet. What the operator's file declares counts as agreed. */
  confirmedAt: number | null;
  /** Of several who must agree, those who did. Absent: nobody yet, or nobody was asked. */
  agreed?: readonly string[] | undefined;
};

/** One record of each kind. */
export type ConfigurationItems = {
  sources: SourceRecord;
  services: ServiceRecord;
  jobs: JobRecord;
  rules: RuleRecord;
  destinations: DestinationRecord;
};
export type ConfigurationKind = keyof ConfigurationItems;

/** Everything that one owner has: what a watch file declares, what a user made. */
export type Configuration = { [Kind in ConfigurationKind]: ConfigurationItems[Kind][] };

/** A record as it is kept. `version` starts at 1 and grows by one with each change; a job's covers its rules too. Moments are epoch ms. */
export type Stored<Item> = { item: Item; ownerId: string; version: number; createdAt: number; updatedAt: number };

/** Owners that are no users: what the operator declared by file, and the stack's own log store. */
export const instanceOwners: readonly string[] = ["watch", "local"];
/** Whether the operator's file declares it: nothing of it is changed through the API. */
export const isInstanceOwner = (ownerId: string): boolean => instanceOwners.includes(ownerId);

/** What a list of each kind can be narrowed to, beside ids and owner. An empty list of ids finds nothing. */
export type ConfigurationFilters = {
  sources: Record<never, never>;
  services: { sourceIds?: readonly string[] };
  jobs: { serviceIds?: readonly string[] };
  /** `destinationId`: rules that name it. */
  rules: { jobIds?: readonly string[]; destinationId?: string };
  destinations: Record<never, never>;
};

export type ConfigurationQuery<Kind extends ConfigurationKind> = ConfigurationFilters[Kind] & {
  ownerIds?: readonly string[];
  ids?: readonly string[];
  /** Only ids behind this one: the last of the page before. */
  after?: string;
  limit: number;
};
/** What a query of any kind may hold. */
export type AnyConfigurationQuery = ConfigurationQuery<"services"> &
  ConfigurationQuery<"jobs"> &
  ConfigurationQuery<"rules">;

/** `changed`: somebody was faster, or it is gone. `in-use`: a service reads the source, a job watches the service, a rule names the destination. */
export type Removal = "removed" | "changed" | "in-use";

export type ConfigurationStore = {
  read: (managedBy?: string) => Promise<Configuration>;
  /**
   * Makes what `managedBy` declares equal to `wanted`, in one transaction: adds, changes, removes. A job's start and cursor
   * survive a change of its other fields; it starts (at `startAt`) only when it is new or its `everyMs` changed.
   * What differs gets its next version, at `now` (epoch ms; the clock's when left out).
   */
  apply: (managedBy: string, wanted: Configuration, now?: number) => Promise<void>;
  source: (id: string) => Promise<SourceRecord | undefined>;
  destinations: (ids: readonly string[]) => Promise<DestinationRecord[]>;
  find: <Kind extends ConfigurationKind>(
    kind: Kind,
    ids: readonly string[],
  ) => Promise<Stored<ConfigurationItems[Kind]>[]>;
  /** In order of id, at most `limit`. */
  list: <Kind extends ConfigurationKind>(
    kind: Kind,
    query: ConfigurationQuery<Kind>,
  ) => Promise<Stored<ConfigurationItems[Kind]>[]>;
  /**
   * Writes one thing if it still has `expectedVersion`; 0: if there is none of its id. False when somebody was faster, when it
   * is another owner's, or when a service's source is gone: nothing was written then.
   */
  put: <Kind extends "sources" | "services" | "destinations">(
    kind: Kind,
    ownerId: string,
    item: ConfigurationItems[Kind],
    expectedVersion: number,
    now: number,
  ) => Promise<boolean>;
  /**
   * As `put`, for a job with all its rules, under the job's version. A rule that keeps its id or its name keeps its id and what it
   * remembers; one that is left out goes with that. Cursor and start survive unless `everyMs` changed or the job was off.
   * False too when the service or a destination is gone.
   */
  putJob: (
    ownerId: string,
    job: JobRecord,
    rules: readonly RuleRecord[],
    expectedVersion: number,
    now: number,
  ) => Promise<boolean>;
  /** Turned on again, a job goes on from now: the time it was off is `missing` in its coverage. Null: whatever its version. */
  setJobEnabled: (jobId: string, enabled: boolean, expectedVersion: number | null, now: number) => Promise<boolean>;
  /** A job goes with its rules, their states, its coverage and claims; a rule with its states. */
  remove: (kind: ConfigurationKind, id: string, expectedVersion: number | null) => Promise<Removal>;
  /** Turns one owner's jobs on one service off. How many were on. */
  disableJobs: (of: { ownerId: string; serviceId: string }, now: number) => Promise<number>;
  /** Everything of one owner, and what cannot be without it: services on their sources, jobs on their services, whoever's they are. */
  removeOwner: (ownerId: string) => Promise<void>;
};
