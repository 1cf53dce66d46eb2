// Signing somebody in: a new session under a new token at every sign-in, and the cookies that go with it.
import { newSecret, secretHash } from "../../storage/sessions-secret.ts";
import type { User } from "../../storage/users.ts";
import type { ApiPorts } from "../ports.ts";
import type { RequestFacts } from "../route.ts";
import { deviceCookie, readDeviceCookie, readSessionCookie, sessionCookie } from "../session-cookie.ts";

export type StartedSession = { id: string; cookies: string[] };

/**
 * Undefined when the account was disabled or its password changed since `passwordHash` was read. The session that this browser had
 * before ends with it.
 */
export const startSession = async (
  user: Pick<User, "id">,
  passwordHash: string,
  { cookies, at, address, agent }: RequestFacts,
  { storage, newId, config }: Pick<ApiPorts, "storage" | "newId" | "config">,
): Promise<StartedSession | undefined> => {
  const token = newSecret();
  const facts = { id: newId(), tokenHash: secretHash(token), userId: user.id, passwordHash, at, address, agent };
  const session = await storage.sessions.create(facts);
  if (!session) return undefined;
  const before = readSessionCookie(cookies);
  if (before !== undefined) await storage.sessions.signOut(secretHash(before));
  const known = readDeviceCookie(cookies, config.LOGWATCH_SECRETS_KEY, at);
  const device = { id: known?.userId === user.id ? known.id : newId(), userId: user.id, at };
  return { id: session.id, cookies: [sessionCookie(token), deviceCookie(device, config.LOGWATCH_SECRETS_KEY)] };
};
