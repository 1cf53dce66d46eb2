// Notifications in SQL. What is owed is written before it is sent; what has ended never changes again.
import { message } from "@logwatch/events";
import * as z from "zod";
import type { Db, Row, SqlValue } from "./db.ts";
import { inList, maxListed, slices } from "./in-list.ts";
import { jsonColumn } from "./json-column.ts";
import { endOf, type NotificationQuery, type NotificationRecord, type NotificationStore } from "./notifications.ts";
import { readByIds, readPages } from "./read-pages.ts";

/** Of every notification, beside those that tell of its being sent again. */
export const notificationColumns = [
  "id",
  "destination_id",
  "channel",
  "evaluation_id",
  "rule_id",
  "job_id",
  "message",
  "state",
  "reason",
  "findings",
  "attempts",
  "created_at",
  "next_attempt_at",
  "sent_at",
  "provider_id",
];
const select = `SELECT ${notificationColumns.join(", ")}, resent_at, earlier FROM notifications`;
const insertIfAbsent = `INSERT INTO notifications (${notificationColumns.join(", ")})
  SELECT ${notificationColumns.map((column) => `:${column}`).join(", ")} FROM (SELECT 1 AS one) d
  WHERE NOT EXISTS (SELECT 1 FROM notifications n WHERE n.id = :id)`;

export const sqlNotifications = (db: Db): NotificationStore => {
  const find = async (ids: readonly string[]): Promise<NotificationRecord[]> =>
    (await readByIds(db, `${select} WHERE`, ids)).map(toNotification);
  return {
    find,
    owe: async (records) => {
      if (records.length === 0) return [];
      await db.batch(insertIfAbsent, records.map(toParams));
      const stored = new Map(
        (await find(records.map((one) => one.notificationId))).map((one) => [one.notificationId, one]),
      );
      return records.map((one) => stored.get(one.notificationId) ?? one);
    },
    due: async (now, limit) => {
      const rows = await readPages(db, {
        sql: `${select} WHERE state = 'owed' AND next_attempt_at <= :now`,
        params: { now },
        order: "next_attempt_at, id",
        behind: "(next_attempt_at, id) > (:lastAt, :lastId)",
        after: (last) => ({ lastAt: last.next_attempt_at ?? 0, lastId: last.id ?? "" }),
        limit,
      });
      return rows.map(toNotification);
    },
    settle: async (settlements) => {
      await db.batch(
        `UPDATE notifications SET state = :state, reason = :reason, attempts = :attempts,
          next_attempt_at = :nextAttemptAt, provider_id = CASE WHEN :sentAt IS NULL THEN provider_id ELSE :providerId END,
          sent_at = COALESCE(:sentAt, sent_at)
          WHERE id = :id AND state = 'owed' AND attempts <= :attempts AND COALESCE(resent_at, 0) = :resentAt`,
        settlements.map((one) => ({
          id: one.notificationId,
          state: one.state,
          reason: one.reason,
          attempts: one.attempts,
          nextAttemptAt: one.nextAttemptAt,
          sentAt: one.sentAt,
          providerId: one.providerId,
          resentAt: one.resent?.at ?? 0,
        })),
      );
    },
    list: (query) => listOf(db, typeof query === "number" ? { limit: query } : query),
    resend: async (id, now) => {
      const [record] = await find([id]);
      if (!record || record.state === "owed") return false;
      const before = record.resent?.at ?? 0;
      const { changed } = await db.execute(
        `UPDATE notifications SET state = 'owed', reason = '', attempts = 0, next_attempt_at = :now,
          resent_at = :resentAt, earlier = :earlier
          WHERE id = :id AND state <> 'owed' AND COALESCE(resent_at, 0) = :before`,
        { id, now, before, resentAt: Math.max(now, before + 1), earlier: endOf(record) },
      );
      return changed > 0;
    },
    countSince: async (destinationIds, since) => {
      const counts = new Map<string, number>();
      for (const part of slices(destinationIds, maxListed)) {
        const { names, params } = inList("d", part);
        const { rows } = await db.execute(
          `SELECT destination_id, COUNT(*) AS total FROM notifications
            WHERE destination_id IN (${names}) AND created_at >= :since AND state <> 'suppressed'
            GROUP BY destination_id`,
          { ...params, since },
        );
        for (const row of rows) counts.set(String(row.destination_id), Number(row.total));
      }
      return counts;
    },
    forget: async (before, limit) => {
      const { changed } = await db.execute(
        `DELETE FROM notifications WHERE id IN (SELECT id FROM
          (SELECT id FROM notifications WHERE created_at < :before AND state <> 'owed' ORDER BY created_at LIMIT :limit) d)`,
        { before, limit },
      );
      return changed;
    },
  };
};

