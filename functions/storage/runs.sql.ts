// Manual runs in SQL. Every end is one conditional write: a run that was cancelled stays so, whatever arrives later.
import { failure } from "@logwatch/events";
import * as z from "zod";
import { runJobId } from "../lib/runs.ts";
import type { Db, Row } from "./db.ts";
import { inList, maxListed, slices } from "./in-list.ts";
import { jsonColumn, plainObject } from "./json-column.ts";
import type { MeasurementStore } from "./measurements.ts";
import { readByIds, readPages } from "./read-pages.ts";
import type { RunRecord, RunStore } from "./runs.ts";

const select = `SELECT id, user_id, service_id, job_id, analysis, params, from_at, to_at, state, failure, requested_at,
  finished_at, cancelled_at FROM runs`;

export const sqlRuns = (db: Db, measurements: Pick<MeasurementStore, "forgetJobs">): RunStore => {
  // Values first: a run that is still listed is taken away again.
  const drop = async (rows: readonly Row[]) => {
    for (const part of slices(
      rows.map((row) => String(row.id)),
      maxListed,
    )) {
      await measurements.forgetJobs(part.map(runJobId));
      const { names, params } = inList("r", part);
      await db.execute(`DELETE FROM runs WHERE id IN (${names})`, params);
    }
  };
  return {
    create: async (run) => {
      await db.execute(insertIfAbsent, {
        id: run.id,
        userId: run.userId,
        serviceId: run.serviceId,
        jobId: run.jobId,
        analysis: run.analysis,
        params: JSON.stringify(run.params),
        fromAt: run.window.from,
        toAt: run.window.to,
        requestedAt: run.requestedAt,
      });
    },
    find: async (ids) => (await readByIds(db, `${select} WHERE`, ids)).map(toRun),
    list: async ({ userId, before, limit }) => {
      const rows = await readPages(db, {
        sql: `${select} WHERE user_id = :userId ${before === undefined ? "" : "AND id < :before"}`,
        params: { userId, ...(before === undefined ? {} : { before }) },
        order: "id DESC",
        behind: "id < :lastId",
        after: (last) => ({ lastId: last.id ?? "" }),
        limit,
      });
      return rows.map(toRun);
    },
    end: async (ends) => {
      if (ends.length === 0) return;
      await db.batch(
        "UPDATE runs SET state = :state, failure = :failure, finished_at = :at WHERE id = :id AND state = 'queued'",
        ends.map(({ id, failure, at }) => ({
          id,
          at,
          state: failure ? "failed" : "finished",
          failure: failure && JSON.stringify(failure),
        })),
      );
    },
    cancel: async (id, now) => {
      const sql = "UPDATE runs SET state = 'cancelled', cancelled_at = :now WHERE id = :id AND state = 'queued'";
      return (await db.execute(sql, { id, now })).changed > 0;
    },
    cancelled: async (ids) => {
      const found = new Set<string>();
      for (const part of slices(ids, maxListed)) {
        const { names, params } = inList("r", part);
        const { rows } = await db.execute(`SELECT id FROM runs WHERE id IN (${names}) AND state = 'cancelled'`, params);
        for (const row of rows) found.add(String(row.id));
      }
      return found;
    },
    forget: async (before, limit) => {
      const { rows } = await db.execute(
        "SELECT id FROM runs WHERE requested_at < :before ORDER BY requested_at LIMIT :limit",
        { before, limit },
      );
      await drop(rows);
      return rows.length;
    },
    forgetUser: async (userId) => {
      for (;;) {
        const { rows } = await db.execute("SELECT id FROM runs WHERE user_id = :userId LIMIT 1000", { userId });
        if (rows.length === 0) return;
        await drop(rows);
      }
    },
  };
};

const insertIfAbsent = `INSERT INTO runs (id, user_id, service_id, job_id, analysis, params, from_at, to_at, state, requested_at)
  SELECT :id, :userId, :serviceId, :jobId, :analysis, :params, :fromAt, :toAt, 'queued', :requestedAt
  FROM (SELECT 1 AS one) d WHERE NOT EXISTS (SELECT 1 FROM runs n WHERE n.id = :id)`;

const params = jsonColumn(plainObject);
const whyFailed = jsonColumn(failure);

const runRow = z.object({
  id: z.string(),
  user_id: z.string(),
  service_id: z.string(),
  job_id: z.string().nullable(),
  analysis: z.string(),
  params: z.string(),
  from_at: z.number(),
  to_at: z.number(),
  state: z.enum(["queued", "finished", "failed", "cancelled"]),
  failure: z.string().nullable(),
  requested_at: z.number(),
  finished_at: z.number().nullable(),
  cancelled_at: z.number().nullable(),
});

const toRun = (raw: Row): RunRecord => {
  const row = runRow.parse(raw);
  return {
    id: row.id,
    userId: row.user_id,
    serviceId: row.service_id,
    jobId: row.job_id,
    analysis: row.analysis,
    params: params(row.params),
    window: { from: row.from_at, to: row.to_at },
    state: row.state,
    failure: row.failure === null ? null : whyFailed(row.failure),
    requestedAt: row.requested_at,
    finishedAt: row.finished_at,
    cancelledAt: row.cancelled_at,
  };
};
