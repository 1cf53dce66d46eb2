// What a request with an `Idempotency-Key` answered, so that sending it again does nothing again. Kept for 24 h.
import * as z from "zod";
import type { Db, Row } from "./db.ts";

export type IdempotencyClaim = {
  /** Digest of user, route and key. */
  id: string;
  userId: string;
  /** Digest of what was asked: the same key for something else is refused. */
  requestHash: string;
  /** Made anew for each attempt. */
  claimId: string;
  now: number;
};
/** `body` is sealed by the caller, which leaves it in plain ASCII. */
export type IdempotencyAnswer = { status: number; body: string };
export type IdempotencyState =
  /** Whoever hears this carries the request out and then says `finish` or `release`. */
  | { state: "claimed" }
  /** Somebody else is carrying it out. */
  | { state: "in-progress" }
  | { state: "done"; answer: IdempotencyAnswer }
  /** The key was used for another request. */
  | { state: "other-request" };

export type IdempotencyStore = {
  claim: (claim: IdempotencyClaim) => Promise<IdempotencyState>;
  finish: (claim: Pick<IdempotencyClaim, "id" | "claimId">, answer: IdempotencyAnswer) => Promise<void>;
  /** Nothing was done: the next may try. */
  release: (claim: Pick<IdempotencyClaim, "id" | "claimId">) => Promise<void>;
  /** Drops up to `limit` from before `before`; how many. */
  forget: (before: number, limit: number) => Promise<number>;
};

export const idempotencyKeptMs = 86_400_000;
/** After this long whoever claimed it is dead: no Lambda behind an API gateway runs longer than 30 s. */
export const claimHeldMs = 60_000;

export const sqlIdempotency = (db: Db): IdempotencyStore => ({
  claim: (claim) => claimOnce(db, claim),
  finish: async ({ id, claimId }, { status, body }) => {
    await db.execute(
      "UPDATE idempotency SET state = 'done', status = :status, body = :body WHERE id = :id AND claim_id = :claimId",
      { id, claimId, status, body },
    );
  },
  release: async ({ id, claimId }) => {
    const where = "WHERE id = :id AND claim_id = :claimId AND state = 'in-progress'";
    await db.execute(`DELETE FROM idempotency ${where}`, { id, claimId });
  },
  forget: async (before, limit) => {
    const { changed } = await db.execute(
      `DELETE FROM idempotency WHERE id IN (SELECT id FROM
        (SELECT id FROM idempotency WHERE created_at < :before ORDER BY created_at LIMIT :limit) d)`,
      { before, limit },
    );
    return changed;
  },
});

const claimOnce = async (db: Db, claim: IdempotencyClaim): Promise<IdempotencyState> => {
  const { id, userId, requestHash, claimId, now } = claim;
  const row = { id, requestHash, claimId, now };
  const inserted = await db.execute(insert, { ...row, userId }).then(({ changed }) => changed, noneWhenLost);
  if (inserted > 0) return { state: "claimed" };
  const { changed: taken } = await db.execute(
    `UPDATE idempotency SET claim_id = :claimId, request_hash = :requestHash, state = 'in-progress', status = NULL,
        body = NULL, created_at = :now
      WHERE id = :id AND (created_at <= :gone
        OR (state = 'in-progress' AND created_at <= :dead AND request_hash = :requestHash))`,
    { ...row, gone: now - idempotencyKeptMs, dead: now - claimHeldMs },
  );
  if (taken > 0) return { state: "claimed" };
  const select = "SELECT request_hash, claim_id, state, status FROM idempotency WHERE id = :id";
  const { rows } = await db.execute(select, { id });
  // Released between the statements: whoever sent this twice at once is told to wait.
  return rows[0] ? stateOf(rows[0], claim, () => readBody(db, id)) : { state: "in-progress" };
};

/** A row of a result holds 64 KiB, an answer more: it is read piece by piece. */
const pieceChars = 50_000;

const readBody = async (db: Db, id: string): Promise<string> => {
  let body = "";
  for (;;) {
    const select = "SELECT SUBSTR(body, :start, :size) AS piece FROM idempotency WHERE id = :id";
    const { rows } = await db.execute(select, { id, start: body.length + 1, size: pieceChars });
    const piece = String(rows[0]?.piece ?? "");
    body += piece;
    if (piece.length < pieceChars) return body;
  }
};

const insert = `INSERT INTO idempotency (id, user_id, request_hash, claim_id, state, created_at)
  SELECT :id, :userId, :requestHash, :claimId, 'in-progress', :now FROM (SELECT 1 AS one) d
  WHERE NOT EXISTS (SELECT 1 FROM idempotency i WHERE i.id = :id)`;

/** Two at once on an empty place: one loses the race for the key, or the deadlock of their locks. */
const noneWhenLost = (error: unknown): number => {
  if (error instanceof Error && /duplicate entry|deadlock found/i.test(error.message)) return 0;
  throw error;
};

const recordRow = z.object({
  request_hash: z.string(),
  claim_id: z.string(),
  state: z.enum(["in-progress", "done"]),
  status: z.number().nullable(),
});

const stateOf = async (
  raw: Row,
  { claimId, requestHash }: IdempotencyClaim,
  readBody: () => Promise<string>,
): Promise<IdempotencyState> => {
  const { request_hash, claim_id, state, status } = recordRow.parse(raw);
  // Written by ourselves, in a first try whose answer was lost.
  if (claim_id === claimId) return { state: "claimed" };
  if (request_hash !== requestHash) return { state: "other-request" };
  return state === "done" ? { state, answer: { status: status ?? 200, body: await readBody() } } : { state };
};
