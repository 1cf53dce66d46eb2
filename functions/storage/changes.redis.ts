// Marks of what changed, in Redis: one sorted set a scope, a thing its member, the moment its score. Keys carry the scope in braces, so
// that each scope's commands meet on one node of a cluster; commands of many scopes travel together.
import { randomUUID } from "node:crypto";
import type { Cluster, Redis } from "ioredis";
import {
  answerOf,
  type Change,
  type ChangeKind,
  type ChangeStore,
  keptMs,
  mostMarks,
  overlapMs,
  readPosition,
  type ScopeMarks,
  scopeKey,
} from "./changes.ts";

export const redisChanges = (redis: Redis | Cluster): ChangeStore => ({
  mark: async (marks, now) => {
    const byKey = new Map<string, Map<string, number>>();
    for (const { scope, kind, id } of marks) {
      const key = keyOf(scopeKey(scope));
      const members = byKey.get(key) ?? new Map<string, number>();
      byKey.set(key, members.set(`${kind} ${id}`, now));
    }
    await Promise.all([...byKey].map(([key, members]) => markOne(redis, key, members)));
  },
  since: async (scopes, position, now) => {
    const era = await eraOf(redis);
    const before = position === undefined ? undefined : readPosition(position);
    const from = (before?.at ?? now) - overlapMs;
    const held = await Promise.all(scopes.map((scope) => readOne(redis, keyOf(scopeKey(scope)), from)));
    return answerOf(scopes, era, before, held, now);
  },
});

const keyOf = (scope: string): string => `{changes:${scope}}`;

/** Members that outlive a position by the overlap: what is older is missed by nobody. */
const setLivesMs = keptMs + 60_000;

const markOne = async (redis: Redis | Cluster, key: string, members: ReadonlyMap<string, number>): Promise<void> => {
  const pairs = [...members].flatMap(([member, at]) => [at, member]);
  const replies = await redis
    .multi()
    .zadd(key, ...pairs)
    .zremrangebyrank(key, 0, -mostMarks - 1)
    .pexpire(key, setLivesMs)
    .exec();
  const failed = replies?.find(([error]) => error)?.[0];
  if (failed || !replies) throw failed ?? new Error("The marks were not stored.");
};

const readOne = async (redis: Redis | Cluster, key: string, from: number): Promise<ScopeMarks> => {
  const flat = await redis.zrangebyscore(key, `(${from}`, "+inf", "WITHSCORES");
  const changes: Change[] = [];
  for (let index = 0; index < flat.length; index += 2) {
    const [kind = "", ...id] = (flat[index] ?? "").split(" ");
    if (isKind(kind)) changes.push({ kind, id: id.join(" "), at: Number(flat[index + 1]) });
  }
  // All that may be held is newer than the position: what else was, went.
  return { changes, isCut: changes.length >= mostMarks };
};

const kinds: Record<ChangeKind, true> = {
  snapshot: true,
  alert: true,
  run: true,
  job: true,
  service: true,
  source: true,
  destination: true,
  silence: true,
};
const isKind = (text: string): text is ChangeKind => Object.hasOwn(kinds, text);

/** A life of Redis has a name, which goes with everything else: whoever asks with another one missed something. */
const eraOf = async (redis: Redis | Cluster): Promise<string> => {
  const known = await redis.get("changes:era");
  if (known !== null) return known;
  // Of two that name it at once the second is told the first one's name.
  await redis.set("changes:era", randomUUID(), "NX");
  return (await redis.get("changes:era")) ?? "";
};