const lists = {
  jobIds: "job_id",
  destinationIds: "destination_id",
  evaluationIds: "evaluation_id",
  states: "state",
} as const;

/** Four lists of so many values and the rest still fit into one statement. */
const maxOfList = 200;

/** A list that is too long is asked in parts; what they give is merged. */
const listOf = async (db: Db, query: NotificationQuery): Promise<NotificationRecord[]> => {
  const long = (["jobIds", "destinationIds", "evaluationIds"] as const).find(
    (name) => (query[name]?.length ?? 0) > maxOfList,
  );
  if (!long) return readList(db, query);
  const found: NotificationRecord[] = [];
  for (const part of slices([...new Set(query[long])], maxOfList))
    found.push(...(await listOf(db, { ...query, [long]: part })));
  const newestFirst = (left: NotificationRecord, right: NotificationRecord) =>
    right.createdAt - left.createdAt || (left.notificationId < right.notificationId ? 1 : -1);
  return found.sort(newestFirst).slice(0, query.limit);
};

const readList = async (db: Db, query: NotificationQuery): Promise<NotificationRecord[]> => {
  const conditions: string[] = [];
  const params: Record<string, SqlValue> = {};
  for (const name of ["jobIds", "destinationIds", "evaluationIds", "states"] as const) {
    const values = query[name];
    if (!values) continue;
    if (values.length === 0) return [];
    const list = inList(name, values);
    conditions.push(`${lists[name]} IN (${list.names})`);
    Object.assign(params, list.params);
  }
  if (query.before) {
    conditions.push("(created_at, id) < (:beforeAt, :beforeId)");
    Object.assign(params, { beforeAt: query.before.createdAt, beforeId: query.before.notificationId });
  }
  const rows = await readPages(db, {
    sql: `${select} WHERE ${conditions.length === 0 ? "1 = 1" : conditions.join(" AND ")}`,
    params,
    order: "created_at DESC, id DESC",
    behind: "(created_at, id) < (:lastAt, :lastId)",
    after: (last) => ({ lastAt: last.created_at ?? 0, lastId: last.id ?? "" }),
    limit: query.limit,
  });
  return rows.map(toNotification);
};

const recordRow = z.object({
  id: z.string(),
  destination_id: z.string(),
  channel: z.string(),
  evaluation_id: z.string(),
  rule_id: z.string(),
  job_id: z.string(),
  message: z.string(),
  state: z.enum(["owed", "sent", "suppressed", "failed"]),
  reason: z.string(),
  findings: z.number(),
  attempts: z.number(),
  created_at: z.number(),
  next_attempt_at: z.number(),
  sent_at: z.number().nullable(),
  provider_id: z.string().nullable(),
  resent_at: z.number().nullable(),
  earlier: z.string().nullable(),
});
const messageOf = jsonColumn(message);

/** A row of all its columns. */
export const toNotification = (raw: Row): NotificationRecord => {
  const row = recordRow.parse(raw);
  return {
    notificationId: row.id,
    destinationId: row.destination_id,
    channel: row.channel,
    evaluationId: row.evaluation_id,
    ruleId: row.rule_id,
    jobId: row.job_id,
    message: messageOf(row.message),
    state: row.state,
    reason: row.reason,
    findings: row.findings,
    attempts: row.attempts,
    createdAt: row.created_at,
    nextAttemptAt: row.next_attempt_at,
    sentAt: row.sent_at,
    providerId: row.provider_id,
    ...(row.resent_at === null ? {} : { resent: { at: row.resent_at, earlier: row.earlier ?? "" } }),
  };
};

const toParams = (one: NotificationRecord): Record<string, SqlValue> => ({
  id: one.notificationId,
  destination_id: one.destinationId,
  channel: one.channel,
  evaluation_id: one.evaluationId,
  rule_id: one.ruleId,
  job_id: one.jobId,
  message: JSON.stringify(one.message),
  state: one.state,
  reason: one.reason,
  findings: one.findings,
  attempts: one.attempts,
  created_at: one.createdAt,
  next_attempt_at: one.nextAttemptAt,
  sent_at: one.sentAt,
  provider_id: one.providerId,
});
