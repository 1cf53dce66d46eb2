// Sessions in Redis, in front of the database, for a few seconds each. A session that ended is never taken from here; why, stands at
// `redisSessionCache`.
import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster, Redis } from "ioredis";
import * as z from "zod";
import type { SignedIn } from "./sessions.ts";

export type SessionCache = {
  /** Undefined when the database must be asked. */
  get: (tokenHash: string, now: number) => Promise<SignedIn | undefined>;
  /** `readAt`: taken before the database was asked. */
  keep: (tokenHash: string, signedIn: SignedIn, readAt: number) => Promise<void>;
  /** Answers when no process takes a copy any more that was read before this call. */
  setAside: (tokenHashes: readonly string[]) => Promise<void>;
};

/** Short enough to wait for within a Lambda's 29 s. */
export const copyMs = 10_000;
/** Longer than a copy is taken, by more than clocks differ. */
const markerMs = 60_000;
const marker = "ask";
/** Clocks of two processes differ by less; a copy from further ahead is not believed. */
const clockSkewMs = 1_000;
/** After a failure the cache is left alone so long, so that a Redis that hangs does not slow every request down. */
const restMs = 2_000;

/**
 * Why a session that ended is never taken from here:
 * 1. Whoever ends one first commits to the database, then puts a marker in the place of the cached copy, and only then answers.
 * 2. A reader stores a copy only where nothing is (NX). One that read the database before the end therefore either stored its copy
 *    before the marker, which replaces it, or finds the marker, which outlives every copy. A marker says "ask the database", no more.
 * 3. A copy is taken for `copyMs` from the moment BEFORE its read of the database, so one stored late (a frozen process) is not taken.
 * 4. When the marker cannot be placed, ending a session waits for `copyMs`: then every copy is too old. It fails closed, by being slow.
 * What remains: a Redis that loses an acknowledged marker by a failover may bring a copy back for the rest of its `copyMs`.
 */
export const redisSessionCache = (
  redis: Redis | Cluster,
  pause: (ms: number) => Promise<unknown> = sleep,
): SessionCache => {
  let restsUntil = 0;
  /** Not having a copy costs one read of the database; so a failure here is no failure of the request. */
  const orRest = <Value>(command: () => Promise<Value>): Promise<Value | undefined> => {
    if (performance.now() < restsUntil) return Promise.resolve(undefined);
    return command().catch(() => {
      restsUntil = performance.now() + restMs;
      return undefined;
    });
  };
  return {
    get: async (tokenHash, now) => {
      const copy = parse(await orRest(() => redis.get(keyOf(tokenHash))));
      if (!copy || now - copy.readAt >= copyMs || copy.readAt - now > clockSkewMs) return undefined;
      return { session: copy.session, user: copy.user };
    },
    keep: async (tokenHash, signedIn, readAt) => {
      const text = JSON.stringify({ ...signedIn, readAt });
      await orRest(() => redis.set(keyOf(tokenHash), text, "PX", copyMs, "NX"));
    },
    setAside: async (tokenHashes) => {
      const marks = tokenHashes.map((hash) => redis.set(keyOf(hash), marker, "PX", markerMs));
      const placed = await Promise.allSettled(marks);
      if (placed.some(({ status }) => status === "rejected")) await pause(copyMs + clockSkewMs);
    },
  };
};

const keyOf = (tokenHash: string): string => `session:${tokenHash}`;

const copySchema = z.object({
  readAt: z.number(),
  session: z.object({
    id: z.string(),
    userId: z.string(),
    createdAt: z.number(),
    seenAt: z.number(),
    idleUntil: z.number(),
    expiresAt: z.number(),
    address: z.string(),
    agent: z.string(),
  }),
  user: z.object({
    id: z.string(),
    email: z.string(),
    name: z.string(),
    role: z.enum(["user", "admin"]),
    state: z.enum(["active", "disabled"]),
    createdAt: z.number(),
    updatedAt: z.number(),
    version: z.number(),
  }),
});

/** A marker, a copy of another version, nothing: the database is asked. */
const parse = (text: string | null | undefined): z.output<typeof copySchema> | undefined =>
  text?.startsWith("{") ? copySchema.safeParse(JSON.parse(text)).data : undefined;
