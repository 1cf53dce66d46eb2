// Alerts in SQL. An episode's row is written by the rule states' commit alone, an acknowledgement's by people alone: so neither can undo
// the other, and no commit has to read what it replaces.
import * as z from "zod";
import {
  type Acknowledgement,
  type Alert,
  type AlertLine,
  type AlertQuery,
  type AlertStore,
  type Episode,
  endedWithRule,
} from "./alerts.ts";
import type { Db, Row, Sql, SqlValue } from "./db.ts";
import { inList, maxListed, slices } from "./in-list.ts";
import { readPages } from "./read-pages.ts";
import { replaceRows } from "./replace-rows.ts";
import { alertEventId, episodeOf, eventOf } from "./rule-state-columns.ts";
import { withheldReasons } from "./withheld.ts";

export const sqlAlerts = (db: Db): AlertStore => ({
  list: (query) => listOf(db, query),
  find: async (alertIds) => {
    const found: Alert[] = [];
    for (const part of slices([...new Set(alertIds)], maxListed)) {
      const { names, params } = inList("a", part);
      found.push(...(await readAlerts(db, [`e.alert_id IN (${names})`], params, maxListed)));
    }
    return found;
  },
  timeline: (alertId, limit) => timelineOf(db, alertId, limit),
  acknowledge: (alertId, acknowledgement, expectedAt) =>
    acknowledgement ? acknowledge(db, alertId, acknowledgement, expectedAt) : takeBack(db, alertId, expectedAt),
  firing: (serviceIds, limit) =>
    serviceIds === "all"
      ? readAlerts(db, ["e.state = 'firing'"], {}, limit)
      : listOf(db, { serviceIds, states: ["firing"], limit }),
  endGone: async (now, limit) => {
    const { rows } = await db.execute(
      `SELECT e.body AS body FROM episodes e LEFT JOIN rules r ON r.id = e.rule_id
        WHERE e.state IN ('pending', 'firing') AND r.id IS NULL ORDER BY e.updated_at LIMIT :limit`,
      { limit },
    );
    const gone = rows.map((row) => episodeOf(String(row.body)));
    const ended = gone.map((one): [string, Episode | null] => [
      one.alertId,
      one.state === "pending" ? null : endedWithRule(one, now),
    ]);
    if (ended.length > 0) await db.transaction((sql) => writeEpisodes(sql, new Map(ended)));
    return gone.length;
  },
  forget: async (before, limit) => {
    const { rows } = await db.execute(
      "SELECT alert_id FROM episodes WHERE state = 'resolved' AND updated_at < :before ORDER BY updated_at LIMIT :limit",
      { before, limit },
    );
    for (const part of slices(
      rows.map((row) => String(row.alert_id)),
      maxListed,
    )) {
      const { names, params } = inList("a", part);
      await db.transaction(async (sql) => {
        for (const table of ["acknowledgements", "untold", "episodes"])
          await sql.execute(`DELETE FROM ${table} WHERE alert_id IN (${names})`, params);
      });
    }
    return rows.length;
  },
});

const columns = ["alert_id", "rule_id", "job_id", "service_id", "severity", "state", "opened_at", "updated_at", "body"];

/** Alerts as a commit leaves them; null for those that were pending and never fired. */
export const writeEpisodes = async (sql: Sql, episodes: ReadonlyMap<string, Episode | null>): Promise<void> => {
  const unfired = [...episodes].filter(([, one]) => one === null).map(([id]) => id);
  for (const part of slices(unfired, maxListed)) {
    const { names, params } = inList("a", part);
    await sql.execute(`DELETE FROM episodes WHERE alert_id IN (${names}) AND state = 'pending'`, params);
  }
  const kept = [...episodes.values()].filter((one) => one !== null);
  await replaceRows(sql, "episodes", columns, kept.map(toValues));
};

const toValues = (one: Episode): SqlValue[] => [
  one.alertId,
  one.ruleId,
  one.jobId,
  one.serviceId,
  one.severity,
  one.state,
  one.openedAt,
  one.updatedAt,
  JSON.stringify(one),
];

/** One read for each 500 services; what they give is merged. */
const listOf = async (db: Db, query: AlertQuery): Promise<Alert[]> => {
  const { states, severities, since, until, jobId, ruleId, before } = query;
  const params: Record<string, SqlValue> = {};
  const conditions: string[] = [];
  const where = (condition: string, values: Record<string, SqlValue>) => {
    conditions.push(condition);
    Object.assign(params, values);
  };
  const oneOf = (column: string, prefix: string, values: readonly string[] | undefined) => {
    if (!values) return;
    const list = inList(prefix, values);
    where(values.length === 0 ? "1 = 0" : `${column} IN (${list.names})`, { ...list.params });
  };
  oneOf("e.state", "state", states);
  oneOf("e.severity", "severity", severities);
  if (since !== undefined) where("(e.state <> 'resolved' OR e.updated_at >= :since)", { since });
  if (until !== undefined) where("e.opened_at < :until", { until });
  if (jobId !== undefined) where("e.job_id = :jobId", { jobId });
  if (ruleId !== undefined) where("e.rule_id = :ruleId", { ruleId });
  if (before)
    where("(e.updated_at, e.alert_id) < (:beforeAt, :beforeId)", {
      beforeAt: before.updatedAt,
      beforeId: before.alertId,
    });
  const found: Alert[] = [];
  for (const part of slices([...new Set(query.serviceIds)], maxListed)) {
    const services = inList("s", part);
    const all = [`e.service_id IN (${services.names})`, ...conditions];
    found.push(...(await readAlerts(db, all, { ...params, ...services.params }, query.limit)));
  }
  return found.sort(newestFirst).slice(0, query.limit);
};

