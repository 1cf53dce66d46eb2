// History as few points, made by the database: a week of seconds is 600,000 rows, and none of them leaves it.
// A row's body is our own JSON, so the text before a label set's value is known, and the value is what follows it: text from there on
// counts as the number it begins with, in MySQL as in SQLite. Quotes inside names and labels are escaped: nothing hostile looks alike.
import * as z from "zod";
import type { Db, Row, SqlParams } from "./db.ts";
import { inList, slices } from "./in-list.ts";
import { columns, toWindows } from "./measurement-rows.ts";
import {
  type Bucket,
  bucketStart,
  type DownsampledSeries,
  pointOf,
  rankSeries,
  type SeriesKey,
  type SeriesQuery,
  stepFor,
  type Totals,
} from "./measurements-series.ts";
import { readPages } from "./read-pages.ts";
import { newestRevisions, type StoredWindow } from "./thin-windows.ts";

export const readSeries = async (db: Db, query: SeriesQuery): Promise<DownsampledSeries> => {
  const stepMs = stepFor(query.from, query.until, query.maxPoints);
  const buckets = await readBuckets(db, query, stepMs);
  const windows = buckets.reduce((sum, bucket) => sum + bucket.windows, 0);
  const maxSeries = Math.min(query.maxSeries, Math.max(1, Math.floor(mostValues / Math.max(1, windows))));
  const { chosen, left } = rankSeries(await readSample(db, query, buckets), { ...query, maxSeries });
  const totals = await readTotals(db, query, buckets, stepMs, chosen);
  const series = chosen.map((key, index) => ({
    ...key,
    points: buckets.flatMap((bucket) => pointOf(bucket, key, totals.get(`${index} ${bucket.at}`)) ?? []),
  }));
  return { stepMs, series, left };
};

/** Values looked for in one answer: a dozen seconds of MySQL, or ten series of a week of seconds. Longer periods show fewer series. */
const mostValues = 6_048_000;

/** Rows of the period, of each window only its newest revision. */
const newestRows = `FROM measurements m WHERE job_id = :jobId AND to_at > :start AND to_at <= :until AND NOT EXISTS
  (SELECT 1 AS one FROM measurements n WHERE n.job_id = m.job_id AND n.to_at = m.to_at AND n.revision > m.revision)`;

const bucketColumn = "to_at - 1 - ((to_at - 1) % :step) AS bucket";

type SizedBucket = Bucket & { largest: number; bytes: number };

/** Larger than every moment, so that a size and a moment fit one number of which the largest can be asked for. */
const moments = 2 ** 43;

/** A long period is cut into a few, at edges of buckets. What overlaps across a cut is seen by the other windows of its bucket. */
const readBuckets = async (db: Db, query: SeriesQuery, stepMs: number): Promise<SizedBucket[]> => {
  const cutMs = Math.ceil(Math.max(dayMs, (query.until - query.from) / maxCuts) / stepMs) * stepMs;
  const buckets: SizedBucket[] = [];
  for (let { from } = query; from < query.until; ) {
    const until = Math.min(query.until, bucketStart(from + 1, stepMs) + cutMs);
    buckets.push(...(await readSomeBuckets(db, { ...query, from, until }, stepMs)));
    from = until;
  }
  return buckets;
};

const dayMs = 86_400_000;
const maxCuts = 16;

const readSomeBuckets = async (db: Db, query: SeriesQuery, stepMs: number): Promise<SizedBucket[]> => {
  const { rows } = await db.execute(
    `SELECT bucket, COUNT(*) AS windows, MIN(from_at) AS least, MAX(to_at) AS most, MAX(overlap) AS overlap,
        MAX(size * ${moments} + to_at) % ${moments} AS largest, MAX(size) AS bytes FROM
      (SELECT ${bucketColumn}, from_at, to_at, OCTET_LENGTH(body) AS size,
        CASE WHEN tier = 0 THEN LAG(to_at) OVER (ORDER BY to_at) - from_at ELSE 0 END AS overlap
        ${newestRows} AND part = 0) d
      GROUP BY bucket ORDER BY bucket`,
    { ...periodOf(query), step: stepMs },
  );
  return rows.map((raw) => {
    const row = bucketRow.parse(raw);
    return {
      at: row.bucket,
      from: row.least,
      to: row.most,
      windows: row.windows,
      overlaps: row.overlap > 0,
      largest: row.largest,
      bytes: row.bytes,
    };
  });
};

const periodOf = ({ jobId, from, until }: SeriesQuery): SqlParams => ({ jobId, start: from, until });

/** MySQL gives sums and remainders of numbers as text. */
const numeric = z.union([z.number(), z.string(), z.null()]).transform((value) => Number(value ?? 0));
const bucketRow = z.object({
  bucket: numeric,
  windows: numeric,
  least: numeric,
  most: numeric,
  overlap: numeric,
  largest: numeric,
  bytes: numeric,
});

/** Up to so many windows all are looked at for label sets, beyond it the one of each bucket that says most. */
const maxSample = 500;
/** What a sample may weigh; buckets whose largest window is small are left out first. */
const maxSampleBytes = 4_000_000;

