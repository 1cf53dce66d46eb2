// Who is signed in where. The token is a random text that only the cookie holds; the store knows its hash.
import type { User } from "./users.ts";

export type Session = {
  /** ULID, shown in lists; it signs nobody in. */
  id: string;
  userId: string;
  createdAt: number;
  /** Exact to a minute. */
  seenAt: number;
  /** Moves on while it is used; `expiresAt` does not. */
  idleUntil: number;
  expiresAt: number;
  address: string;
  agent: string;
};
export type SignedIn = { session: Session; user: User };
export type NewSession = {
  id: string;
  tokenHash: string;
  userId: string;
  /** What the given password was compared with: a password changed meanwhile gives no session. */
  passwordHash: string;
  at: number;
  address: string;
  agent: string;
};

export type SessionStore = {
  /** Undefined when the user is disabled or gone, or the password is another by now. The least used beyond 50 end. */
  create: (session: NewSession) => Promise<Session | undefined>;
  /** Whose session this is, and notes that it is used. Undefined when it never was, ended, expired, or its user is disabled. */
  find: (tokenHash: string, now: number) => Promise<SignedIn | undefined>;
  /** Those that still live, newest first. */
  list: (userId: string, now: number) => Promise<Session[]>;
  /** Ends the session of this token, if it lives. When it answers, no process takes it any more. */
  signOut: (tokenHash: string) => Promise<void>;
  /** False when there is none. When it answers, no process takes that session any more. */
  revoke: (userId: string, id: string) => Promise<boolean>;
  /** Likewise for all of the user but `exceptId`; how many. */
  revokeAll: (userId: string, exceptId?: string) => Promise<number>;
  /** Drops up to `limit` that ended before `before`; how many. */
  forget: (before: number, limit: number) => Promise<number>;
};

/** Unused for so long, a session ends. */
export const idleMs = 12 * 3_600_000;
/** However much it is used. */
export const absoluteMs = 7 * 86_400_000;
/** How often its use is written. */
export const touchEveryMs = 60_000;
export const maxSessionsPerUser = 50;
