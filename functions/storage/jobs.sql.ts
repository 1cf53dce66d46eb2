// Jobs in SQL. A claim moves the cursor and notes its span in `claims` in one transaction; confirming deletes the note.
// So a dead tick's spans are exactly the notes that stay, whatever later ticks claimed since.
import * as z from "zod";
import type { Db, Row, Sql } from "./db.ts";
import { inList, maxListed, slices } from "./in-list.ts";
import type { Claim, Job, JobStore } from "./jobs.ts";
import { plainObject, sharedJsonColumn } from "./json-column.ts";
import { readByIds, readPages } from "./read-pages.ts";

const columns = `j.id, j.name, j.analysis, j.params, s.source_id, j.service_id, s.name AS service_name, s.filter_text,
  j.every_ms, j.window_ms, j.delay_ms, j.start_at, j.next_due`;
/** As far as every earlier slot is known to be published. */
const sentTo = "COALESCE((SELECT MIN(c.from_at) FROM claims c WHERE c.job_id = j.id), j.cursor_at)";
const fromJobs = `SELECT ${columns}, j.cursor_at, ${sentTo} AS sent_to
  FROM jobs j JOIN services s ON s.id = j.service_id`;

export const sqlJobs = (db: Db): JobStore => ({
  due: async (dueBy, limit, lateBy = Number.MIN_SAFE_INTEGER) => {
    const rows = await readPages(db, {
      sql: `${fromJobs} WHERE j.enabled = 1 AND j.next_due <= :dueBy
        AND (j.next_due > :lateBy OR NOT EXISTS (SELECT 1 FROM claims h WHERE h.job_id = j.id))`,
      params: { dueBy, lateBy },
      order: "j.next_due, j.id",
      behind: "(j.next_due, j.id) > (:lastDue, :lastId)",
      after: (last) => ({ lastDue: last.next_due ?? 0, lastId: last.id ?? "" }),
      limit,
    });
    return rows.map(toJob);
  },
  claim: (claims, claimId, now) => claimJobs(db, claims, claimId, now),
  renew: async (claimIds, now) => {
    for (const part of slices(claimIds, maxListed)) {
      const { names, params } = inList("c", part);
      await db.execute(`UPDATE claims SET claimed_at = :now WHERE claim_id IN (${names})`, { ...params, now });
    }
  },
  confirm: async (claimId) => {
    await db.execute("DELETE FROM claims WHERE claim_id = :claimId", { claimId });
  },
  abandoned: async (claimedBefore, limit, notUnder = []) => {
    const { names, params } = inList("c", notUnder);
    const isAbandoned = (claim: string) =>
      `${claim}.claimed_at < :claimedBefore${notUnder.length > 0 ? ` AND ${claim}.claim_id NOT IN (${names})` : ""}`;
    const rows = await readPages(db, {
      sql: `SELECT ${columns}, k.to_at AS cursor_at, k.from_at AS sent_to, k.claimed_at,
          CASE WHEN j.cursor_at > k.to_at THEN 1 ELSE 0 END AS overtaken
        FROM claims k JOIN jobs j ON j.id = k.job_id JOIN services s ON s.id = j.service_id
        WHERE j.enabled = 1 AND ${isAbandoned("k")}
          AND k.from_at = (SELECT MIN(o.from_at) FROM claims o WHERE o.job_id = k.job_id AND ${isAbandoned("o")})`,
      params: { ...params, claimedBefore },
      order: "k.claimed_at, k.job_id",
      behind: "(k.claimed_at, k.job_id) > (:lastClaimed, :lastId)",
      after: (last) => ({ lastClaimed: last.claimed_at ?? 0, lastId: last.id ?? "" }),
      limit,
    });
    return rows.map((row) => ({ ...toJob(row), isOvertaken: row.overtaken === 1 }));
  },
  reclaim: async (jobs, claimedBefore, claimId, now) => {
    if (jobs.length === 0) return new Set();
    await db.batch(
      `UPDATE claims SET claim_id = :claimId, claimed_at = :now
        WHERE job_id = :jobId AND from_at = :sentTo AND to_at = :cursor AND claimed_at < :claimedBefore`,
      jobs.map((job) => ({ claimId, now, claimedBefore, jobId: job.id, sentTo: job.sentTo, cursor: job.cursor })),
    );
    return idsOf(await db.execute("SELECT job_id AS id FROM claims WHERE claim_id = :claimId", { claimId }));
  },
  find: async (ids) => {
    const rows = await readByIds(db, `${fromJobs} WHERE j.enabled = 1 AND`, [...new Set(ids)], "j.id");
    return rows.map(toJob);
  },
});

