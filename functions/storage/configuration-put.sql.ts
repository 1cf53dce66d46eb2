// One configured thing written to SQL, if it is still as its editor saw it. Every condition is part of the statement that writes,
// so that of two editors, or of an editor and one who removes what is referred to, exactly one wins.
import type { ConfigurationItems, JobRecord, RuleRecord } from "./configuration.ts";
import { goOnFromNow } from "./configuration-enable.sql.ts";
import { deleteWhere, forgetJobs, forgetRules } from "./configuration-remove.sql.ts";
import { type Kind, kinds, namedValues } from "./configuration-rows.ts";
import { type KnownRule, settleRules } from "./configuration-rules.ts";
import type { Sql, SqlParams, SqlValue } from "./db.ts";
import { slices } from "./in-list.ts";
import { readPages } from "./read-pages.ts";

/** Inside the caller's transaction. False: nothing was written. @throws with "Duplicate entry" when another inserts the same id right now. */
export const putIn = async <Name extends "sources" | "services" | "destinations">(
  sql: Sql,
  name: Name,
  ownerId: string,
  item: ConfigurationItems[Name],
  expectedVersion: number,
  now: number,
): Promise<boolean> => {
  const kind = kinds[name];
  if (expectedVersion === 0) return insertIn(sql, kind, ownerId, item, now);
  const sets = kind.columns.map((column) => `${column} = :${column}`).join(", ");
  const { changed } = await sql.execute(
    `UPDATE ${kind.table} SET ${sets}, version = version + 1, updated_at = :now
      WHERE id = :id AND managed_by = :ownerId AND version = :expectedVersion AND ${referredIsThere(kind)}`,
    { ...namedValues(kind, item), ownerId, expectedVersion, now },
  );
  return changed > 0;
};

/** Inside the caller's transaction, which must be undone when this says false. */
export const putJobIn = async (
  sql: Sql,
  ownerId: string,
  job: JobRecord,
  rules: readonly RuleRecord[],
  expectedVersion: number,
  now: number,
): Promise<boolean> => {
  const record = { ...job, ownerId };
  const isWritten =
    expectedVersion === 0 ? await insertJob(sql, record, now) : await changeJob(sql, record, expectedVersion, now);
  return isWritten && putRules(sql, record, rules, now);
};

const insertIn = async <Item extends { id: string }>(
  sql: Sql,
  kind: Kind<Item>,
  ownerId: string,
  item: Item,
  now: number,
  more: Readonly<Record<string, SqlValue>> = {},
): Promise<boolean> => {
  const values: SqlParams = {
    ...namedValues(kind, item),
    ...more,
    managed_by: ownerId,
    version: 1,
    created_at: now,
    updated_at: now,
  };
  const columns = Object.keys(values);
  const { changed } = await sql.execute(
    `INSERT INTO ${kind.table} (${columns.join(", ")})
      SELECT ${columns.map((column) => `:${column}`).join(", ")} FROM (SELECT 1 AS one) d
      WHERE NOT EXISTS (SELECT 1 FROM ${kind.table} x WHERE x.id = :id) AND ${referredIsThere(kind)}`,
    values,
  );
  return changed > 0;
};

/** The database holds what it read here until the transaction ends, so it cannot go meanwhile. */
const referredIsThere = ({ refersTo }: Pick<Kind<never>, "refersTo">): string =>
  refersTo ? `EXISTS (SELECT 1 FROM ${refersTo.table} f WHERE f.id = :${refersTo.column})` : "1 = 1";

const insertJob = async (sql: Sql, job: JobRecord, now: number): Promise<boolean> => {
  const { startAt, everyMs, delayMs } = job;
  const more = { cursor_at: startAt, next_due: startAt + everyMs + delayMs };
  if (!(await insertIn(sql, kinds.jobs, job.ownerId, job, now, more))) return false;
  await forgetJobs(sql, [job.id]);
  return true;
};

/**
 * A job as it is wanted; cursor and start stay unless its interval changed. MySQL assigns from left to right and sees what it
 * assigned, so what depends on `every_ms` and `cursor_at` comes before they change.
 */
