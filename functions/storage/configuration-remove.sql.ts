// One configured thing, or everything of one owner, removed from SQL with what goes along. What is in use is asked by the statement that deletes.
import type { ConfigurationKind, Removal } from "./configuration.ts";
import { kinds } from "./configuration-rows.ts";
import type { Sql, SqlParams } from "./db.ts";
import { inList, maxListed, slices } from "./in-list.ts";
import { readPages } from "./read-pages.ts";

/** Inside the caller's transaction, which must be undone unless this says `removed`. */
export const removeIn = async (
  sql: Sql,
  name: ConfigurationKind,
  id: string,
  expectedVersion: number | null,
): Promise<Removal> => {
  const { table, usedBy } = kinds[name];
  if (name === "rules") await moveJobOfRule(sql, id);
  const isFree = usedBy ? `NOT EXISTS (SELECT 1 FROM ${usedBy.table} u WHERE u.${usedBy.column} = :id)` : "1 = 1";
  const isExpected = "id = :id AND version = COALESCE(:expectedVersion, version)";
  const params = { id, expectedVersion };
  const { changed } = await sql.execute(`DELETE FROM ${table} WHERE ${isExpected} AND ${isFree}`, params);
  if (changed === 0) {
    const { rows } = await sql.execute(`SELECT id FROM ${table} WHERE ${isExpected}`, params);
    return rows.length > 0 ? "in-use" : "changed";
  }
  if (name === "rules") await forgetRules(sql, [id]);
  if (name === "jobs") await removeWithJobs(sql, [id]);
  return "removed";
};

/** Whoever edits the job holds its rules too: a rule that goes is a change of the job. */
const moveJobOfRule = async (sql: Sql, id: string): Promise<void> => {
  await sql.execute(
    "UPDATE jobs SET version = version + 1 WHERE id IN (SELECT r.job_id FROM rules r WHERE r.id = :id)",
    { id },
  );
};

/** Inside the caller's transaction. */
export const removeOwnerIn = async (sql: Sql, ownerId: string): Promise<void> => {
  const ofSources = "SELECT s.id FROM sources s WHERE s.managed_by = :ownerId";
  const ofServices = `SELECT v.id FROM services v WHERE v.managed_by = :ownerId OR v.source_id IN (${ofSources})`;
  // Held first, so that nobody begins to use them while what does is looked for.
  await sql.execute("UPDATE sources SET version = version + 1 WHERE managed_by = :ownerId", { ownerId });
  await sql.execute(
    `UPDATE services SET version = version + 1 WHERE managed_by = :ownerId OR source_id IN (${ofSources})`,
    { ownerId },
  );
  await removeJobsIn(
    sql,
    await idsOf(sql, `jobs WHERE (managed_by = :ownerId OR service_id IN (${ofServices}))`, { ownerId }),
  );
  const rules = await idsOf(sql, "rules WHERE managed_by = :ownerId", { ownerId });
  await deleteWhere(sql, "rules", "id", rules);
  await forgetRules(sql, rules);
  await sql.execute(`DELETE FROM services WHERE managed_by = :ownerId OR source_id IN (${ofSources})`, { ownerId });
  await sql.execute("DELETE FROM sources WHERE managed_by = :ownerId", { ownerId });
  await sql.execute("DELETE FROM destinations WHERE managed_by = :ownerId", { ownerId });
};

/** Jobs and what hangs on them. Inside the caller's transaction. */
export const removeJobsIn = async (sql: Sql, jobIds: readonly string[]): Promise<void> => {
  await deleteWhere(sql, "jobs", "id", jobIds);
  await removeWithJobs(sql, jobIds);
};

/** What hangs on jobs that were deleted: rules and what those remember, coverage, claims. */
const removeWithJobs = async (sql: Sql, jobIds: readonly string[]): Promise<void> => {
  for (const part of slices(jobIds, maxListed)) {
    const { names, params } = inList("j", part);
    const rules = await idsOf(sql, `rules WHERE job_id IN (${names})`, params);
    await deleteWhere(sql, "rules", "id", rules);
    await forgetRules(sql, rules);
  }
  await forgetJobs(sql, jobIds);
};

/** What evaluate remembers of these rules, and where they tell. */
export const forgetRules = async (sql: Sql, ruleIds: readonly string[]): Promise<void> => {
  for (const table of ["rule_progress", "alerts", "rule_destinations"]) {
    await deleteWhere(sql, table, "rule_id", ruleIds);
  }
};

/** Coverage and open claims of these jobs. */
export const forgetJobs = async (sql: Sql, jobIds: readonly string[]): Promise<void> => {
  for (const table of ["coverage", "claims"]) await deleteWhere(sql, table, "job_id", jobIds);
};

/** Deletes the rows whose `column` is one of `ids`. */
export const deleteWhere = async (sql: Sql, table: string, column: string, ids: readonly string[]): Promise<void> => {
  for (const part of slices(ids, maxListed)) {
    const { names, params } = inList("i", part);
    await sql.execute(`DELETE FROM ${table} WHERE ${column} IN (${names})`, params);
  }
};

/** Ids of the rows of `from`: a table and its conditions. */
export const idsOf = async (sql: Sql, from: string, params: SqlParams): Promise<string[]> => {
  const rows = await readPages(sql, {
    sql: `SELECT id FROM ${from}`,
    params,
    order: "id",
    behind: "id > :lastId",
    after: (last) => ({ lastId: last.id ?? "" }),
  });
  return rows.map((row) => String(row.id));
};
