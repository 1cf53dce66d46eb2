// Snapshots in Redis: one hash a job, its window end and revision beside the result, so that comparing does not read the result.
// Keys carry the job in braces, so each job's commands meet on one node of a cluster; commands of many jobs travel together.
import { type AnalysisResult, analysisResult } from "@logwatch/events";
import type { Cluster, Redis } from "ioredis";
import * as z from "zod";
import { isNewer, newestOfEach } from "./newest-result.ts";
import type { SnapshotStore } from "./snapshots.ts";

export const redisSnapshots = (redis: Redis | Cluster): SnapshotStore => ({
  // Results are keyed by job, so a job has one writer at a time: reading before writing is safe enough for what can be recomputed.
  put: async (results, ttlMs) => {
    await Promise.all(newestOfEach(results).map((result) => putOne(redis, result, ttlMs)));
  },
  get: async (jobId) => {
    const body = await redis.hget(keyOf(jobId), "body");
    return body === null ? undefined : parse(body);
  },
});

const keyOf = (jobId: string): string => `{job:${jobId}}:snapshot`;

const putOne = async (redis: Redis | Cluster, result: AnalysisResult, ttlMs: number): Promise<void> => {
  const key = keyOf(result.jobId);
  const [to, revision] = await redis.hmget(key, "to", "revision");
  const known = to && revision ? { window: { to: Number(to) }, revision: Number(revision) } : undefined;
  if (known && isNewer(known, result)) return;
  const body = JSON.stringify(z.encode(analysisResult, result));
  const replies = await redis
    .multi()
    .hset(key, { to: result.window.to, revision: result.revision, body })
    .pexpire(key, ttlMs)
    .exec();
  const failed = replies?.find(([error]) => error)?.[0];
  if (failed || !replies) throw failed ?? new Error(`The snapshot of ${result.jobId} was not stored.`);
};

/** A snapshot that cannot be read, as of another version of the schema, is as good as none: the next result replaces it. */
const parse = (body: string): AnalysisResult | undefined => {
  const parsed = z.safeDecode(text, body);
  return parsed.success ? parsed.data : undefined;
};

const text = z
  .string()
  .transform((body, ctx): unknown => {
    try {
      return JSON.parse(body);
    } catch {
      ctx.addIssue("It is not JSON.");
      return z.NEVER;
    }
  })
  .pipe(analysisResult);
