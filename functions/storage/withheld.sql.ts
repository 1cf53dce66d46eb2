// What was not told, in SQL. Everything that may stand against telling a batch is one statement.
import { changeKind } from "@logwatch/events";
import * as z from "zod";
import { writeEvents } from "./alerts.sql.ts";
import type { Db, Row, SqlParams } from "./db.ts";
import { inList, maxListed, slices } from "./in-list.ts";
import { readPages } from "./read-pages.ts";
import { replaceRows } from "./replace-rows.ts";
import { episodeOf, ruleOf } from "./rule-state-columns.ts";
import { silenceOf } from "./silences.sql.ts";
import type { Silence } from "./silences.ts";
import {
  type DueUntold,
  decidedBefore,
  type ObstacleQuery,
  type Obstacles,
  type Untold,
  type Withheld,
  type WithheldStore,
  withheldReasons,
} from "./withheld.ts";

const untoldColumns = ["alert_id", "service_id", "evaluation_id", "look_at"];

export const sqlWithheld = (db: Db): WithheldStore => ({
  obstacles: (query) => readObstacles(db, query),
  record: ({ withheld, untold, forgotten }) =>
    db.transaction(async (sql) => {
      await replaceRows(
        sql,
        "withheld",
        ["evaluation_id", "alert_id", "kind", "reason", "silence_id", "withheld_at"],
        withheld.map((one) => [one.evaluationId, one.alertId, one.kind, one.reason, one.silenceId, one.at]),
      );
      for (const part of slices(forgotten, maxListed)) {
        const { names, params } = inList("a", part);
        await sql.execute(`DELETE FROM untold WHERE alert_id IN (${names})`, params);
      }
      const marks = untold.map((one) => [one.alertId, one.serviceId, one.evaluationId, one.lookAt]);
      await replaceRows(sql, "untold", untoldColumns, marks);
    }),
  told: (alertIds, events) =>
    db.transaction(async (sql) => {
      for (const part of slices(alertIds, maxListed)) {
        const { names, params } = inList("a", part);
        await sql.execute(`DELETE FROM untold WHERE alert_id IN (${names})`, params);
      }
      await writeEvents(sql, events);
    }),
  due: (now, limit) => readDue(db, now, limit),
  postpone: (untold) =>
    db.batch(
      `UPDATE untold SET look_at = :lookAt
        WHERE alert_id = :alertId AND evaluation_id = :evaluationId`,
      untold.map(({ alertId, evaluationId, lookAt }) => ({ alertId, evaluationId, lookAt })),
    ),
  forget: async (before, limit) => {
    const { rows } = await db.execute(
      "SELECT evaluation_id, alert_id FROM withheld WHERE withheld_at < :before ORDER BY withheld_at LIMIT :limit",
      { before, limit },
    );
    await db.batch(
      "DELETE FROM withheld WHERE evaluation_id = :evaluationId AND alert_id = :alertId",
      rows.map((row) => ({ evaluationId: row.evaluation_id ?? "", alertId: row.alert_id ?? "" })),
    );
    const { changed } = await db.execute(
      `DELETE FROM untold WHERE alert_id IN (SELECT alert_id FROM
        (SELECT u.alert_id FROM untold u LEFT JOIN episodes e ON e.alert_id = u.alert_id
          WHERE u.look_at < :before AND (e.state IS NULL OR e.state <> 'firing') LIMIT :limit) d)`,
      { before, limit },
    );
    return rows.length + changed;
  },
});

/** Values of one statement beside the listed alerts: services and evaluations of one batch, a few hundred at most. */
const readObstacles = async (db: Db, query: ObstacleQuery): Promise<Obstacles> => {
  const [first = [], ...others] = slices([...new Set(query.alertIds)], maxListed);
  const reads = [unionOf(first, query), ...others.map((ids) => unionOf(ids))];
  return toObstacles((await Promise.all(reads.map((read) => readUnion(db, read)))).flat());
};

type Union = { terms: string[]; params: SqlParams };