export const updateJob = (() => {
  const restarts = (stays: string) => `CASE WHEN every_ms = :every_ms THEN ${stays} ELSE :start_at END`;
  const plain = kinds.jobs.columns.filter((column) => column !== "every_ms" && column !== "start_at");
  return `UPDATE jobs SET next_due = ${restarts("cursor_at")} + :every_ms + :delay_ms,
    cursor_at = ${restarts("cursor_at")}, start_at = ${restarts("start_at")},
    ${plain.map((column) => `${column} = :${column}`).join(", ")}, every_ms = :every_ms`;
})();

const changeJob = async (sql: Sql, job: JobRecord, expectedVersion: number, now: number): Promise<boolean> => {
  const values = namedValues(kinds.jobs, job);
  // Moving the version first makes everybody else wait: other editors, and ticks that claim.
  const { changed } = await sql.execute(
    `UPDATE jobs SET version = version + 1, updated_at = :now
      WHERE id = :id AND managed_by = :owner_id AND version = :expectedVersion AND ${referredIsThere(kinds.jobs)}`,
    { id: job.id, owner_id: job.ownerId, service_id: job.serviceId, expectedVersion, now },
  );
  if (changed === 0) return false;
  const { rows } = await sql.execute("SELECT enabled, every_ms, cursor_at FROM jobs WHERE id = :id", { id: job.id });
  const [before] = rows;
  await sql.execute(`${updateJob} WHERE id = :id`, values);
  if (before?.every_ms !== job.everyMs) {
    await sql.execute("DELETE FROM claims WHERE job_id = :id", { id: job.id });
  } else if (before.enabled === 0 && job.enabled) {
    await goOnFromNow(sql, { id: job.id, cursor: Number(before.cursor_at), everyMs: job.everyMs }, now);
  }
  return true;
};

const putRules = async (
  sql: Sql,
  { id: jobId, ownerId }: JobRecord,
  wanted: readonly RuleRecord[],
  now: number,
): Promise<boolean> => {
  const rows = await readPages(sql, {
    sql: "SELECT id, name FROM rules WHERE job_id = :jobId AND managed_by = :ownerId",
    params: { jobId, ownerId },
    order: "id",
    behind: "id > :lastId",
    after: (last) => ({ lastId: last.id ?? "" }),
  });
  const known = rows.map((row): KnownRule => ({ id: String(row.id), name: String(row.name) }));
  const { kept, came, gone } = settleRules(known, wanted, jobId);
  await deleteWhere(sql, "rules", "id", gone);
  await forgetRules(sql, [...gone, ...came.map((rule) => rule.id)]);
  if (kept.length > 0) {
    const updates = kept.map((rule) => ({ ...namedValues(kinds.rules, rule), now }));
    await sql.batch(
      `UPDATE rules SET name = :name, enabled = :enabled, body = :body, version = version + 1, updated_at = :now
        WHERE id = :id AND job_id = :job_id AND (name <> :name OR enabled <> :enabled OR body <> :body)`,
      updates,
    );
  }
  for (const rule of came) if (!(await insertIn(sql, kinds.rules, ownerId, rule, now))) return false;
  return linkDestinations(sql, [...kept, ...came]);
};

/** Pairs in a statement: two values each, at most 500 terms of a union. */
const maxPairs = 400;

/** False when one of the destinations is not there. */
const linkDestinations = async (sql: Sql, rules: readonly RuleRecord[]): Promise<boolean> => {
  await sql.batch(
    "DELETE FROM rule_destinations WHERE rule_id = :id",
    rules.map(({ id }) => ({ id })),
  );
  const pairs = rules.flatMap(({ id, destinationIds }) =>
    [...new Set(destinationIds)].map((one) => [id, one] as const),
  );
  for (const part of slices(pairs, maxPairs)) {
    const params = Object.fromEntries(
      part.flatMap(([rule, to], index) => [
        [`r${index}`, rule],
        [`d${index}`, to],
      ]),
    );
    const terms = part.map((_, index) => `SELECT :r${index} AS rule_id, :d${index} AS destination_id`);
    const { changed } = await sql.execute(
      `INSERT INTO rule_destinations (rule_id, destination_id)
        SELECT n.rule_id, n.destination_id FROM (${terms.join(" UNION ALL ")}) n
        JOIN destinations t ON t.id = n.destination_id`,
      params,
    );
    if (changed !== part.length) return false;
  }
  return true;
};
