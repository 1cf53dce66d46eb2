// The e-mail channel's way out: one raw MIME message with a text and an HTML alternative, through SES. Recipients are never taken from a
// header, so nothing in a message can add one. Failures are values; the caller retries, this does not.
import { SESClient, SendRawEmailCommand } from "@aws-sdk/client-ses";
import MailComposer from "nodemailer/lib/mail-composer";
import { digest } from "../lib/labels.ts";
import { cut, headline, inertLine, plainText } from "../lib/message-text.ts";
import type { ChannelConfig, Delivery, Outgoing } from "./channel.ts";
import { emailHtml } from "./email-html.ts";
import { sesFailure } from "./ses-failure.ts";
import { withTimeLimit } from "./time-limit.ts";

const maxTextChars = 4000;
const maxItems = 100;
// One header line of a mail may have 998 octets; encoded words make a character up to 12.
const maxSubjectChars = 200;

export const openSes = (config: ChannelConfig) => {
  const client = openClient(config);
  return async (outgoing: Outgoing, to: string[], signal: AbortSignal): Promise<Delivery> => {
    const mail = await composeEmail(outgoing, to, config.emailFrom);
    return withTimeLimit(signal, config.timeoutMs, async (limit) => {
      try {
        const command = new SendRawEmailCommand({ Destinations: to, RawMessage: { Data: mail } });
        const sent = await client.send(command, { abortSignal: limit.signal });
        return { ok: true, providerId: sent.MessageId ?? "" };
      } catch (error) {
        return sesFailure(error, limit.over());
      }
    });
  };
};

/** `maxAttempts: 1`: a retry in here would hide inside the caller's own. */
const openClient = (config: ChannelConfig): SESClient =>
  new SESClient({
    region: config.awsRegion,
    maxAttempts: 1,
    ...(config.sesEndpoint
      ? { endpoint: config.sesEndpoint, credentials: { accessKeyId: "local", secretAccessKey: "local" } }
      : {}),
  });

/** The MIME message. SES puts its own `Message-ID` in place of ours, so the id also travels in a header of its own. */
const composeEmail = ({ notificationId, message }: Outgoing, to: string[], from: string): Promise<Buffer> =>
  new MailComposer({
    from,
    to,
    subject: headline(message, maxSubjectChars),
    messageId: `<${digest(notificationId)}@${senderDomain(from)}>`,
    headers: {
      "X-LogWatch-Notification-Id": cut(inertLine(notificationId), maxSubjectChars),
      "X-LogWatch-Severity": message.severity,
      "X-LogWatch-Status": message.status,
      "Auto-Submitted": "auto-generated",
    },
    text: `${headline(message, maxTextChars)}\n\n${plainText(message, maxTextChars, maxItems)}\n`,
    html: emailHtml(message, notificationId, maxTextChars, maxItems),
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build();

const senderDomain = (from: string): string => /@([a-z0-9.-]+)/i.exec(from)?.[1] ?? "logwatch.invalid";
