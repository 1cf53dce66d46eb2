// The jobs of users in SQL. The list is one statement a page; a write first takes hold of its owner, so that of two jobs that want one
// name at once the second sees the first.
import * as z from "zod";
import { instanceOwners, isInstanceOwner } from "./configuration.ts";
import { setJobEnabledIn } from "./configuration-enable.sql.ts";
import { putJobIn } from "./configuration-put.sql.ts";
import { isDuplicate, undoable } from "./configuration-transaction.ts";
import type { Db, Row, Sql, SqlParams } from "./db.ts";
import { inList } from "./in-list.ts";
import { readPages } from "./read-pages.ts";
import type { JobLine, JobLineQuery, OwnerGone, UserJobPut, UserJobStore } from "./user-jobs.ts";

export const sqlUserJobs = (db: Db): UserJobStore => ({
  list: async (reader, query) => {
    const { where, params } = conditionsOf(reader, query);
    const rows = await readPages(db, {
      sql: `SELECT j.id, j.owner_id, j.name, j.enabled, j.analysis, j.service_id, j.every_ms, j.window_ms, j.delay_ms,
          j.version, j.created_at, j.updated_at, s.name AS service_name, s.managed_by AS declared_by, m.role, u.name AS owner_name, u.state AS owner_state,
          (SELECT COUNT(*) FROM rules r WHERE r.job_id = j.id) AS rule_count
        FROM jobs j JOIN services s ON s.id = j.service_id
        LEFT JOIN service_members m ON m.service_id = j.service_id AND m.user_id = :readerId
        LEFT JOIN users u ON u.id = j.managed_by WHERE ${where}`,
      params,
      order: "j.id",
      behind: "j.id > :lastId",
      after: (last) => ({ lastId: last.id ?? "" }),
      limit: query.limit,
    });
    return rows.map((row) => toLine(row, reader));
  },
  put: (ownerId, job, rules, expectedVersion, now, chooseName) =>
    undoable<UserJobPut>(db, async (sql, undo) => {
      const owner = await holdOwner(sql, { ownerId, serviceId: job.serviceId });
      if (job.enabled && owner !== "done") return undo({ state: owner });
      const chosen = chooseName(await namesOf(sql, ownerId, job.id));
      if (!chosen.ok) return undo({ state: "name-taken", by: chosen.error });
      const named = { ...job, name: chosen.value };
      const isWritten = await putJobIn(sql, ownerId, named, rules, expectedVersion, now);
      return isWritten ? { state: "done", name: chosen.value } : undo({ state: "changed" });
    }).catch((error: unknown) => {
      // Another editor made a rule of this id at the same moment.
      if (isDuplicate(error)) return { state: "changed" };
      throw error;
    }),
  enable: (job, now) =>
    undoable<"done" | "changed" | OwnerGone>(db, async (sql, undo) => {
      const owner = await holdOwner(sql, job);
      if (owner !== "done") return undo(owner);
      return (await setJobEnabledIn(sql, job.id, true, null, now)) ? "done" : undo("changed");
    }),
});

const ownerRow = z.object({
  state: z.string(),
  role: z.string(),
  member: z.string().nullish(),
  declared_by: z.string().nullish(),
});

/**
 * Whether a job's owner is there and may see its service. What is looked at is written first, without a change: it then stays as it is
 * until the transaction ends, and whoever disables the user or ends the membership turns the job off after it.
 */
