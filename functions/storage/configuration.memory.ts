// The configuration in memory. Applying it is what creates the jobs and rules that the other in-memory stores read.
import { checkConfiguration } from "./check-configuration.ts";
import type { Configuration, ConfigurationStore, JobRecord } from "./configuration.ts";
import { type JobEntry, type MemoryTables, type Owned, openTables } from "./memory-tables.ts";

export const memoryConfiguration = (tables: MemoryTables = openTables()): ConfigurationStore => ({
  read: async (managedBy) => {
    const of = <Item>(table: ReadonlyMap<string, Owned<Item>>): Item[] =>
      [...table.values()]
        .filter((one) => managedBy === undefined || one.managedBy === managedBy)
        .map((one) => one.item);
    return structuredClone({
      sources: of(tables.sources),
      services: of(tables.services),
      jobs: of(tables.jobs).map((entry) => entry.record),
      rules: of(tables.rules),
      destinations: of(tables.destinations),
    });
  },
  apply: async (managedBy, wanted) => {
    checkConfiguration(managedBy, wanted, {
      sources: ownersOf(tables.sources),
      services: ownersOf(tables.services),
      jobs: ownersOf(tables.jobs),
      rules: ownersOf(tables.rules),
      destinations: ownersOf(tables.destinations),
    });
    const next: Configuration = structuredClone(wanted);
    const rulesBefore = idsOf(tables.rules, managedBy);
    const jobsBefore = idsOf(tables.jobs, managedBy);
    replace(tables.sources, managedBy, next.sources);
    replace(tables.services, managedBy, next.services);
    replace(tables.rules, managedBy, next.rules);
    replace(tables.destinations, managedBy, next.destinations);
    replaceJobs(tables.jobs, managedBy, next.jobs);
    // What comes may have gone while it was at work: what that left behind is none of the new one's.
    tables.forgetRules(differing(rulesBefore, idsOf(tables.rules, managedBy)));
    tables.forgetJobs(differing(jobsBefore, idsOf(tables.jobs, managedBy)));
  },
  source: async (id) => structuredClone(tables.sources.get(id)?.item),
  destinations: async (ids) =>
    ids.flatMap((id) => {
      const found = tables.destinations.get(id);
      return found ? [structuredClone(found.item)] : [];
    }),
});

const ownersOf = (table: ReadonlyMap<string, Owned<unknown>>): Map<string, string> =>
  new Map([...table].map(([id, one]) => [id, one.managedBy]));

const idsOf = (table: ReadonlyMap<string, Owned<unknown>>, managedBy: string): Set<string> =>
  new Set([...table].filter(([, one]) => one.managedBy === managedBy).map(([id]) => id));

/** Ids that went or came. */
const differing = (before: ReadonlySet<string>, after: ReadonlySet<string>): string[] => [
  ...[...before].filter((id) => !after.has(id)),
  ...[...after].filter((id) => !before.has(id)),
];

const replace = <Item extends { id: string }>(
  table: Map<string, Owned<Item>>,
  managedBy: string,
  items: readonly Item[],
): void => {
  removeOthers(table, managedBy, items);
  for (const item of items) table.set(item.id, { managedBy, item });
};

const removeOthers = (
  table: Map<string, Owned<unknown>>,
  managedBy: string,
  items: readonly { id: string }[],
): void => {
  const wanted = new Set(items.map((item) => item.id));
  for (const [id, one] of table) if (one.managedBy === managedBy && !wanted.has(id)) table.delete(id);
};

/** Cursor and start stay unless the job is new or its interval changed. */
const replaceJobs = (table: Map<string, Owned<JobEntry>>, managedBy: string, records: readonly JobRecord[]): void => {
  removeOthers(table, managedBy, records);
  for (const record of records) {
    const known = table.get(record.id)?.item;
    if (known && known.record.everyMs === record.everyMs) known.record = { ...record, startAt: known.record.startAt };
    else table.set(record.id, { managedBy, item: { record, cursor: record.startAt, claims: [] } });
  }
};
