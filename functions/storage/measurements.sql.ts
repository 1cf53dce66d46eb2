// History in SQL. One row holds all values of one window: a result is one row to write, whatever the number of its label sets.
import type { AnalysisResult } from "@logwatch/events";
import type { Db, Row } from "./db.ts";
import { columns, toRows, toWindows } from "./measurement-rows.ts";
import type { MeasurementStore } from "./measurements.ts";
import { readPages } from "./read-pages.ts";
import { replaceRows } from "./replace-rows.ts";
import { mergeWindows, newestRevisions, stepOf, tierEnd, tiers } from "./thin-windows.ts";

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
  thin: async (now, limit) => {
    let rows = 0;
    for (const tier of tiers) {
      if (rows >= limit) break;
      const until = tierEnd(now, tier);
      rows +=
        tier.stepMs === null
          ? await dropRows(db, tier.tier, until, limit - rows)
          : await mergeTier(db, tier.tier, tier.stepMs, until, limit - rows);
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

const mergeTier = async (db: Db, tier: number, stepMs: number, until: number, limit: number): Promise<number> => {
  const { rows: jobs } = await db.execute(
    `SELECT job_id, MIN(to_at) AS oldest FROM
        (SELECT job_id, to_at FROM measurements WHERE tier = :tier AND to_at <= :until ORDER BY to_at LIMIT :limit) d
      GROUP BY job_id LIMIT :maxJobs`,
    { tier, until, limit, maxJobs },
  );
  let merged = 0;
  for (const { job_id: jobId, oldest } of jobs) {
    if (merged >= limit) break;
    merged += await mergeJob(db, String(jobId), { tier, stepMs, from: Number(oldest) - 1, until }, limit - merged);
  }
  return merged;
};

type Tier = { tier: number; stepMs: number; from: number; until: number };

/** Merges the oldest whole steps of one job. How many rows it took in. */
const mergeJob = async (db: Db, jobId: string, { tier, stepMs, from, until }: Tier, limit: number): Promise<number> => {
  const read = await readWindows(db, jobId, from, until, `AND tier = ${tier}`, limit);
  const steps = new Map<number, Row[]>();
  for (const row of read) {
    const step = stepOf(Number(row.to_at), stepMs);
    const rows = steps.get(step);
    if (rows) rows.push(row);
    else steps.set(step, [row]);
  }
  // The read may have been cut in the middle of the last step; it is left for the next call, unless it is all there is.
  if (read.length >= limit && steps.size > 1) steps.delete(Math.max(...steps.keys()));
  const taken = [...steps.values()].flat();
  const last = taken.at(-1);
  if (!last) return 0;
  const merged = [...steps.values()].flatMap((rows) => {
    const window = mergeWindows(toWindows(rows));
    return window ? toRows(jobId, tier + 1, window) : [];
  });
  await db.transaction(async (sql) => {
    await sql.execute(
      "DELETE FROM measurements WHERE job_id = :jobId AND to_at > :start AND to_at <= :until AND tier = :tier",
      { jobId, start: from, until: Number(last.to_at), tier },
    );
    await replaceRows(sql, "measurements", columns, merged);
  });
  return taken.length;
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
