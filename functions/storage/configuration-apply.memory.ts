// A whole configuration applied in memory: what differs gets its next version, jobs keep their cursors.
import type { Configuration, JobRecord, RuleRecord, Stored } from "./configuration.ts";
import type { JobEntry, MemoryTables } from "./memory-tables.ts";

/** Who applies, and when (epoch ms). */
type Applying = { ownerId: string; now: number };

/** `wanted` was checked and is the store's own. */
export const applyTo = (tables: MemoryTables, ownerId: string, wanted: Configuration, now: number): void => {
  const applying = { ownerId, now };
  replace(tables.sources, applying, wanted.sources);
  replace(tables.services, applying, wanted.services);
  replace(tables.destinations, applying, wanted.destinations);
  const jobs = replaceJobs(tables.jobs, applying, wanted.jobs);
  const rulesBefore = [...tables.rules.values()].map((one) => one.item);
  const rules = replace(tables.rules, applying, wanted.rules);
  moveJobs(tables, applying, [...rulesBefore, ...wanted.rules], rules, jobs);
  // What comes may have gone while it was at work: what that left behind is none of the new one's.
  tables.forgetRules([...rules.gone, ...rules.came]);
  tables.forgetJobs([...jobs.gone, ...jobs.came]);
};

/** Ids. */
type Differences = { came: string[]; changed: string[]; gone: string[] };

const first = <Item>({ ownerId, now }: Applying, item: Item): Stored<Item> => ({
  item,
  ownerId,
  version: 1,
  createdAt: now,
  updatedAt: now,
});

const move = (stored: Stored<unknown>, now: number): void => {
  stored.version += 1;
  stored.updatedAt = now;
};

const isEqual = (left: unknown, right: unknown): boolean => JSON.stringify(left) === JSON.stringify(right);

const replace = <Item extends { id: string }>(
  table: Map<string, Stored<Item>>,
  applying: Applying,
  items: readonly Item[],
): Differences => {
  const found: Differences = { came: [], changed: [], gone: removeOthers(table, applying.ownerId, items) };
  for (const item of items) {
    const known = table.get(item.id);
    if (!known) {
      table.set(item.id, first(applying, item));
      found.came.push(item.id);
    } else if (!isEqual(known.item, item)) {
      known.item = item;
      move(known, applying.now);
      found.changed.push(item.id);
    }
  }
  return found;
};

const removeOthers = (
  table: Map<string, Stored<unknown>>,
  ownerId: string,
  items: readonly { id: string }[],
): string[] => {
  const wanted = new Set(items.map((item) => item.id));
  const gone = [...table].filter(([id, one]) => one.ownerId === ownerId && !wanted.has(id)).map(([id]) => id);
  for (const id of gone) table.delete(id);
  return gone;
};

/** Cursor and start stay unless the job is new or its interval changed. */
const replaceJobs = (
  table: Map<string, Stored<JobEntry>>,
  applying: Applying,
  records: readonly JobRecord[],
): Differences => {
  const found: Differences = { came: [], changed: [], gone: removeOthers(table, applying.ownerId, records) };
  for (const record of records) {
    const known = table.get(record.id);
    if (!known) {
      table.set(record.id, first(applying, { record, cursor: record.startAt, claims: [] }));
      found.came.push(record.id);
      continue;
    }
    const before = known.item.record;
    const isRestarted = before.everyMs !== record.everyMs;
    const settled = isRestarted ? record : { ...record, startAt: before.startAt };
    if (isEqual(before, settled)) continue;
    if (isRestarted) known.item = { record, cursor: record.startAt, claims: [] };
    else known.item.record = settled;
    move(known, applying.now);
    found.changed.push(record.id);
  }
  return found;
};

/** A job's version covers its rules: one whose rules alone changed gets its next one too. */
const moveJobs = (
  { jobs }: MemoryTables,
  { now }: Applying,
  rules: readonly RuleRecord[],
  changes: Differences,
  moved: Differences,
): void => {
  const ids = new Set([...changes.came, ...changes.changed, ...changes.gone]);
  const touched = new Set(rules.filter((rule) => ids.has(rule.id)).map((rule) => rule.jobId));
  for (const id of [...moved.came, ...moved.changed]) touched.delete(id);
  for (const id of touched) {
    const job = jobs.get(id);
    if (job) move(job, now);
  }
};
