// History in SQL. One row holds all values of one window: a result is one row to write, whatever the number of its label sets.
import type { AnalysisResult } from "@logwatch/events";
import type { Db, Row } from "./db.ts";
import { inList, maxListed, slices } from "./in-list.ts";
import { columns, toRows, toWindows } from "./measurement-rows.ts";
import type { MeasurementStore } from "./measurements.ts";
import { readSeries } from "./measurements-series.sql.ts";
import { readPages } from "./read-pages.ts";
import { replaceRows } from "./replace-rows.ts";
import {
  mergeWindows,
  newestRevisions,
  type StoredWindow,
  stepOf,
  stepsWithin,
  tierEnd,
  tiers,
} from "./thin-windows.ts";

export const sqlMeasurements = (db: Db): MeasurementStore => ({
  append: async (results) => {
    const rows = results.filter((result) => result.outcome === "complete").flatMap(rowsOf);
    await replaceRows(db, "measurements", columns, rows);
  },
  read: async ({ jobId, from, until, name }) => {
    const windows = newestRevisions(toWindows(await readWindows(db, jobId, from, until)));
    return windows.flatMap((window) =>
      window.measurements
        .filter((one) => name === undefined || one.name === name)
        .map((one) => ({ jobId, from: window.from, to: window.to, revision: window.revision, ...one })),
    );
  },
  newest: async (jobId) => {
    const { rows } = await db.execute(
      "SELECT to_at FROM measurements WHERE job_id = :jobId ORDER BY to_at DESC LIMIT 1",
      { jobId },
    );
    const to = rows[0]?.to_at;
    if (typeof to !== "number") return undefined;
    return newestRevisions(toWindows(await readWindows(db, jobId, to - 1, to))).at(-1);
  },
  series: (query) => readSeries(db, query),
  forgetJobs: async (jobIds) => {
    for (const part of slices(jobIds, maxListed)) {
      const { names, params } = inList("j", part);
      await db.execute(`DELETE FROM measurements WHERE job_id IN (${names})`, params);
    }
  },
  thin: async (now, limit) => {
    let rows = 0;
    for (const tier of tiers) {
      if (rows >= limit) break;
      const until = tierEnd(now, tier);
      rows +=
        tier.stepMs === null
          ? await dropRows(db, tier.tier, until, limit - rows)
          : await mergeTier(db, { tier: tier.tier, stepMs: tier.stepMs, until }, limit - rows, rows === 0);
    }
    return rows;
  },
});

const rowsOf = (result: AnalysisResult) =>
  toRows(result.jobId, 0, {
    from: result.window.from,
    to: result.window.to,
    revision: result.revision,
    measurements: result.measurements,
  });

const select = `SELECT ${columns.join(", ")} FROM measurements`;

const readWindows = (db: Db, jobId: string, from: number, until: number, more = "", limit?: number): Promise<Row[]> =>
  readPages(db, {
    sql: `${select} WHERE job_id = :jobId AND to_at > :start AND to_at <= :until ${more}`,
    params: { jobId, start: from, until },
    order: "to_at, revision, part",
    behind: "(to_at, revision, part) > (:lastTo, :lastRevision, :lastPart)",
    after: (last) => ({ lastTo: last.to_at ?? 0, lastRevision: last.revision ?? 0, lastPart: last.part ?? 0 }),
    limit,
  });

/** Jobs thinned in one call, at most: each takes a transaction of its own. */
const maxJobs = 50;

type Tier = { tier: number; stepMs: number; until: number };

/** `isFirst`: nothing was thinned in this call yet. */
const mergeTier = async (db: Db, tier: Tier, limit: number, isFirst: boolean): Promise<number> => {
  const { rows: jobs } = await db.execute(
    `SELECT job_id, MIN(to_at) AS oldest FROM
        (SELECT job_id, to_at FROM measurements WHERE tier = :tier AND to_at <= :until ORDER BY to_at LIMIT :limit) d
      GROUP BY job_id LIMIT :maxJobs`,
    { tier: tier.tier, until: tier.until, limit, maxJobs },
  );
  let merged = 0;
  for (const { job_id: jobId, oldest } of jobs) {
    if (merged >= limit) break;
    merged += await mergeJob(db, String(jobId), Number(oldest), tier, limit - merged, isFirst && merged === 0);
  }
  return merged;
};

/** Merges the oldest whole steps of one job. How many rows it took in. */
const mergeJob = async (db: Db, jobId: string, oldest: number, tier: Tier, limit: number, isFirst: boolean) => {
  const from = oldest - 1;
  const ofTier = `AND tier = ${tier.tier}`;
  // One row more than may go tells whether the last step ends within the limit.
  let read = await readWindows(db, jobId, from, tier.until, ofTier, limit + 1);
  let size = stepsWithin(read.map(toEnd), tier.stepMs, limit, isFirst);
  if (size > limit) {
    read = await readWindows(db, jobId, from, stepOf(oldest, tier.stepMs) * tier.stepMs, ofTier);
    size = read.length;
  }
  const taken = read.slice(0, size);
  const last = taken.at(-1);
  if (!last) return 0;
  const merged = mergeSteps(taken, tier.stepMs).flatMap((window) => toRows(jobId, tier.tier + 1, window));
  await db.transaction(async (sql) => {
    await sql.execute(
      "DELETE FROM measurements WHERE job_id = :jobId AND to_at > :start AND to_at <= :until AND tier = :tier",
      { jobId, start: from, until: toEnd(last).to, tier: tier.tier },
    );
    await replaceRows(sql, "measurements", columns, merged);
  });
  return taken.length;
};

const toEnd = (row: Row): { to: number } => ({ to: Number(row.to_at) });

const mergeSteps = (rows: readonly Row[], stepMs: number): StoredWindow[] => {
  const steps = new Map<number, Row[]>();
  for (const row of rows) {
    const step = stepOf(toEnd(row).to, stepMs);
    const group = steps.get(step);
    if (group) group.push(row);
    else steps.set(step, [row]);
  }
  return [...steps.values()].flatMap((group) => mergeWindows(toWindows(group)) ?? []);
};

const dropRows = async (db: Db, tier: number, until: number, limit: number): Promise<number> => {
  const rows = await readPages(db, {
    sql: "SELECT job_id, to_at, revision, part FROM measurements WHERE tier = :tier AND to_at <= :until",
    params: { tier, until },
    order: "to_at, job_id, revision, part",
    behind: "(to_at, job_id, revision, part) > (:lastTo, :lastJob, :lastRevision, :lastPart)",
    after: (last) => ({
      lastTo: last.to_at ?? 0,
      lastJob: last.job_id ?? "",
      lastRevision: last.revision ?? 0,
      lastPart: last.part ?? 0,
    }),
    limit,
  });
  if (rows.length === 0) return 0;
  await db.batch(
    "DELETE FROM measurements WHERE job_id = :jobId AND to_at = :end AND revision = :revision AND part = :part",
    rows.map((row) => ({
      jobId: row.job_id ?? "",
      end: row.to_at ?? 0,
      revision: row.revision ?? 0,
      part: row.part ?? 0,
    })),
  );
  return rows.length;
};
