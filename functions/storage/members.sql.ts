// Members in SQL. That a service keeps an owner is decided by the statement that would take the last one away.
import * as z from "zod";
import { disableJobsIn } from "./configuration-enable.sql.ts";
import type { Db, Row, Sql } from "./db.ts";
import type { Member, MemberStore, ServiceRole } from "./members.ts";
import { readPages } from "./read-pages.ts";

// A count inside a table of its own, because MySQL does not read what it changes otherwise.
const keepsAnOwner = `(role <> 'owner' OR (SELECT c.owners FROM
  (SELECT COUNT(*) AS owners FROM service_members WHERE service_id = :serviceId AND role = 'owner') c) > 1)`;
const one = "service_id = :serviceId AND user_id = :userId";

const select = `SELECT m.user_id, u.name, u.email, m.role, m.created_at, m.updated_at
  FROM service_members m JOIN users u ON u.id = m.user_id`;

export const sqlMembers = (db: Db): MemberStore => ({
  // In a transaction, because two owners who leave at once meet in a deadlock, which it repeats.
  put: (serviceId, userId, role, at) => db.transaction((sql) => putMember(sql, serviceId, userId, role, at)),
  remove: (serviceId, userId, at) =>
    db.transaction(async (sql) => {
      const params = { serviceId, userId };
      const { changed } = await sql.execute(`DELETE FROM service_members WHERE ${one} AND ${keepsAnOwner}`, params);
      if (changed > 0) return { state: "done", jobsOff: await disableJobsIn(sql, { ownerId: userId, serviceId }, at) };
      return { state: (await readRole(sql, serviceId, userId)) ? "last-owner" : "unknown" };
    }),
  list: async (serviceId, { after = "", limit }) => {
    const rows = await readPages(db, {
      sql: `${select} WHERE m.service_id = :serviceId AND m.user_id > :start`,
      params: { serviceId, start: after },
      order: "m.user_id",
      behind: "m.user_id > :lastId",
      after: (last) => ({ lastId: last.user_id ?? "" }),
      limit,
    });
    return rows.map(toMember);
  },
  find: async (serviceId, userId) => {
    const where = "WHERE m.service_id = :serviceId AND m.user_id = :userId";
    const { rows } = await db.execute(`${select} ${where}`, { serviceId, userId });
    return rows[0] && toMember(rows[0]);
  },
  roleOf: (serviceId, userId) => readRole(db, serviceId, userId),
  visibleServices: async (userId, { after = "", limit }) => {
    const rows = await readPages(db, {
      sql: "SELECT service_id, role FROM service_members WHERE user_id = :userId AND service_id > :start",
      params: { userId, start: after },
      order: "service_id",
      behind: "service_id > :lastId",
      after: (last) => ({ lastId: last.service_id ?? "" }),
      limit,
    });
    return rows.map((row) => ({ serviceId: String(row.service_id), role: role.parse(row.role) }));
  },
  soleOwnerships: async (userId) => {
    const rows = await readPages(db, {
      sql: `SELECT m.service_id, s.name, (SELECT COUNT(*) FROM service_members o
          WHERE o.service_id = m.service_id AND o.user_id <> :userId) AS others
        FROM service_members m JOIN services s ON s.id = m.service_id
        WHERE m.user_id = :userId AND m.role = 'owner' AND NOT EXISTS (SELECT 1 FROM service_members p
          WHERE p.service_id = m.service_id AND p.user_id <> :userId AND p.role = 'owner')`,
      params: { userId },
      order: "m.service_id",
      behind: "m.service_id > :lastId",
      after: (last) => ({ lastId: last.service_id ?? "" }),
    });
    return rows.map((row) => ({
      serviceId: String(row.service_id),
      name: String(row.name),
      others: Number(row.others),
    }));
  },
});

/** For a transaction that also makes the service: its creator is its first owner. */
export const putMember = async (
  sql: Sql,
  serviceId: string,
  userId: string,
  role: ServiceRole,
  at: number,
): Promise<"done" | "unknown" | "last-owner"> => {
  const params = { serviceId, userId, role, at };
  const added = await sql.execute(
    `INSERT INTO service_members (service_id, user_id, role, created_at, updated_at)
      SELECT s.id, u.id, :role, :at, :at FROM services s, users u WHERE s.id = :serviceId AND u.id = :userId
        AND NOT EXISTS (SELECT 1 FROM service_members m WHERE m.service_id = s.id AND m.user_id = u.id)`,
    params,
  );
  if (added.changed > 0) return "done";
  const keeps = role === "owner" ? "" : `AND ${keepsAnOwner}`;
  const update = `UPDATE service_members SET role = :role, updated_at = :at WHERE ${one} ${keeps}`;
  if ((await sql.execute(update, params)).changed > 0) return "done";
  // MySQL counts no row as changed whose values stay what they are.
  const now = await readRole(sql, serviceId, userId);
  if (now === role) return "done";
  return now === undefined ? "unknown" : "last-owner";
};

const readRole = async (sql: Sql, serviceId: string, userId: string): Promise<ServiceRole | undefined> => {
  const { rows } = await sql.execute(`SELECT role FROM service_members WHERE ${one}`, { serviceId, userId });
  return rows[0] && role.parse(rows[0].role);
};

const role = z.enum(["viewer", "editor", "owner"]);

const memberRow = z.object({
  user_id: z.string(),
  name: z.string(),
  email: z.string(),
  role,
  created_at: z.number(),
  updated_at: z.number(),
});

const toMember = (raw: Row): Member => {
  const row = memberRow.parse(raw);
  return {
    userId: row.user_id,
    name: row.name,
    email: row.email,
    role: row.role,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
};
