// Slack's incoming webhooks: JSON in, one word out. It refuses what Slack refuses, so that a message over a limit is found here.
import type { IncomingMessage, ServerResponse } from "node:http";
import * as z from "zod";
import { type Fault, type Faults, playHttpFault } from "../faults.ts";
import { answer, plain, type Reply, readBody } from "./http.ts";
import type { Arrival, Inbox } from "./inbox.ts";
import { blockProblem, blockText, slackPlain } from "./slack-blocks.ts";

const maxBodyBytes = 1024 * 1024;

const payload = z.looseObject({
  text: z.string().max(40_000).optional(),
  blocks: z.array(z.looseObject({ type: z.string() })).optional(),
  metadata: z.looseObject({ event_payload: z.record(z.string(), z.unknown()).optional() }).optional(),
});

/** A webhook whose last part is one of these is answered as Slack answers a dead one. */
const deadWebhooks: Record<string, Reply> = {
  revoked: plain(404, "no_service"),
  archived: plain(410, "channel_is_archived"),
  forbidden: plain(403, "action_prohibited"),
};

/** Answers one post to `/services/T…/B…/…`. */
export const answerSlack = async (
  req: IncomingMessage,
  res: ServerResponse,
  path: string,
  inbox: Inbox,
  faults: Faults,
) => {
  const body = await readBody(req, maxBodyBytes);
  const fault = faults.take("slack");
  if (fault?.kind === "error") return answer(res, faultError(fault));
  if (await playHttpFault(fault, req, res, throttled)) return;
  const parts = /^\/services\/([\w-]+\/[\w-]+\/([\w-]+))$/.exec(path);
  const [, to = "", token = ""] = parts ?? [];
  const dead = Object.hasOwn(deadWebhooks, token) ? deadWebhooks[token] : undefined;
  if (!parts || dead) return answer(res, dead ?? plain(404, "no_service"));
  if (body === undefined) return answer(res, plain(413, "payload_too_large"));
  answer(res, receive(body, to, inbox), fault?.kind === "partial");
};

const throttled = (res: ServerResponse, retryAfterSeconds = 1) =>
  answer(res, plain(429, "rate_limited", { "retry-after": String(retryAfterSeconds) }));

const reasons: Record<number, string> = {
  400: "invalid_payload",
  403: "action_prohibited",
  404: "no_service",
  410: "channel_is_archived",
};

const faultError = ({ status = 503 }: Fault): Reply =>
  plain(status, reasons[status] ?? (status >= 500 ? "server_error" : "rejected"));

const receive = (body: string, to: string, inbox: Inbox): Reply => {
  const parsed = payload.safeParse(parseJson(formPayload(body)));
  if (!parsed.success) return plain(400, "invalid_payload");
  const { text = "", blocks = [], metadata } = parsed.data;
  if (text.trim() === "" && blocks.length === 0) return plain(400, "no_text");
  const problem = blockProblem(blocks);
  if (problem) return plain(400, problem);
  inbox.add(arrivalOf(to, text, blocks, metadata?.event_payload ?? {}, body));
  return plain(200, "ok");
};

const arrivalOf = (
  to: string,
  text: string,
  blocks: readonly { type: string }[],
  identity: Record<string, unknown>,
  raw: string,
): Arrival => {
  const words = (name: string) => (typeof identity[name] === "string" ? identity[name] : null);
  const shown = blocks.length > 0 ? blocks.map(blockText).filter(Boolean).join("\n\n") : slackPlain(text);
  const heading = blocks.find(({ type }) => type === "header");
  return {
    channel: "slack",
    to,
    from: "",
    subject: (heading ? blockText(heading) : slackPlain(text).split("\n", 1).join("")).slice(0, 200),
    text: shown,
    html: null,
    blocks: blocks.length > 0 ? [...blocks] : [{ type: "section", text: { type: "mrkdwn", text } }],
    raw,
    notificationId: words("notification_id"),
    severity: words("severity"),
    status: words("status"),
    attachments: [],
  };
};

/** Slack also takes `payload=<JSON>` as a form. */
const formPayload = (body: string): string =>
  body.startsWith("payload=") ? (new URLSearchParams(body).get("payload") ?? "") : body;

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the schema refuses undefined, and the answer says invalid_payload.
    return undefined;
  }
};
