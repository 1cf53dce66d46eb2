// For tests: accounts and what they own, by short names.
import type { ApiStorage } from "./api-storage.ts";
import type { NewSession } from "./sessions.ts";
import type { NewUser } from "./users.ts";

export const newUser = (name: string, more: Partial<NewUser> = {}): NewUser => ({
  id: `id-${name}`,
  email: `${name}@example.com`,
  name: `User ${name}`,
  passwordHash: `hash of ${name}`,
  at: 1_000,
  ...more,
});

/** A session of `newUser(name)`. */
export const newSession = (name: string, session: string, more: Partial<NewSession> = {}): NewSession => ({
  id: `session-${session}`,
  tokenHash: `token-${session}`,
  userId: `id-${name}`,
  passwordHash: `hash of ${name}`,
  at: 1_000,
  address: "192.0.2.1",
  agent: "test",
  ...more,
});

/** A version is 1 unless a test changed it. */
export const makeUsers = async (storage: Pick<ApiStorage, "users">, ...names: string[]): Promise<void> => {
  for (const name of names) await storage.users.create(newUser(name));
};
