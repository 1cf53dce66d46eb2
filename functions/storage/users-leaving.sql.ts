// What goes with an account, in SQL: told before, and taken along in the transaction that removes the user.
import { deleteWhere, removeOwnerIn } from "./configuration-remove.sql.ts";
import type { Row, Sql } from "./db.ts";
import type { Leaving } from "./users.ts";

const maxServices = 1_000;

/** Over `services v`. */
const isOfUser = "(v.managed_by = :id OR v.source_id IN (SELECT s.id FROM sources s WHERE s.managed_by = :id))";
const othersOf = "SELECT COUNT(*) FROM service_members o WHERE o.service_id = v.id AND o.user_id <> :id";

export const readLeaving = async (sql: Sql, id: string): Promise<Leaving> => {
  const params = { id };
  const [counts] = (
    await sql.execute(
      `SELECT (SELECT COUNT(*) FROM sources WHERE managed_by = :id) AS sources,
        (SELECT COUNT(*) FROM destinations WHERE managed_by = :id) AS destinations,
        (SELECT COUNT(*) FROM jobs j WHERE j.managed_by = :id
          OR j.service_id IN (SELECT v.id FROM services v WHERE ${isOfUser})) AS jobs`,
      params,
    )
  ).rows;
  const services = await sql.execute(
    `SELECT v.id, v.name, (${othersOf}) AS others FROM services v WHERE ${isOfUser} ORDER BY v.id LIMIT ${maxServices}`,
    params,
  );
  const left = await sql.execute(
    `SELECT v.id, v.name FROM services v JOIN service_members m ON m.service_id = v.id
      WHERE m.user_id = :id AND m.role = 'owner' AND NOT ${isOfUser} AND NOT EXISTS (SELECT 1 FROM service_members p
        WHERE p.service_id = v.id AND p.user_id <> :id AND p.role = 'owner') ORDER BY v.id LIMIT ${maxServices}`,
    params,
  );
  return {
    sources: Number(counts?.sources),
    jobs: Number(counts?.jobs),
    destinations: Number(counts?.destinations),
    services: services.rows.map((row) => ({ ...named(row), others: Number(row.others) })),
    toHandOver: left.rows.map(named),
  };
};

const named = (row: Row): { id: string; name: string } => ({ id: String(row.id), name: String(row.name) });

/** Inside the caller's transaction, which removed the user's own row already. */
export const removeAllOf = async (sql: Sql, id: string): Promise<void> => {
  const { rows } = await sql.execute(`SELECT v.id FROM services v WHERE ${isOfUser}`, { id });
  const services = rows.map((row) => String(row.id));
  for (const table of ["service_members", "silences", "runs"]) await deleteWhere(sql, table, "service_id", services);
  await removeOwnerIn(sql, id);
  for (const table of ["api_tokens", "service_members", "idempotency", "runs"]) {
    await sql.execute(`DELETE FROM ${table} WHERE user_id = :id`, { id });
  }
};
