// Tokens that go out by mail and are used once: a forgotten password, an invitation, a destination to confirm.
import * as z from "zod";
import type { Db, Row } from "./db.ts";

export type MailPurpose = "reset" | "invite" | "confirm-destination";
/** `subject`: the user's id, the invited address, the destination's id. */
export type MailToken = {
  tokenHash: string;
  purpose: MailPurpose;
  subject: string;
  createdAt: number;
  expiresAt: number;
};

export type MailTokenStore = {
  /** Earlier ones of the same purpose and subject end with it. */
  issue: (token: MailToken) => Promise<void>;
  /** Its subject, without using it up; undefined when it is wrong, used or too old. */
  peek: (purpose: MailPurpose, tokenHash: string, now: number) => Promise<string | undefined>;
  /** Its subject, for exactly one of those who ask. */
  take: (purpose: MailPurpose, tokenHash: string, now: number) => Promise<string | undefined>;
  /** Ends all of that purpose and subject. */
  revoke: (purpose: MailPurpose, subject: string) => Promise<void>;
  /** Drops up to `limit` that expired before `before`; how many. */
  forget: (before: number, limit: number) => Promise<number>;
};

const usable = "token_hash = :tokenHash AND purpose = :purpose AND used_at IS NULL AND expires_at > :now";

export const sqlMailTokens = (db: Db): MailTokenStore => {
  const peek = async (purpose: MailPurpose, tokenHash: string, now: number): Promise<string | undefined> => {
    const { rows } = await db.execute(`SELECT subject FROM mail_tokens WHERE ${usable}`, { purpose, tokenHash, now });
    return rows[0] && toSubject(rows[0]);
  };
  const revokeText = "DELETE FROM mail_tokens WHERE purpose = :purpose AND subject = :subject";
  return {
    issue: ({ tokenHash, purpose, subject, createdAt, expiresAt }) =>
      db.transaction(async (sql) => {
        await sql.execute(revokeText, { purpose, subject });
        await sql.execute(
          `INSERT INTO mail_tokens (token_hash, purpose, subject, created_at, expires_at)
            VALUES (:tokenHash, :purpose, :subject, :createdAt, :expiresAt)`,
          { tokenHash, purpose, subject, createdAt, expiresAt },
        );
      }),
    peek,
    take: async (purpose, tokenHash, now) => {
      const subject = await peek(purpose, tokenHash, now);
      if (subject === undefined) return undefined;
      const used = `UPDATE mail_tokens SET used_at = :now WHERE ${usable}`;
      // One whose answer was lost is used up: rather asked for again than used twice.
      return (await db.execute(used, { purpose, tokenHash, now })).changed === 1 ? subject : undefined;
    },
    revoke: async (purpose, subject) => {
      await db.execute(revokeText, { purpose, subject });
    },
    forget: async (before, limit) => {
      const { changed } = await db.execute(
        `DELETE FROM mail_tokens WHERE token_hash IN (SELECT token_hash FROM
          (SELECT token_hash FROM mail_tokens WHERE expires_at < :before ORDER BY expires_at LIMIT :limit) d)`,
        { before, limit },
      );
      return changed;
    },
  };
};

const tokenRow = z.object({ subject: z.string() });
const toSubject = (row: Row): string => tokenRow.parse(row).subject;
