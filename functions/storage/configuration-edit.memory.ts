// One configured thing at a time in memory: the same conditions as in SQL, which nothing can come between here.
import type {
  ConfigurationItems,
  ConfigurationKind,
  ConfigurationStore,
  JobRecord,
  RuleRecord,
  Stored,
} from "./configuration.ts";
import { removeFrom, removeOwnerFrom } from "./configuration-remove.memory.ts";
import { timeOff } from "./configuration-resume.ts";
import { settleRules } from "./configuration-rules.ts";
import type { JobEntry, MemoryTables } from "./memory-tables.ts";

export const memoryEdits = (
  tables: MemoryTables,
): Pick<ConfigurationStore, "put" | "putJob" | "setJobEnabled" | "remove" | "disableJobs" | "removeOwner"> => ({
  put: async (name, ownerId, item, expectedVersion, now) => {
    if (!referredIsThere(tables, name, item)) return false;
    return write(tableOf(tables, name), ownerId, structuredClone(item), expectedVersion, now);
  },
  putJob: async (ownerId, job, rules, expectedVersion, now) =>
    putJob(tables, ownerId, job, rules, expectedVersion, now),
  setJobEnabled: async (jobId, enabled, expectedVersion, now) => {
    const stored = tables.jobs.get(jobId);
    if (!stored || stored.version !== (expectedVersion ?? stored.version)) return false;
    const wasOff = !stored.item.record.enabled;
    stored.item.record.enabled = enabled;
    move(stored, now);
    if (enabled && wasOff) goOnFromNow(tables, stored.item, now);
    return true;
  },
  remove: async (name, id, expectedVersion) => removeFrom(tables, name, id, expectedVersion),
  disableJobs: async ({ ownerId, serviceId }, now) => {
    const on = [...tables.jobs.values()].filter(
      ({ ownerId: owner, item: { record } }) => owner === ownerId && record.serviceId === serviceId && record.enabled,
    );
    for (const stored of on) {
      stored.item.record.enabled = false;
      move(stored, now);
    }
    return on.length;
  },
  removeOwner: async (ownerId) => removeOwnerFrom(tables, ownerId),
});

/** The records of a kind; those of jobs lie deeper and are not put through this. */
type Tables = {
  [Name in "sources" | "services" | "destinations" | "rules"]: Map<string, Stored<ConfigurationItems[Name]>>;
};
const tableOf = <Name extends keyof Tables>(tables: Tables, name: Name): Tables[Name] => tables[name];

const referredIsThere = (
  { sources }: MemoryTables,
  name: ConfigurationKind,
  item: ConfigurationItems["sources" | "services" | "destinations"],
): boolean => name !== "services" || !("sourceId" in item) || sources.has(item.sourceId);

const move = (stored: Stored<unknown>, now: number): void => {
  stored.version += 1;
  stored.updatedAt = now;
};

const first = <Item>(ownerId: string, item: Item, now: number): Stored<Item> => ({
  item,
  ownerId,
  version: 1,
  createdAt: now,
  updatedAt: now,
});

const isAsExpected = (stored: Stored<unknown> | undefined, ownerId: string, expectedVersion: number): boolean =>
  expectedVersion === 0 ? !stored : stored?.version === expectedVersion && stored.ownerId === ownerId;

const write = <Item extends { id: string }>(
  table: Map<string, Stored<Item>>,
  ownerId: string,
  item: Item,
  expectedVersion: number,
  now: number,
): boolean => {
  const stored = table.get(item.id);
  if (!isAsExpected(stored, ownerId, expectedVersion)) return false;
  if (!stored) table.set(item.id, first(ownerId, item, now));
  else {
    stored.item = item;
    move(stored, now);
  }
  return true;
};

const putJob = (
  tables: MemoryTables,
  ownerId: string,
  job: JobRecord,
  rules: readonly RuleRecord[],
  expectedVersion: number,
  now: number,
): boolean => {
  const stored = tables.jobs.get(job.id);
  if (!isAsExpected(stored, ownerId, expectedVersion) || !tables.services.has(job.serviceId)) return false;
  const known = [...tables.rules.values()].filter((one) => one.item.jobId === job.id && one.ownerId === ownerId);
  const settled = settleRules(
    known.map((one) => one.item),
    rules,
    job.id,
  );
  if (settled.came.some((rule) => tables.rules.has(rule.id))) return false;
  if (rules.some((rule) => rule.destinationIds.some((id) => !tables.destinations.has(id)))) return false;
  const record = structuredClone({ ...job, ownerId });
  if (stored) {
    changeJob(tables, stored.item, record, now);
    move(stored, now);
  } else {
    tables.jobs.set(job.id, first(ownerId, { record, cursor: record.startAt, claims: [] }, now));
    tables.forgetJobs([job.id]);
  }
  for (const id of settled.gone) tables.rules.delete(id);
  tables.forgetRules([...settled.gone, ...settled.came.map((rule) => rule.id)]);
  for (const rule of settled.came) tables.rules.set(rule.id, first(ownerId, structuredClone(rule), now));
  for (const rule of settled.kept) {
    const before = tables.rules.get(rule.id);
    if (before && JSON.stringify(before.item) !== JSON.stringify(rule)) {
      write(tables.rules, ownerId, structuredClone(rule), before.version, now);
    }
  }
  return true;
};

const changeJob = (tables: MemoryTables, entry: JobEntry, record: JobRecord, now: number): void => {
  const before = entry.record;
  if (before.everyMs !== record.everyMs) {
    entry.record = record;
    entry.cursor = record.startAt;
    entry.claims = [];
    return;
  }
  entry.record = { ...record, startAt: before.startAt };
  if (!before.enabled && record.enabled) goOnFromNow(tables, entry, now);
};

const goOnFromNow = (tables: MemoryTables, entry: JobEntry, now: number): void => {
  const off = timeOff({ id: entry.record.id, cursor: entry.cursor, everyMs: entry.record.everyMs }, now);
  if (!off) return;
  entry.cursor = off.to;
  tables.noteMissing(off);
};
