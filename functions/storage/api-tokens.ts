// Tokens for scripts: named, for reading or for writing too, shown once. They act as their user, whose role and state count each time.
import type { User } from "./users.ts";

export type ApiToken = {
  id: string;
  userId: string;
  name: string;
  /** `write` includes reading. */
  scope: "read" | "write";
  /** The start of its text, to recognise it by. */
  prefix: string;
  createdAt: number;
  /** Exact to a minute. */
  usedAt: number | null;
  expiresAt: number | null;
};
export type NewApiToken = Omit<ApiToken, "usedAt"> & { tokenHash: string };

export type ApiTokenStore = {
  /** False when the user has as many as one may have, or is gone. */
  create: (token: NewApiToken) => Promise<boolean>;
  /** Whose token this is, and notes that it is used. Undefined when it was revoked, expired, or its user is disabled. */
  find: (tokenHash: string, now: number) => Promise<{ token: ApiToken; user: User } | undefined>;
  get: (userId: string, id: string) => Promise<ApiToken | undefined>;
  /** Newest first, expired ones too. */
  list: (userId: string) => Promise<ApiToken[]>;
  /** False when there is none. Tokens are not cached: it is gone for everybody at once. */
  revoke: (userId: string, id: string) => Promise<boolean>;
  /** Drops up to `limit` that expired before `before`; how many. */
  forget: (before: number, limit: number) => Promise<number>;
};

export const maxTokensPerUser = 100;
