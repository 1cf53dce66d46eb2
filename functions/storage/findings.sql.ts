// The books of what was not told, in SQL. Sums of days move rows and count them once, though two ticks may do it at once.
import * as z from "zod";
import type { Db, Row, Sql } from "./db.ts";
import { dayMark, type FindingRecord, type FindingStore, sumOfDays } from "./findings.ts";
import { inList, maxListed, slices } from "./in-list.ts";
import { suppressReasons } from "./notifications.ts";
import { replaceRows } from "./replace-rows.ts";

const columns = ["evaluation_id", "reason", "rule_id", "found_at", "found"];
const single = `evaluation_id NOT LIKE '${dayMark}%'`;

export const sqlFindings = (db: Db): FindingStore => ({
  record: (findings) => write(db, findings),
  totals: async () => {
    const { rows } = await db.execute("SELECT reason, SUM(found) AS total FROM findings GROUP BY reason");
    // Sums come as text from MySQL.
    return new Map(rows.map((row) => [String(row.reason), Number(row.total)]));
  },
  sumDays: async (until, limit) => {
    const { rows } = await db.execute(
      `SELECT found_at FROM findings WHERE found_at <= :until AND ${single} ORDER BY found_at LIMIT :limit`,
      { until, limit },
    );
    const last = rows.at(-1);
    return last ? db.transaction((sql) => sumUntil(sql, Number(last.found_at))) : 0;
  },
});

const write = (sql: Sql, findings: readonly FindingRecord[]): Promise<void> =>
  replaceRows(
    sql,
    "findings",
    columns,
    findings.map((one) => [one.evaluationId, one.reason, one.ruleId, one.at, one.count]),
  );

const sumUntil = async (sql: Sql, last: number): Promise<number> => {
  const old = `found_at <= :last AND ${single}`;
  // Changes nothing but takes the rows' locks: who comes second waits here, and finds them gone.
  await sql.execute(`UPDATE findings SET found = found WHERE ${old}`, { last });
  const { rows } = await sql.execute(`SELECT ${columns.join(", ")} FROM findings WHERE ${old}`, { last });
  const sums = sumOfDays(rows.map(toRecord));
  const before = await readSums(sql, [...new Set(sums.map((sum) => sum.evaluationId))]);
  await sql.execute(`DELETE FROM findings WHERE ${old}`, { last });
  await write(
    sql,
    sums.map((sum) => ({ ...sum, count: sum.count + (before.get(`${sum.evaluationId} ${sum.reason}`) ?? 0) })),
  );
  return rows.length;
};

const readSums = async (sql: Sql, ids: readonly string[]): Promise<Map<string, number>> => {
  const sums = new Map<string, number>();
  for (const part of slices(ids, maxListed)) {
    const { names, params } = inList("d", part);
    const { rows } = await sql.execute(
      `SELECT ${columns.join(", ")} FROM findings WHERE evaluation_id IN (${names})`,
      params,
    );
    for (const { evaluationId, reason, count } of rows.map(toRecord)) sums.set(`${evaluationId} ${reason}`, count);
  }
  return sums;
};

const row = z.object({
  evaluation_id: z.string(),
  reason: z.enum(suppressReasons),
  rule_id: z.string(),
  found_at: z.number(),
  found: z.number(),
});

const toRecord = (raw: Row): FindingRecord => {
  const { evaluation_id, reason, rule_id, found_at, found } = row.parse(raw);
  return { evaluationId: evaluation_id, reason, ruleId: rule_id, at: found_at, count: found };
};