const newestFirst = (left: Alert, right: Alert): number =>
  right.updatedAt - left.updatedAt || (left.alertId < right.alertId ? 1 : -1);

const readAlerts = async (
  db: Db,
  conditions: readonly string[],
  params: Readonly<Record<string, SqlValue>>,
  limit: number,
): Promise<Alert[]> => {
  const rows = await readPages(db, {
    sql: `SELECT e.alert_id AS alert_id, e.updated_at AS updated_at, e.body AS body,
      a.acknowledged_at AS acknowledged_at, a.acknowledged_by AS acknowledged_by, a.note AS note
      FROM episodes e LEFT JOIN acknowledgements a ON a.alert_id = e.alert_id WHERE ${conditions.join(" AND ")}`,
    params,
    order: "e.updated_at DESC, e.alert_id DESC",
    behind: "(e.updated_at, e.alert_id) < (:lastAt, :lastId)",
    after: (last) => ({ lastAt: last.updated_at ?? 0, lastId: last.alert_id ?? "" }),
    limit,
  });
  return rows.map(toAlert);
};

const alertRow = z.object({
  body: z.string(),
  acknowledged_at: z.number().nullable(),
  acknowledged_by: z.string().nullable(),
  note: z.string().nullable(),
});

const toAlert = (raw: Row): Alert => {
  const { body, acknowledged_at: at, acknowledged_by: by, note } = alertRow.parse(raw);
  return { ...episodeOf(body), acknowledgement: at === null ? null : { at, by: by ?? "", note: note ?? "" } };
};

const lineRow = z.object({
  id: z.string(),
  body: z.string(),
  reason: z.enum(withheldReasons).nullable(),
  silence_id: z.string().nullable(),
});

const timelineOf = async (db: Db, alertId: string, limit: number): Promise<AlertLine[]> => {
  const rows = await readPages(db, {
    sql: `SELECT v.id AS id, v.happened_at AS happened_at, v.body AS body, w.reason AS reason, w.silence_id AS silence_id
      FROM alert_events v LEFT JOIN withheld w ON w.evaluation_id = v.evaluation_id AND w.alert_id = v.alert_id
      WHERE v.alert_id = :alertId`,
    params: { alertId },
    order: "v.happened_at DESC, v.id DESC",
    behind: "(v.happened_at, v.id) < (:lastAt, :lastId)",
    after: (last) => ({ lastAt: last.happened_at ?? 0, lastId: last.id ?? "" }),
    limit,
  });
  return rows.map((raw) => {
    const { body, reason, silence_id: silenceId } = lineRow.parse(raw);
    return { ...eventOf(body), withheld: reason === null ? null : { reason, silenceId } };
  });
};

/** Lines of timelines; repeating one changes nothing. */
export const writeEvents = (sql: Sql, events: readonly Omit<AlertLine, "withheld">[]): Promise<void> =>
  replaceRows(
    sql,
    "alert_events",
    ["id", "alert_id", "rule_id", "evaluation_id", "happened_at", "body"],
    events.map((one) => [alertEventId(one), one.alertId, one.ruleId, one.evaluationId, one.at, JSON.stringify(one)]),
  );

const acknowledge = async (
  db: Db,
  alertId: string,
  { at, by, note }: Acknowledgement,
  expectedAt: number | null,
): Promise<boolean> => {
  const isOpen = "EXISTS (SELECT 1 FROM episodes e WHERE e.alert_id = :alertId AND e.state <> 'resolved')";
  const params = { alertId, at, by, note };
  const { changed } =
    expectedAt === null
      ? await db.execute(
          `INSERT INTO acknowledgements (alert_id, acknowledged_at, acknowledged_by, note)
            SELECT :alertId, :at, :by, :note FROM (SELECT 1 AS one) d WHERE ${isOpen}
            AND NOT EXISTS (SELECT 1 FROM acknowledgements a WHERE a.alert_id = :alertId)`,
          params,
        )
      : await db.execute(
          `UPDATE acknowledgements SET acknowledged_at = :at, acknowledged_by = :by, note = :note
            WHERE alert_id = :alertId AND acknowledged_at = :expectedAt AND ${isOpen}`,
          { ...params, expectedAt },
        );
  return changed > 0;
};

const takeBack = async (db: Db, alertId: string, expectedAt: number | null): Promise<boolean> => {
  const { changed } = await db.execute(
    "DELETE FROM acknowledgements WHERE alert_id = :alertId AND acknowledged_at = :expectedAt",
    { alertId, expectedAt },
  );
  return changed > 0;
};
