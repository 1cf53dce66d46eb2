// The coverage ledger in SQL: ranges are read around the new spans, laid over in TypeScript, and only changed rows are written.
// Results are keyed by job, so each job's ranges have one writer at a time; what the schedule records lies where nothing was asked.
import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { CoverageRange, CoverageStore } from "./coverage.ts";
import { laySpans } from "./coverage-changes.ts";
import type { Db, Row, Sql } from "./db.ts";
import { inList, maxListed, slices } from "./in-list.ts";
import { readPages } from "./read-pages.ts";
import { replaceRows } from "./replace-rows.ts";

const columns = ["job_id", "from_at", "to_at", "state", "revision", "reason", "retry_at"];
const select = `SELECT ${columns.join(", ")} FROM coverage`;

export const sqlCoverage = (db: Db): CoverageStore => ({
  record: async (spans) => {
    const jobIds = [...new Set(spans.map((span) => span.jobId))];
    for (const part of slices(jobIds, maxListed)) {
      const jobs = new Set(part);
      await recordSpans(
        db,
        part,
        spans.filter((span) => jobs.has(span.jobId)),
      );
    }
  },
  read: async (jobId, from, to, limit) => {
    const rows = await readPages(db, {
      sql: `${select} WHERE job_id = :jobId AND to_at > :start AND from_at < :end`,
      params: { jobId, start: from, end: to },
      order: "from_at",
      behind: "from_at > :lastFrom",
      after: (last) => ({ lastFrom: last.from_at ?? 0 }),
      limit,
    });
    return rows.map(toRange);
  },
  newest: async (jobIds) => {
    const found: CoverageRange[] = [];
    for (const part of slices([...new Set(jobIds)], maxListed)) {
      const { names, params } = inList("j", part);
      const { rows } = await db.execute(
        `${select} c WHERE job_id IN (${names})
          AND from_at = (SELECT MAX(n.from_at) FROM coverage n WHERE n.job_id = c.job_id)`,
        params,
      );
      found.push(...rows.map(toRange));
    }
    return found;
  },
  retryable: async (now, limit) => {
    const { rows } = await db.execute(
      `${select} WHERE retry_at <= :now AND state = 'failed' ORDER BY retry_at, from_at, job_id LIMIT :limit`,
      { now, limit },
    );
    return rows.map(toRange);
  },
  postpone: async (ranges, until) => {
    if (ranges.length === 0) return [];
    // The mark says which rows this very call moved.
    const mark = randomUUID();
    await db.batch(
      `UPDATE coverage SET retry_at = :until, retry_claim = :mark WHERE ${asSeen}`,
      ranges.map((one) => ({ until, mark, ...seen(one) })),
    );
    const { rows } = await db.execute(
      "SELECT job_id, from_at FROM coverage WHERE retry_at = :until AND retry_claim = :mark",
      { until, mark },
    );
    const moved = new Set(rows.map((row) => `${row.from_at} ${row.job_id}`));
    return ranges.map((range) => moved.has(`${range.from} ${range.jobId}`));
  },
  giveUp: (ranges) =>
    ranges.length === 0
      ? Promise.resolve()
      : db.batch(`UPDATE coverage SET retry_at = NULL WHERE ${asSeen}`, ranges.map(seen)),
});

/** A failed range that did not change since it was read. */
const asSeen = "job_id = :jobId AND from_at = :start AND to_at = :end AND state = 'failed' AND retry_at = :retryAt";
const seen = (one: CoverageRange) => ({ jobId: one.jobId, start: one.from, end: one.to, retryAt: one.retryAt });

const recordSpans = async (db: Db, jobIds: readonly string[], spans: readonly CoverageRange[]): Promise<void> => {
  const known = await readAround(db, jobIds, spans);
  const { upserts, removals, takesAway } = laySpans(known, spans);
  const write = async (sql: Sql) => {
    if (removals.length > 0) {
      await sql.batch(
        "DELETE FROM coverage WHERE job_id = :jobId AND from_at = :start",
        removals.map((range) => ({ jobId: range.jobId, start: range.from })),
      );
    }
    await replaceRows(sql, "coverage", columns, upserts.map(toValues));
  };
  // Rows that only grow or appear may be written in part: recording again completes them. A range that is cut may not.
  if (takesAway) await db.transaction(write);
  else await write(db);
};

/** Ranges that overlap or touch the hull of the spans, for all jobs in one read. */
const readAround = async (db: Db, jobIds: readonly string[], spans: readonly CoverageRange[]) => {
  const { names, params } = inList("j", jobIds);
  const rows = await readPages(db, {
    sql: `${select} WHERE job_id IN (${names}) AND to_at >= :start AND from_at <= :end`,
    params: {
      ...params,
      start: spans.reduce((least, span) => Math.min(least, span.from), Number.MAX_SAFE_INTEGER),
      end: spans.reduce((most, span) => Math.max(most, span.to), Number.MIN_SAFE_INTEGER),
    },
    order: "job_id, from_at",
    behind: "(job_id, from_at) > (:lastJob, :lastFrom)",
    after: (last) => ({ lastJob: last.job_id ?? "", lastFrom: last.from_at ?? 0 }),
  });
  return rows.map(toRange);
};

const rangeRow = z.object({
  job_id: z.string(),
  from_at: z.number(),
  to_at: z.number(),
  state: z.enum(["complete", "revised", "failed", "missing"]),
  revision: z.number(),
  reason: z.string(),
  retry_at: z.number().nullable(),
});

const toRange = (raw: Row): CoverageRange => {
  const row = rangeRow.parse(raw);
  return {
    jobId: row.job_id,
    from: row.from_at,
    to: row.to_at,
    state: row.state,
    revision: row.revision,
    reason: row.reason,
    retryAt: row.retry_at,
  };
};

const toValues = (range: CoverageRange) => [
  range.jobId,
  range.from,
  range.to,
  range.state,
  range.revision,
  range.reason,
  range.retryAt,
];
