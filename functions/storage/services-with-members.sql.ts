// Services with their members in SQL. Every condition is asked by a statement that also locks what it asks about, so that two at
// once never both succeed.
import { runJobId } from "../lib/runs.ts";
import { putIn } from "./configuration-put.sql.ts";
import { deleteWhere, forgetJobs, forgetRules } from "./configuration-remove.sql.ts";
import { undoable } from "./configuration-transaction.ts";
import type { Db, Sql, SqlParams } from "./db.ts";
import { inList, maxListed, slices } from "./in-list.ts";
import { putMember } from "./members.sql.ts";
import { readPages } from "./read-pages.ts";
import type { NamedPut, ServiceRemoval, ServiceStore } from "./services-with-members.ts";

export const sqlServices = (db: Db): ServiceStore => ({
  put: (kind, ownerId, item, expectedVersion, now) =>
    undoable<NamedPut>(db, async (sql, undo) => {
      if (!(await putIn(sql, kind, ownerId, item, expectedVersion, now))) return undo("changed");
      if (await isNameTaken(sql, kind, ownerId, item)) return undo("name-taken");
      if (kind !== "services" || expectedVersion > 0) return "done";
      const made = await putMember(sql, item.id, ownerId, "owner", now);
      return made === "done" ? made : undo("changed");
    }),
  remove: (id, withJobs) =>
    undoable<ServiceRemoval>(db, async (sql, undo) => {
      const removal = await removeServiceIn(sql, id, withJobs);
      return removal.state === "removed" ? removal : undo(removal);
    }),
});

/** Inside the caller's transaction, which must be undone unless this says `removed`. */
export const removeServiceIn = async (sql: Sql, id: string, withJobs: boolean): Promise<ServiceRemoval> => {
  // Whoever adds a job or a member now waits for this row, and then finds it gone.
  const { changed } = await sql.execute("UPDATE services SET version = version + 1 WHERE id = :id", { id });
  if (changed === 0) return { state: "gone", jobs: 0 };
  const jobs = await idsOf(sql, "jobs WHERE service_id = :id", { id });
  if (jobs.length > 0 && !withJobs) return { state: "in-use", jobs: jobs.length };
  await removeJobs(sql, jobs);
  await removeRuns(sql, await idsOf(sql, "runs WHERE service_id = :id", { id }));
  for (const table of ["service_members", "silences"]) {
    await sql.execute(`DELETE FROM ${table} WHERE service_id = :id`, { id });
  }
  await sql.execute("DELETE FROM services WHERE id = :id", { id });
  return { state: "removed", jobs: jobs.length };
};

/**
 * A write, not a read: of two who take one name at once each then waits for the other's row, and the database lets one begin
 * again. What it wrote is undone wherever it wrote anything.
 */
const isNameTaken = async (
  sql: Sql,
  table: "sources" | "services" | "destinations",
  ownerId: string,
  { id, name }: { id: string; name: string },
): Promise<boolean> => {
  const { changed } = await sql.execute(
    `UPDATE ${table} SET version = version + 1 WHERE managed_by = :ownerId AND name = :name AND id <> :id`,
    { ownerId, name, id },
  );
  return changed > 0;
};

/** Jobs with their rules, and what those remember. */
const removeJobs = async (sql: Sql, jobIds: readonly string[]): Promise<void> => {
  for (const part of slices(jobIds, maxListed)) {
    const { names, params } = inList("j", part);
    const rules = await idsOf(sql, `rules WHERE job_id IN (${names})`, params);
    await deleteWhere(sql, "rules", "id", rules);
    await forgetRules(sql, rules);
  }
  await deleteWhere(sql, "jobs", "id", jobIds);
  await forgetJobs(sql, jobIds);
};

/** Runs with what they measured. */
const removeRuns = async (sql: Sql, runIds: readonly string[]): Promise<void> => {
  await deleteWhere(sql, "measurements", "job_id", runIds.map(runJobId));
  await deleteWhere(sql, "runs", "id", runIds);
};

const idsOf = async (sql: Sql, from: string, params: SqlParams): Promise<string[]> => {
  const rows = await readPages(sql, {
    sql: `SELECT id FROM ${from}`,
    params,
    order: "id",
    behind: "id > :lastId",
    after: (last) => ({ lastId: last.id ?? "" }),
  });
  return rows.map((row) => String(row.id));
};
