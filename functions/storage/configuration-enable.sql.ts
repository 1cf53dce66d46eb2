// Jobs turned on and off in SQL. The job's row is moved first, so that ticks and other editors wait for what follows.
import { timeOff } from "./configuration-resume.ts";
import { within } from "./configuration-transaction.ts";
import { sqlCoverage } from "./coverage.sql.ts";
import type { Sql } from "./db.ts";

/** Inside the caller's transaction. False: it is gone or has another version, and nothing was written. */
export const setJobEnabledIn = async (
  sql: Sql,
  id: string,
  enabled: boolean,
  expectedVersion: number | null,
  now: number,
): Promise<boolean> => {
  const { changed } = await sql.execute(
    `UPDATE jobs SET version = version + 1, updated_at = :now
      WHERE id = :id AND version = COALESCE(:expectedVersion, version)`,
    { id, expectedVersion, now },
  );
  if (changed === 0) return false;
  const { rows } = await sql.execute("SELECT enabled, every_ms, cursor_at FROM jobs WHERE id = :id", { id });
  const [before] = rows;
  await sql.execute("UPDATE jobs SET enabled = :enabled WHERE id = :id", { id, enabled: enabled ? 1 : 0 });
  if (enabled && before?.enabled === 0) {
    await goOnFromNow(sql, { id, cursor: Number(before.cursor_at), everyMs: Number(before.every_ms) }, now);
  }
  return true;
};

/** Moves the cursor over what was due while the job was off, and notes that nobody asked. */
export const goOnFromNow = async (
  sql: Sql,
  job: { id: string; cursor: number; everyMs: number },
  now: number,
): Promise<void> => {
  const off = timeOff(job, now);
  if (!off) return;
  await sql.execute("UPDATE jobs SET cursor_at = :cursor, next_due = :cursor + every_ms + delay_ms WHERE id = :id", {
    id: job.id,
    cursor: off.to,
  });
  await sqlCoverage(within(sql)).record([off]);
};

/** Inside the caller's transaction, or alone. How many were on. */
export const disableJobsIn = async (
  sql: Sql,
  { ownerId, serviceId }: { ownerId: string; serviceId: string },
  now: number,
): Promise<number> => {
  const { changed } = await sql.execute(
    `UPDATE jobs SET enabled = 0, version = version + 1, updated_at = :now
      WHERE managed_by = :ownerId AND service_id = :serviceId AND enabled = 1`,
    { ownerId, serviceId, now },
  );
  return changed;
};
