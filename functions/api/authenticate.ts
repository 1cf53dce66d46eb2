// Who calls: a session's cookie or an API token in `Authorization`. Only hashes are looked up; a token that is wrong is nobody.
import type { ApiStorage } from "../storage/api-storage.ts";
import { isApiToken, secretHash } from "../storage/sessions-secret.ts";
import type { User } from "../storage/users.ts";
import { readSessionCookie } from "./session-cookie.ts";

export type Caller = {
  user: User;
  via: "session" | "token";
  /** Of the session, when it is one. */
  sessionId: string | null;
  scope: "read" | "write";
};

type Credentials = { authorization: string | undefined; cookies: Readonly<Record<string, string>> };

/** Undefined for nobody: no credentials, or none that hold. A token beats a cookie, and a wrong token is not helped by a cookie. */
export const authenticate = async (
  { authorization, cookies }: Credentials,
  storage: Pick<ApiStorage, "sessions" | "apiTokens">,
  now: number,
): Promise<Caller | undefined> => {
  if (authorization !== undefined) {
    const [, token = ""] = /^bearer (\S{1,200})$/i.exec(authorization.trim()) ?? [];
    const found = isApiToken(token) ? await storage.apiTokens.find(secretHash(token), now) : undefined;
    return found && { user: found.user, via: "token", sessionId: null, scope: found.token.scope };
  }
  const token = readSessionCookie(cookies);
  const found = token === undefined ? undefined : await storage.sessions.find(secretHash(token), now);
  return found && { user: found.user, via: "session", sessionId: found.session.id, scope: "write" };
};