/** Rows of four kinds in the same columns: silences, acknowledgements, marks, earlier decisions. */
const unionOf = (alertIds: readonly string[], rest?: Omit<ObstacleQuery, "alertIds">): Union => {
  const alerts = inList("a", alertIds);
  const services = inList("s", [...new Set(rest?.serviceIds ?? [])]);
  const evaluations = inList("e", [...new Set(rest?.evaluationIds ?? [])]);
  const terms = [
    services.names &&
      `SELECT 0 AS sort, id, '' AS evaluation, 0 AS moment, body AS text, '' AS reason, NULL AS other FROM silences
        WHERE service_id IN (${services.names}) AND starts_at <= :now AND ends_at > :now`,
    alerts.names &&
      `SELECT 1 AS sort, alert_id AS id, '' AS evaluation, 0 AS moment, '' AS text, '' AS reason, NULL AS other
        FROM acknowledgements WHERE alert_id IN (${alerts.names})`,
    alerts.names &&
      `SELECT 2 AS sort, alert_id AS id, evaluation_id AS evaluation, look_at AS moment, service_id AS text, '' AS reason,
        NULL AS other FROM untold WHERE alert_id IN (${alerts.names})`,
    evaluations.names &&
      `SELECT 3 AS sort, alert_id AS id, evaluation_id AS evaluation, withheld_at AS moment, kind AS text, reason,
        silence_id AS other FROM withheld WHERE evaluation_id IN (${evaluations.names})`,
  ].filter((term) => term !== "");
  const params = { ...alerts.params, ...services.params, ...evaluations.params };
  return { terms, params: services.names && rest ? { ...params, now: rest.now } : params };
};

const readUnion = async (db: Db, { terms, params }: Union): Promise<Row[]> =>
  terms.length === 0
    ? []
    : readPages(db, {
        sql: `SELECT o.sort AS sort, o.id AS id, o.evaluation AS evaluation, o.moment AS moment, o.text AS text,
          o.reason AS reason, o.other AS other FROM (${terms.join(" UNION ALL ")}) o WHERE 1 = 1`,
        params,
        order: "o.sort, o.id, o.evaluation",
        behind: "(o.sort, o.id, o.evaluation) > (:lastSort, :lastId, :lastEvaluation)",
        after: (last) => ({
          lastSort: last.sort ?? 0,
          lastId: last.id ?? "",
          lastEvaluation: last.evaluation ?? "",
        }),
      });

const unionRow = z.object({
  sort: z.number(),
  id: z.string(),
  evaluation: z.string(),
  moment: z.number(),
  text: z.string(),
  reason: z.string(),
  other: z.string().nullable(),
});

const toObstacles = (rows: readonly Row[]): Obstacles => {
  const silences: Silence[] = [];
  const acknowledged = new Set<string>();
  const untold = new Map<string, Untold>();
  const withheld: Withheld[] = [];
  for (const raw of rows) {
    const { sort, id: alertId, evaluation: evaluationId, moment, text, reason, other } = unionRow.parse(raw);
    if (sort === 0) silences.push(silenceOf(text));
    else if (sort === 1) acknowledged.add(alertId);
    else if (sort === 2) untold.set(alertId, { alertId, evaluationId, serviceId: text, lookAt: moment });
    else {
      const words = { kind: changeKind.parse(text), reason: z.enum(withheldReasons).parse(reason) };
      withheld.push({ evaluationId, alertId, ...words, silenceId: other, at: moment });
    }
  }
  return { silences, acknowledged, untold, decided: decidedBefore(withheld) };
};

const dueRow = z.object({
  alert_id: z.string(),
  service_id: z.string(),
  evaluation_id: z.string(),
  look_at: z.number(),
  episode: z.string(),
  rule: z.string(),
});

const readDue = async (db: Db, now: number, limit: number): Promise<DueUntold[]> => {
  const rows = await readPages(db, {
    sql: `SELECT ${untoldColumns.map((column) => `u.${column} AS ${column}`).join(", ")}, e.body AS episode, r.body AS rule
      FROM untold u JOIN episodes e ON e.alert_id = u.alert_id JOIN rules r ON r.id = e.rule_id
      LEFT JOIN acknowledgements a ON a.alert_id = u.alert_id
      WHERE u.look_at <= :now AND e.state = 'firing' AND r.enabled = 1 AND a.alert_id IS NULL`,
    params: { now },
    order: "u.look_at, u.alert_id",
    behind: "(u.look_at, u.alert_id) > (:lastAt, :lastId)",
    after: (last) => ({ lastAt: last.look_at ?? 0, lastId: last.alert_id ?? "" }),
    limit,
  });
  return rows.map((raw) => {
    const row = dueRow.parse(raw);
    const untold: Untold = {
      alertId: row.alert_id,
      serviceId: row.service_id,
      evaluationId: row.evaluation_id,
      lookAt: row.look_at,
    };
    return { untold, episode: episodeOf(row.episode), rule: ruleOf(row.rule) };
  });
};