const claimJobs = async (db: Db, claims: readonly Claim[], claimId: string, now: number): Promise<Set<string>> => {
  const moves = claims.filter((claim) => claim.to > claim.from);
  if (moves.length === 0) return new Set();
  return db.transaction(async (sql) => {
    await moveCursors(sql, moves, claimId);
    await sql.execute(
      `REPLACE INTO claims (job_id, from_at, to_at, claim_id, claimed_at)
        SELECT id, claim_from, cursor_at, claim_id, :now FROM jobs WHERE claim_id = :claimId`,
      { claimId, now },
    );
    return idsOf(await sql.execute("SELECT job_id AS id FROM claims WHERE claim_id = :claimId", { claimId }));
  });
};

/** Jobs that move alike are worth a call of their own from this many on; the others share one. */
const leastAlike = 20;

const moveCursors = async (sql: Sql, moves: readonly Claim[], claimId: string): Promise<void> => {
  const update = `UPDATE jobs SET claim_id = :claimId, claim_from = :moveFrom, cursor_at = :moveTo,
    next_due = :moveTo + every_ms + delay_ms WHERE cursor_at = :moveFrom AND enabled = 1 AND`;
  const alike = new Map<string, Claim[]>();
  for (const move of moves) {
    const group = alike.get(`${move.from} ${move.to}`);
    if (group) group.push(move);
    else alike.set(`${move.from} ${move.to}`, [move]);
  }
  const single: Claim[] = [];
  for (const group of alike.values()) {
    const [first] = group;
    if (!first || group.length < leastAlike) {
      single.push(...group);
      continue;
    }
    for (const part of slices(group, maxListed)) {
      const { names, params } = inList(
        "i",
        part.map(({ jobId }) => jobId),
      );
      await sql.execute(`${update} id IN (${names})`, { ...params, claimId, moveFrom: first.from, moveTo: first.to });
    }
  }
  const sets = single.map(({ jobId, from, to }) => ({ claimId, jobId, moveFrom: from, moveTo: to }));
  if (sets.length > 0) await sql.batch(`${update} id = :jobId`, sets);
};

const idsOf = ({ rows }: { rows: Row[] }): Set<string> => new Set(rows.map((row) => String(row.id)));

const jobRow = z.object({
  id: z.string(),
  name: z.string(),
  analysis: z.string(),
  params: z.string(),
  source_id: z.string(),
  service_id: z.string(),
  service_name: z.string(),
  filter_text: z.string(),
  every_ms: z.number(),
  window_ms: z.number(),
  delay_ms: z.number(),
  start_at: z.number(),
  cursor_at: z.number(),
  sent_to: z.number(),
});
const paramsOf = sharedJsonColumn(plainObject);

const toJob = (raw: Row): Job => {
  const row = jobRow.parse(raw);
  return {
    id: row.id,
    name: row.name,
    analysis: row.analysis,
    params: paramsOf(row.params),
    sourceId: row.source_id,
    serviceId: row.service_id,
    serviceName: row.service_name,
    filter: row.filter_text,
    everyMs: row.every_ms,
    windowMs: row.window_ms,
    delayMs: row.delay_ms,
    startAt: row.start_at,
    cursor: row.cursor_at,
    sentTo: row.sent_to,
  };
};