const readSample = async (db: Db, query: SeriesQuery, buckets: readonly SizedBucket[]): Promise<StoredWindow[]> => {
  const windows = buckets.reduce((sum, bucket) => sum + bucket.windows, 0);
  const bytes = buckets.reduce((sum, bucket) => sum + bucket.windows * bucket.bytes, 0);
  const select = `SELECT ${columns.join(", ")} ${newestRows}`;
  if (windows <= maxSample && bytes <= maxSampleBytes) return readWindows(db, select, periodOf(query));
  const found: StoredWindow[] = [];
  for (const ends of slices(largestOf(buckets), maxSample)) {
    const { names, params } = inList("e", ends);
    found.push(...(await readWindows(db, `${select} AND to_at IN (${names})`, { ...periodOf(query), ...params })));
  }
  return found;
};

const largestOf = (buckets: readonly SizedBucket[]): number[] => {
  let room = maxSampleBytes;
  const ends: number[] = [];
  for (const { largest, bytes } of [...buckets].sort((left, right) => right.bytes - left.bytes)) {
    if (ends.length > 0 && bytes > room) continue;
    ends.push(largest);
    room -= bytes;
  }
  return ends;
};

const readWindows = async (db: Db, sql: string, params: SqlParams): Promise<StoredWindow[]> => {
  const rows = await readPages(db, {
    sql,
    params,
    order: "to_at, revision, part",
    behind: "(to_at, revision, part) > (:lastTo, :lastRevision, :lastPart)",
    after: (last) => ({ lastTo: last.to_at ?? 0, lastRevision: last.revision ?? 0, lastPart: last.part ?? 0 }),
  });
  return newestRevisions(toWindows(rows));
};

/** Series in one statement: a response holds 1 MiB, and 500 buckets of eight are at most half of it. */
const seriesAtOnce = 8;
/** Windows in one statement: a third of a second's work, so that nobody else waits long, and a statement has 45 s on Aurora. */
const windowsAtOnce = 30_000;

/** By `series bucket`. */
const readTotals = async (
  db: Db,
  query: SeriesQuery,
  buckets: readonly SizedBucket[],
  stepMs: number,
  chosen: readonly SeriesKey[],
): Promise<Map<string, Totals>> => {
  const totals = new Map<string, Totals>();
  for (let first = 0; first < chosen.length; first += seriesAtOnce) {
    const some = chosen.slice(first, first + seriesAtOnce);
    for (const { from, until } of spansOf(buckets)) {
      for (const row of await readSpan(db, { ...query, from: Math.max(from, query.from), until }, stepMs, some)) {
        some.forEach((_, index) => {
          const { [`n${index}`]: windows, [`s${index}`]: sum, [`a${index}`]: min, [`z${index}`]: max } = row;
          const of = totalsRow.parse({ windows, sum, min, max });
          if (of.windows > 0) totals.set(`${first + index} ${row.bucket}`, of);
        });
      }
    }
  }
  return totals;
};

const totalsRow = z.object({ windows: numeric, sum: numeric, min: numeric, max: numeric });

/** Whole buckets together, up to so many windows. */
const spansOf = (buckets: readonly SizedBucket[]): { from: number; until: number }[] => {
  const spans: { from: number; until: number; windows: number }[] = [];
  for (const { at, to, windows } of buckets) {
    const last = spans.at(-1);
    if (last && last.windows + windows <= windowsAtOnce) {
      last.until = to;
      last.windows += windows;
    } else spans.push({ from: at, until: to, windows });
  }
  return spans;
};

const readSpan = async (db: Db, query: SeriesQuery, stepMs: number, keys: readonly SeriesKey[]): Promise<Row[]> => {
  const params: Record<string, string | number> = {};
  const values = keys.map((key, index) => {
    const text = `${JSON.stringify([key.name, key.labels]).slice(0, -1)},`;
    params[`p${index}`] = text;
    // Databases count characters, strings of this language half of some.
    params[`l${index}`] = [...text].length;
    const place = `INSTR(body, :p${index})`;
    return `CASE WHEN ${place} = 0 THEN NULL ELSE SUBSTR(body, ${place} + :l${index}, ${longestNumber}) + 0 END AS v${index}`;
  });
  const sums = keys.map(
    (_, n) => `COUNT(v${n}) AS n${n}, SUM(v${n}) AS s${n}, MIN(v${n}) AS a${n}, MAX(v${n}) AS z${n}`,
  );
  const { rows } = await db.execute(
    // The limit is never reached: it has each value read from its body once, and not once for every sum.
    `SELECT bucket, ${sums.join(", ")} FROM
      (SELECT ${bucketColumn}, ${values.join(", ")} ${newestRows} LIMIT :most) d
      GROUP BY bucket`,
    { ...periodOf(query), ...params, step: stepMs, most: Number.MAX_SAFE_INTEGER },
  );
  return rows;
};

/** Characters the longest number takes as JSON: `-1.2345678901234567e-300`. */
const longestNumber = 25;
