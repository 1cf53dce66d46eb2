// Slack through an incoming webhook. The address is a secret: it is sent to, and never written to an error. Only hosts of
// the configuration are reached, without redirects. Failures are values; the caller retries, this does not.
import { IncomingWebhook, IncomingWebhookHTTPError } from "@slack/webhook";
import * as z from "zod";
import { guardedFetch } from "../lib/egress.ts";
import { type EgressFailure, isForbidden } from "../lib/egress-failure.ts";
import { slackPolicy } from "../lib/egress-policy.ts";
import { checkTarget } from "../lib/egress-rules.ts";
import { readTarget } from "../lib/egress-url.ts";
import { type Delivery, defineChannel } from "./channel.ts";
import { errorCode } from "./error-code.ts";
import { slackBlocks, slackText } from "./slack-blocks.ts";
import { type Answered, openSlackFetch } from "./slack-fetch.ts";
import { withTimeLimit } from "./time-limit.ts";

type Failed = Extract<Delivery, { ok: false }>;

const address = z.strictObject({
  url: z
    .string()
    .max(500)
    .refine(isWebhook, "must be a Slack webhook such as https://hooks.slack.com/services/…")
    .meta({ title: "Webhook", description: "Slack's incoming webhook of the channel. Kept secret.", secret: true }),
});

export const slack = defineChannel({
  id: "slack",
  title: "Slack",
  description: "A message in a Slack channel, through its incoming webhook.",
  address,
  refuses: ({ url }, { slackHosts }) => {
    const target = readTarget(url);
    const checked = target.ok ? checkTarget(target.value, slackPolicy(slackHosts)) : target;
    return checked.ok ? [] : [{ field: "url", rule: checked.error.message }];
  },
  open: (config) => {
    // No connection waits for a next message: one that Slack has closed meanwhile would lose it.
    const guarded = guardedFetch(slackPolicy(config.slackHosts), { keepAlive: false });
    return async (outgoing, { url }, signal) => {
      const { notificationId, message } = outgoing;
      return withTimeLimit(signal, config.timeoutMs, async (limit) => {
        const answered: Answered = { retryAfterMs: undefined, failure: undefined };
        const webhook = new IncomingWebhook(url, { fetch: openSlackFetch(guarded, limit.signal, answered) });
        try {
          const { text } = await webhook.send({
            text: slackText(message),
            blocks: slackBlocks(message, notificationId),
            unfurl_links: false,
            unfurl_media: false,
            metadata: {
              event_type: "logwatch_notification",
              event_payload: { notification_id: notificationId, severity: message.severity, status: message.status },
            },
          });
          // Slack has answered 200 with an error word in the past.
          return text.trim() === "ok"
            ? { ok: true, providerId: notificationId }
            : never("rejected", `Slack: ${word(text)}`);
        } catch (error) {
          if (limit.over()) return again("timeout", "Slack gave no answer in time.");
          if (error instanceof IncomingWebhookHTTPError) return statusFailure(error, answered);
          return answered.failure ? callFailure(answered.failure) : again("unreachable", notReached(errorCode(error)));
        }
      });
    };
  },
});

const notReached = (code: string): string => `Slack was not reached (${code}).`;

/** What a name leads to may be put right; an address that is refused as it is written never is. */
const callFailure = (failure: EgressFailure): Failed => {
  if (!isForbidden(failure)) return again("unreachable", notReached(failure.code ?? failure.kind));
  return failure.retryable
    ? again("unreachable", notReached(failure.kind))
    : never("bad-address", `url: ${failure.message}`);
};

const permanentKinds: Record<number, string> = { 400: "rejected", 403: "forbidden", 404: "not-found", 410: "gone" };

/** Only 429 and 5xx may pass by themselves; a revoked webhook or an archived channel never does. */
const statusFailure = ({ statusCode, body }: IncomingWebhookHTTPError, { retryAfterMs }: Answered): Failed => {
  if (statusCode === 429) return { ...again("throttled", "Slack asks to send more slowly."), afterMs: retryAfterMs };
  if (statusCode >= 500) return { ...again("unavailable", `Slack answered ${statusCode}.`), afterMs: retryAfterMs };
  if (statusCode < 400) return never("redirected", `Slack answered ${statusCode}; redirects are not followed.`);
  return never(permanentKinds[statusCode] ?? "rejected", `Slack answered ${statusCode}: ${word(body ?? "")}`);
};

const again = (kind: string, message: string): Failed => ({ ok: false, kind, message, retryable: true });
const never = (kind: string, message: string): Failed => ({ ok: false, kind, message, retryable: false });

/** Slack's reasons are one lower-case word; anything else may quote the address back. */
const word = (body: string): string => (/^[a-z_]{1,60}$/.test(body.trim()) ? body.trim() : "no reason given");

/** Shape only. Control characters and blanks are refused as written: URL parsing would drop them silently. */
function isWebhook(text: string): boolean {
  if (!/^https?:\/\/[!-~]+$/i.test(text) || /[\\@#?]/.test(text) || !URL.canParse(text)) return false;
  const url = new URL(text);
  return url.username === "" && url.password === "" && /^\/services\/[\w-]+\/[\w-]+\/[\w-]+$/.test(url.pathname);
}
