// API tokens in SQL. One statement tells whose a token is, with the user's state and role of this moment.
import * as z from "zod";
import { type ApiToken, type ApiTokenStore, maxTokensPerUser } from "./api-tokens.ts";
import type { Db, Row, Sql } from "./db.ts";
import { touchEveryMs } from "./sessions.ts";
import { toUser, userColumns } from "./users-row.ts";

const columns = "id, user_id, name, scope, prefix, created_at, used_at, expires_at"
  .split(", ")
  .map((name) => `t.${name} AS t_${name}`)
  .join(", ");

export const sqlApiTokens = (db: Db): ApiTokenStore => ({
  create: async (token) => {
    const { changed } = await db.execute(
      `INSERT INTO api_tokens (token_hash, id, user_id, name, scope, prefix, created_at, expires_at)
        SELECT :tokenHash, :id, u.id, :name, :scope, :prefix, :createdAt, :expiresAt FROM users u
        WHERE u.id = :userId AND NOT EXISTS (SELECT 1 FROM api_tokens o WHERE o.token_hash = :tokenHash)
          AND (SELECT COUNT(*) FROM api_tokens c WHERE c.user_id = :userId) < :most`,
      { ...token, most: maxTokensPerUser },
    );
    // None inserted may be the second try of one whose answer was lost.
    return changed > 0 || (await read(db, token.userId, token.id)) !== undefined;
  },
  find: async (tokenHash, now) => {
    const { rows } = await db.execute(
      `SELECT ${columns}, ${userColumns} FROM api_tokens t JOIN users u ON u.id = t.user_id
        WHERE t.token_hash = :tokenHash AND (t.expires_at IS NULL OR t.expires_at > :now) AND u.state = 'active'`,
      { tokenHash, now },
    );
    const [row] = rows;
    if (!row) return undefined;
    const token = toToken(row);
    if (now - (token.usedAt ?? 0) >= touchEveryMs) await touch(db, tokenHash, now);
    return { token, user: toUser(row) };
  },
  list: async (userId) => {
    const { rows } = await db.execute(
      `SELECT ${columns} FROM api_tokens t WHERE t.user_id = :userId ORDER BY t.id DESC LIMIT :limit`,
      // Some more than allowed: two that create one at once may both be let through.
      { userId, limit: 2 * maxTokensPerUser },
    );
    return rows.map(toToken);
  },
  get: (userId, id) => read(db, userId, id),
  revoke: async (userId, id) => {
    const where = "WHERE user_id = :userId AND id = :id";
    return (await db.execute(`DELETE FROM api_tokens ${where}`, { userId, id })).changed > 0;
  },
  forget: async (before, limit) => {
    const { changed } = await db.execute(
      `DELETE FROM api_tokens WHERE token_hash IN (SELECT token_hash FROM
        (SELECT token_hash FROM api_tokens WHERE expires_at < :before ORDER BY expires_at LIMIT :limit) d)`,
      { before, limit },
    );
    return changed;
  },
});

const read = async (sql: Sql, userId: string, id: string): Promise<ApiToken | undefined> => {
  const where = "WHERE t.user_id = :userId AND t.id = :id";
  const { rows } = await sql.execute(`SELECT ${columns} FROM api_tokens t ${where}`, { userId, id });
  return rows[0] && toToken(rows[0]);
};

const touch = (sql: Sql, tokenHash: string, now: number) =>
  sql.execute(
    `UPDATE api_tokens SET used_at = :now WHERE token_hash = :tokenHash AND (used_at IS NULL OR used_at <= :earlier)`,
    { tokenHash, now, earlier: now - touchEveryMs },
  );

const tokenRow = z.object({
  t_id: z.string(),
  t_user_id: z.string(),
  t_name: z.string(),
  t_scope: z.enum(["read", "write"]),
  t_prefix: z.string(),
  t_created_at: z.number(),
  t_used_at: z.number().nullable(),
  t_expires_at: z.number().nullable(),
});

const toToken = (raw: Row): ApiToken => {
  const row = tokenRow.parse(raw);
  return {
    id: row.t_id,
    userId: row.t_user_id,
    name: row.t_name,
    scope: row.t_scope,
    prefix: row.t_prefix,
    createdAt: row.t_created_at,
    usedAt: row.t_used_at,
    expiresAt: row.t_expires_at,
  };
};
