// The configuration in SQL. Applying writes only what differs, in one transaction; jobs keep their cursors.
import { checkConfiguration } from "./check-configuration.ts";
import type { Configuration, ConfigurationStore, JobRecord } from "./configuration.ts";
import { type Kind, kinds } from "./configuration-rows.ts";
import type { Db, Row, Sql, SqlValue } from "./db.ts";
import { inList, maxListed, slices } from "./in-list.ts";
import { readPages } from "./read-pages.ts";
import { replaceRows } from "./replace-rows.ts";

export const sqlConfiguration = (db: Db): ConfigurationStore => ({
  read: (managedBy) => readAll(db, managedBy),
  apply: (managedBy, wanted) => applyAll(db, managedBy, wanted),
  source: async (id) => (await readByIds(db, kinds.sources, [id]))[0],
  destinations: (ids) => readByIds(db, kinds.destinations, ids),
});

const readAll = async (db: Db, managedBy?: string): Promise<Configuration> => {
  const of = async <Item>(kind: Kind<Item>): Promise<Item[]> => (await readRows(db, kind, managedBy)).map(kind.fromRow);
  return {
    sources: await of(kinds.sources),
    services: await of(kinds.services),
    jobs: await of(kinds.jobs),
    rules: await of(kinds.rules),
    destinations: await of(kinds.destinations),
  };
};

const readRows = <Item>(db: Sql, kind: Kind<Item>, managedBy?: string): Promise<Row[]> =>
  readPages(db, {
    sql: `SELECT id, ${kind.columns.join(", ")} FROM ${kind.table} WHERE ${managedBy === undefined ? "1 = 1" : "managed_by = :managedBy"}`,
    params: managedBy === undefined ? {} : { managedBy },
    order: "id",
    behind: "id > :lastId",
    after: (last) => ({ lastId: last.id ?? "" }),
  });

const readByIds = async <Item>(db: Db, kind: Kind<Item>, ids: readonly string[]): Promise<Item[]> => {
  const found = new Map<string, Item>();
  for (const part of slices(ids, maxListed)) {
    const { names, params } = inList("i", part);
    const rows = await readPages(db, {
      sql: `SELECT id, ${kind.columns.join(", ")} FROM ${kind.table} WHERE id IN (${names})`,
      params,
      order: "id",
      behind: "id > :lastId",
      after: (last) => ({ lastId: last.id ?? "" }),
    });
    for (const row of rows) found.set(String(row.id), kind.fromRow(row));
  }
  return [...found.values()];
};

const applyAll = async (db: Db, managedBy: string, wanted: Configuration): Promise<void> => {
  // Read before the transaction: an answer that is too large would end it.
  const owners = {
    sources: await ownersOf(db, "sources"),
    services: await ownersOf(db, "services"),
    jobs: await ownersOf(db, "jobs"),
    rules: await ownersOf(db, "rules"),
    destinations: await ownersOf(db, "destinations"),
  };
  checkConfiguration(managedBy, wanted, owners);
  const now = await readAll(db, managedBy);
  await db.transaction(async (sql) => {
    await replaceKind(sql, kinds.sources, managedBy, now.sources, wanted.sources);
    await replaceKind(sql, kinds.services, managedBy, now.services, wanted.services);
    await replaceKind(sql, kinds.destinations, managedBy, now.destinations, wanted.destinations);
    // A rule that comes may have gone while it was judged: what that evaluation left behind is none of the new one's.
    const rules = await replaceKind(sql, kinds.rules, managedBy, now.rules, wanted.rules);
    await deleteWhere(sql, "rule_progress", "rule_id", rules);
    await deleteWhere(sql, "alerts", "rule_id", rules);
    await replaceJobs(sql, managedBy, now.jobs, wanted.jobs);
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

/** What is new or differs, and the ids that are no longer wanted. */
const differences = <Item extends { id: string }>(kind: Kind<Item>, now: readonly Item[], wanted: readonly Item[]) => {
  const text = (item: Item): string => JSON.stringify(kind.toValues(item));
  const before = new Map(now.map((item) => [item.id, text(item)]));
  const ids = new Set(wanted.map((item) => item.id));
  return {
    changed: wanted.filter((item) => before.get(item.id) !== text(item)),
    gone: now.filter((item) => !ids.has(item.id)).map((item) => item.id),
  };
};

/** The ids that went or came. */
const replaceKind = async <Item extends { id: string }>(
  sql: Sql,
  kind: Kind<Item>,
  managedBy: string,
  now: readonly Item[],
  wanted: readonly Item[],
): Promise<string[]> => {
  const { changed, gone } = differences(kind, now, wanted);
  await deleteWhere(sql, kind.table, "id", gone);
  const rows = changed.map((item): SqlValue[] => [item.id, managedBy, ...kind.toValues(item)]);
  await replaceRows(sql, kind.table, ["id", "managed_by", ...kind.columns], rows);
  const known = new Set(now.map((item) => item.id));
  return [...gone, ...wanted.map((item) => item.id).filter((id) => !known.has(id))];
};

/** Jobs are updated in place: their cursors belong to the schedule, which may be claiming at this very moment. */
const replaceJobs = async (
  sql: Sql,
  managedBy: string,
  now: readonly JobRecord[],
  wanted: readonly JobRecord[],
): Promise<void> => {
  const { columns, toValues } = kinds.jobs;
  const everyMs = new Map(now.map((job) => [job.id, job.everyMs]));
  const starts = new Map(now.map((job) => [job.id, job.startAt]));
  const kept = (job: JobRecord): boolean => everyMs.get(job.id) === job.everyMs;
  const settled = wanted.map((job) => (kept(job) ? { ...job, startAt: starts.get(job.id) ?? job.startAt } : job));
  const { changed, gone } = differences(kinds.jobs, now, settled);
  const came = wanted.map((job) => job.id).filter((id) => !everyMs.has(id));
  // A job that comes may have gone while it was asked: that answer is none of the new one's.
  await deleteWhere(sql, "coverage", "job_id", [...gone, ...came]);
  const restarted = changed.filter((job) => everyMs.has(job.id) && everyMs.get(job.id) !== job.everyMs);
  await deleteWhere(sql, "jobs", "id", [...gone, ...restarted.map((job) => job.id)]);
  await deleteWhere(sql, "claims", "job_id", [...gone, ...restarted.map((job) => job.id)]);
  const updates = changed.filter(kept).map((job) => ({ ...named(columns, toValues(job)), id: job.id }));
  const sets = columns.map((column) => `${column} = :${column}`).join(", ");
  if (updates.length > 0) {
    await sql.batch(`UPDATE jobs SET ${sets}, next_due = cursor_at + :every_ms + :delay_ms WHERE id = :id`, updates);
  }
  const fresh = changed.filter((job) => !kept(job));
  await replaceRows(
    sql,
    "jobs",
    ["id", "managed_by", ...columns, "cursor_at", "next_due"],
    fresh.map((job) => [job.id, managedBy, ...toValues(job), job.startAt, job.startAt + job.everyMs + job.delayMs]),
  );
};

const named = (columns: readonly string[], values: readonly SqlValue[]): Record<string, SqlValue> =>
  Object.fromEntries(columns.map((column, index) => [column, values[index] ?? null]));

const deleteWhere = async (sql: Sql, table: string, column: string, ids: readonly string[]): Promise<void> => {
  for (const part of slices(ids, maxListed)) {
    const { names, params } = inList("i", part);
    await sql.execute(`DELETE FROM ${table} WHERE ${column} IN (${names})`, params);
  }
};
