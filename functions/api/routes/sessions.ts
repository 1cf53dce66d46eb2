// Signing in and out, and where I am signed in. A wrong password, an unknown address and a disabled account answer alike.
import { account, credentials, pageOf, pageQuery, revokedSessions, session } from "@logwatch/events/api";
import * as z from "zod";
import type { Session } from "../../storage/sessions.ts";
import { secretHash } from "../../storage/sessions-secret.ts";
import { plainEmail, type User } from "../../storage/users.ts";
import type { SignInAttempt } from "../limits-sign-in.ts";
import { readList } from "../list.ts";
import { verifyPassword } from "../passwords.ts";
import type { ApiPorts } from "../ports.ts";
import { notFound, type Refusal, refuse } from "../refusal.ts";
import { answer, defineRoute, type RequestFacts, type Route } from "../route.ts";
import { endSessionCookie, readDeviceCookie, readSessionCookie } from "../session-cookie.ts";
import { etagOf } from "../version.ts";
import { accountExample, busyHashing, goodPassword, viewOfAccount } from "./accounts-view.ts";
import { startSession } from "./sessions-start.ts";

const example = {
  id: "01HZY0000000000000000SESSN",
  current: true,
  address: "192.0.2.1",
  agent: "Mozilla/5.0",
  createdAt: "2026-11-22T12:00:00.000Z",
  seenAt: "2026-11-22T12:00:00.000Z",
  expiresAt: "2026-11-29T12:00:00.000Z",
};

export const sessionRoutes: Route[] = [
  defineRoute("signIn", {
    method: "POST",
    path: "/sign-in",
    area: "sessions",
    title: "Sign in",
    description: "Brings a new session, as a cookie, for 7 days at most; unused for 12 hours it ends.",
    body: credentials,
    reply: account,
    example: { body: { email: "user001@example.com", password: goodPassword }, reply: accountExample },
    handle: async ({ body, request }, ports) => {
      const { storage, limits, config, log } = ports;
      const email = plainEmail(body.email);
      const user = await storage.users.findByEmail(email);
      const device = readDeviceCookie(request.cookies, config.LOGWATCH_SECRETS_KEY, request.at);
      const isOwn = user !== undefined && device?.userId === user.id;
      const attempt = { email, address: request.address, device: isOwn ? device : undefined };
      const limited = await limits.signIn.take(attempt);
      if (limited) return limited;
      const verdict = await verifyPassword(body.password, user?.passwordHash);
      if (verdict === "busy") return busyHashing();
      const isRight = verdict === "right" && user?.state === "active";
      const signedIn = isRight ? await signInAs(user, attempt, request, ports) : undefined;
      if (signedIn) return signedIn;
      log("info", "a sign-in failed", { request: request.id, user: user?.id ?? null });
      return wrongCredentials();
    },
  }),
  defineRoute("signOut", {
    method: "POST",
    path: "/sign-out",
    area: "sessions",
    title: "Sign out",
    reply: null,
    example: {},
    handle: async ({ caller, request }, { storage }) => {
      const token = readSessionCookie(request.cookies);
      if (token !== undefined) await storage.sessions.signOut(secretHash(token));
      const audit = { action: "session.ended", kind: "session", objectId: caller.sessionId ?? "" };
      return answer(null, { cookies: [endSessionCookie()], audit });
    },
  }),
  defineRoute("listSessions", {
    method: "GET",
    path: "/sessions",
    area: "sessions",
    title: "Where I am signed in",
    description: "Newest first.",
    query: z.strictObject(pageQuery),
    reply: pageOf(session),
    example: { reply: { items: [example], next: null } },
    handle: ({ caller, query, request }, ports) =>
      readList("listSessions", caller, query, ports, {
        read: async (after, limit) => {
          const all = await ports.storage.sessions.list(caller.user.id, request.at);
          return all.filter(({ id }) => after === undefined || id < after).slice(0, limit);
        },
        keyOf: ({ id }) => id,
        toView: (one) => viewOfSession(one, caller.sessionId),
      }),
  }),
  defineRoute("revokeSession", {
    method: "DELETE",
    path: "/sessions/{sessionId}",
    area: "sessions",
    title: "Sign out elsewhere",
    reply: null,
    example: { params: { sessionId: example.id } },
    handle: async ({ caller, object: { found } }, { storage }) => {
      if (!(await storage.sessions.revoke(caller.user.id, found.id))) return notFound();
      const audit = { action: "session.revoked", kind: "session", objectId: found.id };
      return answer(null, { cookies: found.id === caller.sessionId ? [endSessionCookie()] : [], audit });
    },
  }),
  defineRoute("revokeOtherSessions", {
    method: "POST",
    path: "/sessions/revoke-others",
    area: "sessions",
    title: "Sign out everywhere else",
    reply: revokedSessions,
    example: { reply: { revoked: 2 } },
    handle: async ({ caller }, { storage }) => {
      const revoked = await storage.sessions.revokeAll(caller.user.id, caller.sessionId ?? "");
      const audit = { action: "sessions.revoked", kind: "user", objectId: caller.user.id, after: { revoked } };
      return answer({ revoked }, revoked > 0 ? { audit } : {});
    },
  }),
];

/** Undefined when the account was disabled, or its password changed, while the password was compared. */
const signInAs = async (
  user: User & { passwordHash: string },
  attempt: SignInAttempt,
  request: RequestFacts,
  ports: ApiPorts,
) => {
  const started = await startSession(user, user.passwordHash, request, ports);
  if (!started) return undefined;
  await ports.limits.signIn.succeeded(attempt);
  return answer(viewOfAccount(user), {
    headers: { etag: etagOf(user.version) },
    cookies: started.cookies,
    audit: { action: "session.started", kind: "user", objectId: user.id, actor: user, after: { session: started.id } },
  });
};

const wrongCredentials = (): Refusal =>
  refuse(401, "wrong-credentials", "The address or the password is not right.", {
    headers: { "www-authenticate": 'Bearer realm="LogWatch"' },
  });

const viewOfSession = (
  { id, address, agent, createdAt, seenAt, idleUntil, expiresAt }: Session,
  currentId: string | null,
): z.output<typeof session> => ({
  id,
  current: id === currentId,
  address,
  agent,
  createdAt,
  seenAt,
  expiresAt: Math.min(idleUntil, expiresAt),
});