export const holdOwner = async (
  sql: Sql,
  of: { ownerId: string; serviceId: string },
): Promise<"done" | "changed" | OwnerGone> => {
  const params = { ownerId: of.ownerId, serviceId: of.serviceId };
  await sql.execute("UPDATE users SET updated_at = updated_at WHERE id = :ownerId", { ownerId: of.ownerId });
  const member = "service_id = :serviceId AND user_id = :ownerId";
  await sql.execute(`UPDATE service_members SET updated_at = updated_at WHERE ${member}`, params);
  const { rows } = await sql.execute(
    `SELECT u.state, u.role, m.role AS member, s.managed_by AS declared_by FROM users u
      LEFT JOIN service_members m ON m.service_id = :serviceId AND m.user_id = u.id
      LEFT JOIN services s ON s.id = :serviceId WHERE u.id = :ownerId`,
    params,
  );
  const [first] = rows;
  if (!first) return "changed";
  const owner = ownerRow.parse(first);
  if (owner.state === "disabled") return "owner-disabled";
  const isAdminOfIt = owner.role === "admin" && isInstanceOwner(owner.declared_by ?? "");
  return owner.member || isAdminOfIt ? "done" : "owner-left";
};

/** Of every job of an owner but one. */
const namesOf = async (sql: Sql, ownerId: string, exceptId: string): Promise<string[]> => {
  const rows = await readPages(sql, {
    sql: "SELECT id, name FROM jobs WHERE managed_by = :ownerId AND id <> :exceptId",
    params: { ownerId, exceptId },
    order: "id",
    behind: "id > :lastId",
    after: (last) => ({ lastId: last.id ?? "" }),
  });
  return rows.map((row) => String(row.name));
};

const conditionsOf = (
  reader: { id: string; role: "user" | "admin" },
  { serviceId, enabled, text, after }: JobLineQuery,
): { where: string; params: SqlParams } => {
  const { names, params: owners } = inList("o", reader.role === "admin" ? instanceOwners : []);
  const isMember = "j.service_id IN (SELECT x.service_id FROM service_members x WHERE x.user_id = :readerId)";
  const conditions = [reader.role === "admin" ? `(${isMember} OR s.managed_by IN (${names}))` : isMember];
  let params: SqlParams = { readerId: reader.id, ...owners };
  const narrow = (condition: string, more: SqlParams): void => {
    conditions.push(condition);
    params = { ...params, ...more };
  };
  if (serviceId !== undefined) narrow("j.service_id = :serviceId", { serviceId });
  if (enabled !== undefined) narrow("j.enabled = :enabled", { enabled: enabled ? 1 : 0 });
  if (after !== undefined) narrow("j.id > :after", { after });
  if (text !== undefined) {
    // Some databases know upper and lower case of plain letters only: others are found as they are written.
    const found = ["j.name", "s.name"].map(
      (name) => `INSTR(${name}, :text) > 0 OR INSTR(LOWER(${name}), :lowerText) > 0`,
    );
    narrow(`(${found.join(" OR ")})`, { text, lowerText: text.toLowerCase() });
  }
  return { where: conditions.join(" AND "), params };
};

const lineRow = z.object({
  id: z.string(),
  owner_id: z.string(),
  name: z.string(),
  enabled: z.number(),
  analysis: z.string(),
  service_id: z.string(),
  every_ms: z.number(),
  window_ms: z.number(),
  delay_ms: z.number(),
  version: z.number(),
  created_at: z.number(),
  updated_at: z.number(),
  service_name: z.string(),
  declared_by: z.string(),
  role: z.enum(["viewer", "editor", "owner"]).nullish(),
  owner_name: z.string().nullish(),
  owner_state: z.string().nullish(),
  rule_count: z.number(),
});

const toLine = (raw: Row, reader: { id: string; role: "user" | "admin" }): JobLine => {
  const row = lineRow.parse(raw);
  const isOwn =
    (row.owner_id === reader.id && row.role === "editor") ||
    (reader.role === "admin" && isInstanceOwner(row.declared_by));
  return {
    id: row.id,
    ownerId: row.owner_id,
    ownerName: row.owner_name ?? null,
    isOwnerDisabled: row.owner_state === "disabled",
    name: row.name,
    enabled: row.enabled === 1,
    analysis: row.analysis,
    serviceId: row.service_id,
    serviceName: row.service_name,
    everyMs: row.every_ms,
    windowMs: row.window_ms,
    delayMs: row.delay_ms,
    role: isOwn ? "owner" : (row.role ?? "viewer"),
    rules: row.rule_count,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
};
