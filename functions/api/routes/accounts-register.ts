// Making an account. The first one of an empty instance may always be made and is its admin; afterwards as REGISTRATION says.
import { account, registration } from "@logwatch/events/api";
import type * as z from "zod";
import { secretHash } from "../../storage/sessions-secret.ts";
import { plainEmail, type User } from "../../storage/users.ts";
import { hashPassword, passwordProblem } from "../passwords.ts";
import type { ApiPorts } from "../ports.ts";
import { type Refusal, refuse, unprocessable } from "../refusal.ts";
import { answer, defineRoute } from "../route.ts";
import { etagOf } from "../version.ts";
import { accountExample, busyHashing, goodPassword, passwordRefusal, viewOfAccount } from "./accounts-view.ts";
import { startSession } from "./sessions-start.ts";

type Registration = z.output<typeof registration>;

export const register = defineRoute("register", {
  method: "POST",
  path: "/register",
  area: "accounts",
  title: "Make an account",
  description: "And sign in to it. The first account of an empty instance is its admin.",
  body: registration,
  reply: account,
  statuses: [201],
  example: {
    body: { email: "user001@example.com", name: "User001", password: goodPassword },
    reply: accountExample,
  },
  handle: async ({ body, request }, ports) => {
    const refused = await ports.limits.take("registerFromAddress", request.address);
    if (refused) return refused;
    const admission = await admit(body, request.at, ports);
    if (!admission.ok) return admission;
    const wrong = passwordRefusal("password", await passwordProblem(body.password, [body.email, body.name]));
    if (wrong) return wrong;
    const passwordHash = await hashPassword(body.password);
    if (passwordHash === "busy") return busyHashing();
    const facts = { id: ports.newId(), email: body.email, name: body.name, passwordHash, at: request.at };
    const user = await ports.storage.users.create({ ...facts, onlyFirst: admission.onlyFirst });
    if (!user) return admission.onlyFirst ? closed(ports.config.REGISTRATION) : addressTaken();
    await useUp(body, request.at, ports);
    return signedUp(user, passwordHash, request, ports);
  },
});

const signedUp = async (
  user: User,
  passwordHash: string,
  request: Parameters<typeof startSession>[2],
  ports: ApiPorts,
) => {
  const started = await startSession(user, passwordHash, request, ports);
  const after = viewOfAccount(user);
  return answer(after, {
    headers: { etag: etagOf(user.version), location: "/api/me" },
    cookies: started?.cookies ?? [],
    audit: { action: "account.registered", kind: "user", objectId: user.id, actor: user, after },
  });
};

type Admission = { ok: true; onlyFirst: boolean } | Refusal;

const admit = async (body: Registration, at: number, { storage, config }: ApiPorts): Promise<Admission> => {
  if (config.REGISTRATION === "open") return { ok: true, onlyFirst: false };
  // Whether it is the first is decided once more by the statement that makes it.
  if ((await storage.users.list({ limit: 1 })).length === 0) return { ok: true, onlyFirst: true };
  if (config.REGISTRATION === "closed" || body.invitation === undefined) return closed(config.REGISTRATION);
  const invited = await storage.mailTokens.peek("invite", secretHash(body.invitation), at);
  if (invited === plainEmail(body.email)) return { ok: true, onlyFirst: false };
  return unprocessable([
    { path: "body.invitation", rule: "is none for this address, was used, or is too old: ask for another" },
  ]);
};

/** After the account is there: of two who use one invitation at once, the address lets only one through. */
const useUp = async ({ invitation }: Registration, at: number, { storage }: ApiPorts): Promise<void> => {
  if (invitation !== undefined) await storage.mailTokens.take("invite", secretHash(invitation), at);
};

const closed = (registration: "open" | "invite" | "closed"): Refusal =>
  refuse(
    403,
    "registration",
    registration === "invite"
      ? "Accounts are made by invitation here: ask an admin for one, and give its token as `invitation`."
      : "No accounts are made here.",
  );

const addressTaken = (): Refusal =>
  refuse(409, "address-taken", "There is an account with this address. Sign in, or ask for a new password.");
