// Whoever would be told by mail agrees first: each address gets a link of its own, which works once, for a day.
import { createHash } from "node:crypto";
import { type Asked, confirmation, confirmationInput, confirmationRequest } from "@logwatch/events/api";
import type { DestinationRecord, Stored } from "../../storage/configuration.ts";
import { slices } from "../../storage/in-list.ts";
import { newSecret, secretHash } from "../../storage/sessions-secret.ts";
import type { Caller } from "../authenticate.ts";
import type { ApiPorts } from "../ports.ts";
import { type Refusal, refuse, unprocessable } from "../refusal.ts";
import { answer, defineRoute, type Route } from "../route.ts";
import { agree } from "./destinations-agreed.ts";
import { neededFor, waitingFor } from "./destinations-record.ts";

const validMs = 86_400_000;
/** All mails of one request; the gateway waits 30 s. */
const mailMs = 15_000;
const mailsAtOnce = 10;
const purpose = "confirm-destination";

export const confirmationRoutes: Route[] = [
  defineRoute("requestConfirmation", {
    method: "POST",
    path: "/destinations/{destinationId}/request-confirmation",
    area: "destinations",
    title: "Ask again whether messages may be sent there",
    description: "Everybody who has not agreed yet gets another link; the ones before end with it.",
    reply: confirmationRequest,
    example: {
      params: { destinationId: "01K0000000000000000000DEST" },
      reply: { asked: [{ address: "ops@example.com", mailed: true, reason: null }] },
    },
    handle: async ({ caller, object: { found } }, ports) => {
      if (waitingFor(found.item, ports.config.LOGWATCH_SECRETS_KEY).length === 0)
        return refuse(409, "confirmed", "Nobody needs to agree to this destination any more.");
      const { asked, limited } = await askToAgree(found.item, caller, ports);
      if (limited && asked.every(({ mailed }) => !mailed)) return limited;
      return answer({ asked }, { audit: note("confirmation-requested", found.item.id, { asked }) });
    },
  }),
  defineRoute("confirmDestination", {
    method: "POST",
    path: "/destinations/confirm",
    area: "destinations",
    title: "Agree to be told at this address",
    description: "With the token of the mailed link. It works once, for 24 hours.",
    body: confirmationInput,
    reply: confirmation,
    example: {
      body: { token: "the-token-of-the-mail" },
      reply: { name: "on call", address: "ops@example.com", complete: true },
    },
    handle: async ({ body, request }, ports) => {
      const limited = await ports.limits.take("mailTokenFromAddress", request.address);
      if (limited) return limited;
      const { mailTokens } = ports.storage;
      const tokenHash = secretHash(body.token);
      const subject = await mailTokens.peek(purpose, tokenHash, request.at);
      if (subject === undefined || !(await findAsked(subject, ports))) return wrongToken();
      if ((await mailTokens.take(purpose, tokenHash, request.at)) === undefined) return wrongToken();
      return confirm(subject, request.at, ports);
    },
  }),
];

/** Others may change the destination meanwhile: then it is looked at again. */
const maxAttempts = 5;

const confirm = async (subject: string, at: number, ports: ApiPorts) => {
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const asked = await findAsked(subject, ports);
    if (!asked) return wrongToken();
    const { stored, address, needed } = asked;
    const record = agree(stored.item, needed, address, at);
    const { id, name } = record;
    if (!(await ports.storage.configuration.put("destinations", stored.ownerId, record, stored.version, at))) continue;
    const complete = record.confirmedAt !== null;
    return answer({ name, address, complete }, { audit: note("confirmed", id, { address, complete }) });
  }
  return refuse(409, "in-conflict", "The destination was changed at the same moment. Ask for another link.");
};

/** Sends each address that has not agreed a link, within the limits of mails to one address and by one user. */
export const askToAgree = async (
  item: DestinationRecord,
  { user }: Caller,
  ports: ApiPorts,
): Promise<{ asked: Asked; limited: Refusal | undefined }> => {
  const signal = AbortSignal.timeout(mailMs);
  const asked: Asked = [];
  let limited: Refusal | undefined;
  for (const part of slices(waitingFor(item, ports.config.LOGWATCH_SECRETS_KEY), mailsAtOnce)) {
    const mailed = part.map(async (address) => {
      const refused =
        (await ports.limits.take("confirmToAddress", address.toLowerCase())) ??
        (await ports.limits.take("confirmByUser", user.id));
      limited ??= refused;
      const reason = refused ? refused.detail : await mailLink(item, address, signal, ports);
      return { address, mailed: reason === null, reason };
    });
    asked.push(...(await Promise.all(mailed)));
  }
  return { asked, limited };
};

/** Null when it is on its way, else why not. */
const mailLink = async (
  { id, name }: DestinationRecord,
  address: string,
  signal: AbortSignal,
  { storage, now, newId, sendMail }: ApiPorts,
): Promise<string | null> => {
  const token = newSecret();
  const createdAt = now();
  const facts = { purpose, createdAt, expiresAt: createdAt + validMs } as const;
  await storage.mailTokens.issue({ ...facts, subject: subjectOf(id, address), tokenHash: secretHash(token) });
  const sent = await sendMail(newId(), address, { kind: "confirm-destination", token, destination: name }, signal);
  return sent.ok ? null : sent.message;
};

/** Of a token: the destination and, as its column is short, a digest of the address. */
const subjectOf = (id: string, address: string): string =>
  `${id} ${createHash("sha256").update(address).digest("base64url").slice(0, 32)}`;

type AskedOne = { stored: Stored<DestinationRecord>; address: string; needed: readonly string[] };

/** What a token stands for, as long as the destination still names that address and waits for it. */
const findAsked = async (subject: string, { storage, config }: ApiPorts): Promise<AskedOne | undefined> => {
  const [id = ""] = subject.split(" ");
  const [stored] = await storage.configuration.find("destinations", [id]);
  if (!stored) return undefined;
  const needed = neededFor(stored.item, config.LOGWATCH_SECRETS_KEY);
  const waiting = waitingFor(stored.item, config.LOGWATCH_SECRETS_KEY);
  const address = waiting.find((one) => subjectOf(id, one) === subject);
  return address === undefined ? undefined : { stored, address, needed };
};

const wrongToken = (): Refusal =>
  unprocessable([{ path: "body.token", rule: "is wrong, was used, or is older than 24 hours: ask for another" }]);

const note = (action: string, objectId: string, after: unknown) => ({
  action: `destination.${action}`,
  kind: "destination",
  objectId,
  after,
});
