// A raw MIME message as the inbox keeps it. In: what SES was given. Out: an `Arrival`; a mail that cannot be parsed is an error.
import PostalMime, { type Address } from "postal-mime";
import type { Arrival } from "./inbox.ts";

const maxRawChars = 512 * 1024;

/** `recipients` is the envelope; without one the headers say who gets it, as with SES. @throws when it is not MIME. */
export const readMail = async (raw: Buffer, recipients: readonly string[]): Promise<Arrival> => {
  const mail = await PostalMime.parse(raw);
  const header = (name: string) => mail.headers.find(({ key }) => key === name)?.value ?? null;
  const named = [...(mail.to ?? []), ...(mail.cc ?? []), ...(mail.bcc ?? [])].flatMap(addresses);
  return {
    channel: "email",
    to: (recipients.length > 0 ? recipients : named).join(", "),
    from: mail.from ? addresses(mail.from).join(", ") : "",
    subject: mail.subject ?? "",
    text: mail.text ?? "",
    html: mail.html ?? null,
    blocks: null,
    raw: raw.toString("utf8").slice(0, maxRawChars),
    notificationId: header("x-logwatch-notification-id"),
    severity: header("x-logwatch-severity"),
    status: header("x-logwatch-status"),
    attachments: mail.attachments.map(({ filename, mimeType }) => filename ?? mimeType),
  };
};

const addresses = (one: Address): string[] =>
  one.address === undefined ? (one.group ?? []).flatMap(addresses) : [one.address];
