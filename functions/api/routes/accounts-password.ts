// Passwords changed: by who knows the old one, or by who reads the account's mail. Each ends every session of the account.
import { forgottenPassword, passwordChange, passwordReset } from "@logwatch/events/api";
import { newSecret, secretHash } from "../../storage/sessions-secret.ts";
import { plainEmail, type User } from "../../storage/users.ts";
import { noteAudit } from "../audit.ts";
import { hashPassword, passwordProblem, verifyPassword } from "../passwords.ts";
import type { ApiPorts } from "../ports.ts";
import { type Refusal, refuse, unprocessable } from "../refusal.ts";
import { answer, defineRoute, type RequestFacts, type Route } from "../route.ts";
import { deviceCookie } from "../session-cookie.ts";
import { evenly } from "./accounts-evenly.ts";
import { busyHashing, goodPassword, passwordRefusal } from "./accounts-view.ts";
import { startSession } from "./sessions-start.ts";

const resetMs = 30 * 60_000;
/** How long the answer to "forgotten" takes, whoever asks: longer than a mail takes to be handed over. */
const evenMs = 1_000;
const mailMs = 900;

export const passwordRoutes: Route[] = [
  defineRoute("changePassword", {
    method: "POST",
    path: "/me/password",
    area: "accounts",
    title: "Change my password",
    description: "Ends every session of mine; this answer brings a new one.",
    body: passwordChange,
    reply: null,
    example: { body: { currentPassword: goodPassword, newPassword: "violet-harbour-lantern-4" } },
    handle: async ({ caller, body, request }, ports) => {
      const limited = await ports.limits.take("passwordOfUser", caller.user.id);
      if (limited) return limited;
      const stored = await ports.storage.users.passwordHash(caller.user.id);
      const verdict = await verifyPassword(body.currentPassword, stored);
      if (verdict === "busy") return busyHashing();
      if (verdict === "wrong") return wrongPassword("currentPassword");
      if (body.newPassword === body.currentPassword) return samePassword();
      const hash = await newHash(body.newPassword, caller.user);
      if (typeof hash !== "string") return hash;
      if (!(await setPassword(caller.user.id, hash, request.at, ports))) return changedMeanwhile();
      const started = await startSession(caller.user, hash, request, ports);
      return answer(null, { cookies: started?.cookies ?? [], audit: note("password.changed", caller.user.id) });
    },
  }),
  defineRoute("forgotPassword", {
    method: "POST",
    path: "/forgotten-password",
    area: "accounts",
    title: "Ask for a new password by mail",
    description: "The answer is the same, in the same time, whether there is such an account or not.",
    body: forgottenPassword,
    reply: null,
    statuses: [202],
    example: { body: { email: "user001@example.com" } },
    handle: async ({ body, request }, ports) => {
      const limited = await ports.limits.take("forgotFromAddress", request.address);
      if (limited) return limited;
      await evenly(evenMs, () => mailReset(plainEmail(body.email), request, ports));
      return answer(null);
    },
  }),
  defineRoute("resetPassword", {
    method: "POST",
    path: "/reset-password",
    area: "accounts",
    title: "Choose a new password with a mailed token",
    description: "The token works once, for 30 minutes. Every session of the account ends.",
    body: passwordReset,
    reply: null,
    example: { body: { token: "the-token-of-the-mail", newPassword: goodPassword } },
    handle: async ({ body, request }, ports) => {
      const { limits, storage } = ports;
      const limited = await limits.take("mailTokenFromAddress", request.address);
      if (limited) return limited;
      const tokenHash = secretHash(body.token);
      const userId = await storage.mailTokens.peek("reset", tokenHash, request.at);
      const user = userId === undefined ? undefined : await storage.users.find(userId);
      if (!user) return wrongToken();
      const hash = await newHash(body.newPassword, user);
      if (typeof hash !== "string") return hash;
      if ((await storage.mailTokens.take("reset", tokenHash, request.at)) === undefined) return wrongToken();
      if (!(await setPassword(user.id, hash, request.at, ports))) return changedMeanwhile();
      return answer(null, {
        cookies: [knownDevice(user, request, ports)],
        audit: { ...note("password.reset", user.id), actor: user },
      });
    },
  }),
];

const mailReset = async (email: string, request: RequestFacts, ports: ApiPorts): Promise<void> => {
  const { limits, storage, newId, sendMail, log } = ports;
  const limited = await limits.take("forgotForAccount", email);
  const user = await storage.users.findByEmail(email);
  if (limited || user?.state !== "active") return;
  const token = newSecret();
  const expiresAt = request.at + resetMs;
  const facts = { purpose: "reset", subject: user.id, createdAt: request.at, expiresAt } as const;
  await storage.mailTokens.issue({ ...facts, tokenHash: secretHash(token) });
  // Here and not by the dispatcher: an entry after the answer's time would tell that there is an account.
  await noteAudit([note("password.forgotten", user.id)], undefined, request, ports);
  const sent = await sendMail(newId(), user.email, { kind: "reset", token }, AbortSignal.timeout(mailMs));
  if (!sent.ok) log("warn", "a mail for a new password was not sent", { user: user.id, kind: sent.kind });
};

/** The hash, or why the text is no password. */
const newHash = async (password: string, { email, name }: Pick<User, "email" | "name">): Promise<string | Refusal> => {
  const wrong = passwordRefusal("newPassword", await passwordProblem(password, [email, name]));
  if (wrong) return wrong;
  const hash = await hashPassword(password);
  return hash === "busy" ? busyHashing() : hash;
};

/** On whatever version there is: who may set a password may set it over any other change of the account. */
const setPassword = async (
  userId: string,
  passwordHash: string,
  at: number,
  { storage }: Pick<ApiPorts, "storage">,
): Promise<boolean> => {
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const user = await storage.users.find(userId);
    if (!user) return false;
    if ((await storage.users.update(userId, user.version, { passwordHash }, at)) === "done") return true;
  }
  return false;
};

const maxAttempts = 3;

/** Who reads the account's mail is let in by an attack that tries its password from everywhere. */
const knownDevice = (user: User, { at }: RequestFacts, { newId, config }: ApiPorts): string =>
  deviceCookie({ id: newId(), userId: user.id, at }, config.LOGWATCH_SECRETS_KEY);

const note = (action: string, objectId: string) => ({ action, kind: "user", objectId });

/** `field` of the body holds it. */
export const wrongPassword = (field: string): Refusal =>
  unprocessable([{ path: `body.${field}`, rule: "is not your password" }]);

const samePassword = (): Refusal =>
  unprocessable([{ path: "body.newPassword", rule: "must be another than the one you have" }]);

const wrongToken = (): Refusal =>
  unprocessable([{ path: "body.token", rule: "is wrong, was used, or is older than 30 minutes: ask for another" }]);

const changedMeanwhile = (): Refusal =>
  refuse(409, "changed-meanwhile", "The account was changed at the same moment. Try again.");
