// A whole configuration applied in SQL: writes only what differs, in one transaction; jobs keep their cursors.
import { checkConfiguration } from "./check-configuration.ts";
import type { Configuration, JobRecord, RuleRecord } from "./configuration.ts";
import { updateJob } from "./configuration-put.sql.ts";
import { readAll } from "./configuration-read.sql.ts";
import { deleteWhere, forgetJobs, forgetRules } from "./configuration-remove.sql.ts";
import { type Kind, kinds, namedValues, storedColumns } from "./configuration-rows.ts";
import type { Db, Sql, SqlValue } from "./db.ts";
import { inList, maxListed, slices } from "./in-list.ts";
import { readPages } from "./read-pages.ts";
import { replaceRows } from "./replace-rows.ts";

/** Who applies, and when (epoch ms). */
type Applying = { managedBy: string; now: number };

export const applyAll = async (db: Db, managedBy: string, wanted: Configuration, now: number): Promise<void> => {
  // Read before the transaction: an answer that is too large would end it.
  const owners = {
    sources: await ownersOf(db, "sources"),
    services: await ownersOf(db, "services"),
    jobs: await ownersOf(db, "jobs"),
    rules: await ownersOf(db, "rules"),
    destinations: await ownersOf(db, "destinations"),
  };
  checkConfiguration(managedBy, wanted, owners);
  const before = await readAll(db, managedBy);
  const applying = { managedBy, now };
  await db.transaction(async (sql) => {
    await replaceKind(sql, kinds.sources, applying, before.sources, wanted.sources);
    await replaceKind(sql, kinds.services, applying, before.services, wanted.services);
    await replaceKind(sql, kinds.destinations, applying, before.destinations, wanted.destinations);
    const changedJobs = await replaceJobs(sql, applying, before.jobs, wanted.jobs);
    await replaceRules(sql, applying, before.rules, wanted.rules, changedJobs);
  });
};

const ownersOf = async (db: Db, table: string): Promise<Map<string, string>> => {
  const rows = await readPages(db, {
    sql: `SELECT id, managed_by FROM ${table} WHERE 1 = 1`,
    params: {},
    order: "id",
    behind: "id > :lastId",
    after: (last) => ({ lastId: last.id ?? "" }),
  });
  return new Map(rows.map((row) => [String(row.id), String(row.managed_by)]));
};

/** What is new, what differs, and what is no longer wanted. */
type Differences<Item> = { came: Item[]; changed: Item[]; gone: Item[] };

const differences = <Item extends { id: string }>(
  kind: Kind<Item>,
  before: readonly Item[],
  wanted: readonly Item[],
): Differences<Item> => {
  const text = (item: Item): string => JSON.stringify(kind.toValues(item));
  const known = new Map(before.map((item) => [item.id, text(item)]));
  const ids = new Set(wanted.map((item) => item.id));
  return {
    came: wanted.filter((item) => !known.has(item.id)),
    changed: wanted.filter((item) => known.has(item.id) && known.get(item.id) !== text(item)),
    gone: before.filter((item) => !ids.has(item.id)),
  };
};

const idsOf = (items: readonly { id: string }[]): string[] => items.map((item) => item.id);

const replaceKind = async <Item extends { id: string }>(
  sql: Sql,
  kind: Kind<Item>,
  applying: Applying,
  before: readonly Item[],
  wanted: readonly Item[],
): Promise<Differences<Item>> => {
  const found = differences(kind, before, wanted);
  await deleteWhere(sql, kind.table, "id", idsOf(found.gone));
  if (found.changed.length > 0) {
    const sets = kind.columns.map((column) => `${column} = :${column}`).join(", ");
    const updates = found.changed.map((item) => ({ ...namedValues(kind, item), now: applying.now }));
    await sql.batch(
      `UPDATE ${kind.table} SET ${sets}, version = version + 1, updated_at = :now WHERE id = :id`,
      updates,
    );
  }
  const rows = found.came.map((item) => firstValues(kind, applying, item));
  await replaceRows(sql, kind.table, storedColumns(kind), rows);
  return found;
};

/** Values of `storedColumns` of what is new. */
const firstValues = <Item extends { id: string }>(
  kind: Kind<Item>,
  { managedBy, now }: Applying,
  item: Item,
): SqlValue[] => [item.id, managedBy, 1, now, now, ...kind.toValues(item)];

/** Jobs are updated in place: their cursors belong to the schedule, which may be claiming at this very moment. Ids of those that differ. */
const replaceJobs = async (
  sql: Sql,
  applying: Applying,
  before: readonly JobRecord[],
  wanted: readonly JobRecord[],
): Promise<Set<string>> => {
  const known = new Map(before.map((job) => [job.id, job]));
  const isRestarted = (job: JobRecord): boolean => known.get(job.id)?.everyMs !== job.everyMs;
  const settled = wanted.map((job) => (isRestarted(job) ? job : { ...job, startAt: startOf(known, job) }));
  const { came, changed, gone } = differences(kinds.jobs, before, settled);
  await deleteWhere(sql, "jobs", "id", idsOf(gone));
  if (changed.length > 0) {
    const updates = changed.map((job) => ({ ...namedValues(kinds.jobs, job), now: applying.now }));
    await sql.batch(`${updateJob}, version = version + 1, updated_at = :now WHERE id = :id`, updates);
  }
  await deleteWhere(sql, "claims", "job_id", idsOf(changed.filter(isRestarted)));
  // A job that comes may have gone while it was asked: that answer is none of the new one's.
  await forgetJobs(sql, idsOf([...gone, ...came]));
  await replaceRows(
    sql,
    "jobs",
    [...storedColumns(kinds.jobs), "cursor_at", "next_due"],
    came.map((job) => [
      ...firstValues(kinds.jobs, applying, job),
      ...[job.startAt, job.startAt + job.everyMs + job.delayMs],
    ]),
  );
  return new Set(idsOf([...came, ...changed]));
};

const startOf = (known: ReadonlyMap<string, JobRecord>, job: JobRecord): number =>
  known.get(job.id)?.startAt ?? job.startAt;

const replaceRules = async (
  sql: Sql,
  applying: Applying,
  before: readonly RuleRecord[],
  wanted: readonly RuleRecord[],
  changedJobs: ReadonlySet<string>,
): Promise<void> => {
  const { came, changed, gone } = await replaceKind(sql, kinds.rules, applying, before, wanted);
  // A rule that comes may have gone while it was judged: what that evaluation left behind is none of the new one's.
  await forgetRules(sql, idsOf([...gone, ...came]));
  await deleteWhere(sql, "rule_destinations", "rule_id", idsOf(changed));
  const pairs = [...came, ...changed].flatMap(({ id, destinationIds }) => destinationIds.map((one) => [id, one]));
  await replaceRows(sql, "rule_destinations", ["rule_id", "destination_id"], pairs);
  const touched = [...came, ...changed, ...gone].map((rule) => rule.jobId).filter((id) => !changedJobs.has(id));
  for (const part of slices([...new Set(touched)], maxListed)) {
    const { names, params } = inList("j", part);
    await sql.execute(`UPDATE jobs SET version = version + 1, updated_at = :now WHERE id IN (${names})`, {
      ...params,
      now: applying.now,
    });
  }
};
