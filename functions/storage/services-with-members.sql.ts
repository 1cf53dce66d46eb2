// Services with their members in SQL. Every condition is asked by a statement that also locks what it asks about, so that two at
// once never both succeed.
import { runJobId } from "../lib/runs.ts";
import { putIn } from "./configuration-put.sql.ts";
import { deleteWhere, idsOf, removeJobsIn } from "./configuration-remove.sql.ts";
import { undoable } from "./configuration-transaction.ts";
import type { Db, Sql } from "./db.ts";
import { putMember } from "./members.sql.ts";
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
  await removeJobsIn(sql, jobs);
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

/** Runs with what they measured. */
const removeRuns = async (sql: Sql, runIds: readonly string[]): Promise<void> => {
  await deleteWhere(sql, "measurements", "job_id", runIds.map(runJobId));
  await deleteWhere(sql, "runs", "id", runIds);
};
