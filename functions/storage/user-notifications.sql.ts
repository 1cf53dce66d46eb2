// The notifications of users in SQL: one statement a page. What one sees is found by its indexes first (by job, by destination), so
// that a page costs what the reader has, not what the instance has.
import * as z from "zod";
import { instanceOwners, isInstanceOwner } from "./configuration.ts";
import type { Db, Row, SqlParams } from "./db.ts";
import { inList } from "./in-list.ts";
import { notificationColumns, toNotification } from "./notifications.sql.ts";
import { readPages } from "./read-pages.ts";
import type { NotificationLine, NotificationLineQuery, UserNotificationStore } from "./user-notifications.ts";

type Reader = { id: string; role: "user" | "admin" };

const select = `SELECT ${notificationColumns.map((column) => `n.${column}`).join(", ")}, n.resent_at, n.earlier,
    d.name AS destination_name, d.managed_by AS destination_owner, j.name AS job_name, j.service_id AS service_id,
    s.name AS service_name, m.role AS member_role`;
const joins = `LEFT JOIN destinations d ON d.id = n.destination_id LEFT JOIN jobs j ON j.id = n.job_id
  LEFT JOIN services s ON s.id = j.service_id
  LEFT JOIN service_members m ON m.service_id = j.service_id AND m.user_id = :readerId`;

export const sqlUserNotifications = (db: Db): UserNotificationStore => ({
  list: async (reader, query) => {
    if (query.states?.length === 0) return [];
    const { where, params } = conditionsOf(query);
    const owners = inList("o", [reader.id, ...(reader.role === "admin" ? instanceOwners : [])]);
    const ofServices = `SELECT v.id FROM jobs v JOIN service_members x ON x.service_id = v.service_id AND x.user_id = :readerId`;
    const ofDestinations = `SELECT v.id FROM destinations v WHERE v.managed_by IN (${owners.names})`;
    const seen = `SELECT n.id FROM notifications n WHERE n.job_id IN (${ofServices}) AND ${where}
      UNION SELECT n.id FROM notifications n WHERE n.destination_id IN (${ofDestinations}) AND ${where}`;
    const rows = await readPages(db, {
      sql: `${select} FROM (${seen}) w JOIN notifications n ON n.id = w.id ${joins} WHERE 1 = 1`,
      params: { ...params, ...owners.params, readerId: reader.id },
      order: "n.created_at DESC, n.id DESC",
      behind: "(n.created_at, n.id) < (:lastAt, :lastId)",
      after: (last) => ({ lastAt: last.created_at ?? 0, lastId: last.id ?? "" }),
      limit: query.limit,
    });
    return rows.map((row) => toLine(row, reader));
  },
  find: async (reader, id) => {
    const text = `${select} FROM notifications n ${joins} WHERE n.id = :id`;
    const { rows } = await db.execute(text, { id, readerId: reader.id });
    return rows[0] && toLine(rows[0], reader);
  },
});

const conditionsOf = (query: NotificationLineQuery): { where: string; params: SqlParams } => {
  const conditions = ["1 = 1"];
  let params: SqlParams = {};
  const narrow = (condition: string, more: SqlParams): void => {
    conditions.push(condition);
    params = { ...params, ...more };
  };
  const { states, alertId, destinationId, jobId, from, to, before } = query;
  const list = states && inList("state", states);
  if (list) narrow(`n.state IN (${list.names})`, list.params);
  if (alertId !== undefined) {
    narrow("n.evaluation_id IN (SELECT e.evaluation_id FROM alert_events e WHERE e.alert_id = :alertId)", { alertId });
  }
  if (destinationId !== undefined) narrow("n.destination_id = :destinationId", { destinationId });
  if (jobId !== undefined) narrow("n.job_id = :jobId", { jobId });
  if (from !== undefined) narrow("n.created_at >= :from", { from });
  if (to !== undefined) narrow("n.created_at < :to", { to });
  if (before) {
    const { createdAt, notificationId } = before;
    narrow("(n.created_at, n.id) < (:beforeAt, :beforeId)", { beforeAt: createdAt, beforeId: notificationId });
  }
  return { where: conditions.join(" AND "), params };
};

const namedRow = z.object({
  destination_name: z.string().nullish(),
  destination_owner: z.string().nullish(),
  job_name: z.string().nullish(),
  service_id: z.string().nullish(),
  service_name: z.string().nullish(),
  member_role: z.enum(["viewer", "editor", "owner"]).nullish(),
});

const toLine = (raw: Row, reader: Reader): NotificationLine => {
  const row = namedRow.parse(raw);
  const owner = row.destination_owner ?? "";
  return {
    ...toNotification(raw),
    destinationName: row.destination_name ?? null,
    isOwnDestination: owner === reader.id || (reader.role === "admin" && isInstanceOwner(owner)),
    jobName: row.job_name ?? null,
    serviceId: row.service_id ?? null,
    serviceName: row.service_name ?? null,
    serviceRole: row.member_role ?? null,
  };
};
