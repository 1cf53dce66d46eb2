// Sessions in SQL, behind a cache. One statement tells whose a token is, with the user's state and role of this moment.
import * as z from "zod";
import type { Db, Row, Sql } from "./db.ts";
import { inList, maxListed, slices } from "./in-list.ts";
import {
  absoluteMs,
  idleMs,
  maxSessionsPerUser,
  type NewSession,
  type Session,
  type SessionStore,
  type SignedIn,
  touchEveryMs,
} from "./sessions.ts";
import type { SessionCache } from "./sessions-cache.ts";
import { toUser, userColumns } from "./users-row.ts";

const columns = "id, user_id, created_at, seen_at, idle_until, expires_at, address, agent"
  .split(", ")
  .map((name) => `s.${name} AS s_${name}`)
  .join(", ");
const lives = "s.idle_until > :now AND s.expires_at > :now";

export const sqlSessions = (db: Db, cache: SessionCache): SessionStore => ({
  create: (session) => create(db, cache, session),
  find: async (tokenHash, now) => {
    const copy = await cache.get(tokenHash, now);
    const found = copy ?? (await findNow(db, tokenHash, now));
    if (!found || found.session.idleUntil <= now || found.session.expiresAt <= now) return undefined;
    // A copy lives for seconds: whoever uses the session comes by here soon enough.
    if (copy) return copy;
    const session = await touch(db, tokenHash, found.session, now);
    await cache.keep(tokenHash, { ...found, session }, now);
    return { user: found.user, session };
  },
  list: async (userId, now) => {
    const { rows } = await db.execute(
      `SELECT ${columns} FROM sessions s WHERE s.user_id = :userId AND ${lives} ORDER BY s.id DESC LIMIT :limit`,
      { userId, now, limit: 2 * maxSessionsPerUser },
    );
    return rows.map(toSession);
  },
  signOut: async (tokenHash) => {
    await db.execute("DELETE FROM sessions WHERE token_hash = :tokenHash", { tokenHash });
    await cache.setAside([tokenHash]);
  },
  revoke: async (userId, id) => (await revokeWhere(db, cache, "id = :id", { userId, id })) > 0,
  revokeAll: (userId, exceptId = "") => revokeWhere(db, cache, "id <> :id", { userId, id: exceptId }),
  forget: async (before, limit) => {
    const { changed } = await db.execute(
      `DELETE FROM sessions WHERE token_hash IN (SELECT token_hash FROM
        (SELECT token_hash FROM sessions WHERE idle_until < :before ORDER BY idle_until LIMIT :limit) d)`,
      { before, limit },
    );
    return changed;
  },
});

const create = async (db: Db, cache: SessionCache, asked: NewSession): Promise<Session | undefined> => {
  const { at, passwordHash, tokenHash, ...rest } = asked;
  const session = { ...rest, createdAt: at, seenAt: at, idleUntil: at + idleMs, expiresAt: at + absoluteMs };
  // The user's row is read under the insert's own locks: a change of password either sees this session or forbids it.
  const { changed } = await db.execute(
    `INSERT INTO sessions (token_hash, id, user_id, created_at, seen_at, idle_until, expires_at, address, agent)
      SELECT :tokenHash, :id, u.id, :createdAt, :createdAt, :idleUntil, :expiresAt, :address, :agent FROM users u
      WHERE u.id = :userId AND u.state = 'active' AND u.password_hash = :passwordHash
        AND NOT EXISTS (SELECT 1 FROM sessions t WHERE t.token_hash = :tokenHash)`,
    {
      tokenHash,
      passwordHash,
      id: session.id,
      userId: session.userId,
      createdAt: at,
      idleUntil: session.idleUntil,
      expiresAt: session.expiresAt,
      address: session.address,
      agent: session.agent,
    },
  );
  // None inserted may be the second try of one whose answer was lost.
  if (changed === 0 && !(await findNow(db, tokenHash, at))) return undefined;
  await endLeastUsed(db, cache, session.userId);
  return session;
};

const endLeastUsed = async (db: Db, cache: SessionCache, userId: string): Promise<void> => {
  const { rows } = await db.execute(
    "SELECT id FROM sessions WHERE user_id = :userId ORDER BY seen_at DESC, id DESC LIMIT :limit OFFSET :kept",
    { userId, limit: maxSessionsPerUser, kept: maxSessionsPerUser },
  );
  for (const { id } of rows) await revokeWhere(db, cache, "id = :id", { userId, id: String(id) });
};

const findNow = async (sql: Sql, tokenHash: string, now: number): Promise<SignedIn | undefined> => {
  const { rows } = await sql.execute(
    `SELECT ${columns}, ${userColumns} FROM sessions s JOIN users u ON u.id = s.user_id
      WHERE s.token_hash = :tokenHash AND ${lives} AND u.state = 'active'`,
    { tokenHash, now },
  );
  return rows[0] && { session: toSession(rows[0]), user: toUser(rows[0]) };
};

/** Written once a minute, by one of those who use it at once; a session that ended meanwhile is not brought back. */
const touch = async (sql: Sql, tokenHash: string, session: Session, now: number): Promise<Session> => {
  if (now - session.seenAt < touchEveryMs) return session;
  const idleUntil = Math.min(now + idleMs, session.expiresAt);
  await sql.execute(
    `UPDATE sessions SET seen_at = :now, idle_until = :idleUntil
      WHERE token_hash = :tokenHash AND seen_at <= :earlier AND idle_until > :now`,
    { tokenHash, now, idleUntil, earlier: now - touchEveryMs },
  );
  return { ...session, seenAt: now, idleUntil };
};

/** Only what was listed goes, so that everything that goes is set aside. */
const revokeWhere = async (
  db: Db,
  cache: SessionCache,
  condition: "id = :id" | "id <> :id",
  params: { userId: string; id: string },
): Promise<number> => {
  const hashes = await db.transaction(async (sql) => {
    const where = `WHERE user_id = :userId AND ${condition}`;
    const { rows } = await sql.execute(`SELECT token_hash FROM sessions ${where}`, params);
    const listed = rows.map((row) => String(row.token_hash));
    for (const part of slices(listed, maxListed)) {
      const { names, params: hashes } = inList("h", part);
      await sql.execute(`DELETE FROM sessions WHERE token_hash IN (${names})`, hashes);
    }
    return listed;
  });
  await cache.setAside(hashes);
  return hashes.length;
};

const sessionRow = z.object({
  s_id: z.string(),
  s_user_id: z.string(),
  s_created_at: z.number(),
  s_seen_at: z.number(),
  s_idle_until: z.number(),
  s_expires_at: z.number(),
  s_address: z.string(),
  s_agent: z.string(),
});

const toSession = (raw: Row): Session => {
  const row = sessionRow.parse(raw);
  return {
    id: row.s_id,
    userId: row.s_user_id,
    createdAt: row.s_created_at,
    seenAt: row.s_seen_at,
    idleUntil: row.s_idle_until,
    expiresAt: row.s_expires_at,
    address: row.s_address,
    agent: row.s_agent,
  };
};
