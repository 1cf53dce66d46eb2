// Amazon SES, version 1, as its SDK speaks it: a form in, XML out, errors typed by their code. It accepts what SES accepts and
// says no in SES's words. Every unknown action is answered: a client that waits for ever teaches nothing.
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Fault, type Faults, playHttpFault } from "../faults.ts";
import { answer, type Reply, readBody } from "./http.ts";
import type { Arrival, Inbox } from "./inbox.ts";
import { readMail } from "./read-mail.ts";

// 10 MB of mail in base64, form-encoded.
const maxBodyBytes = 20 * 1024 * 1024;
const maxMailBytes = 10 * 1024 * 1024;
const maxRecipients = 50;
const namespace = "http://ses.amazonaws.com/doc/2010-12-01/";

type Rejected = { code: string; message: string };
type Outcome = { result: string } | Rejected;
type Action = (form: URLSearchParams, inbox: Inbox) => Outcome | Promise<Outcome>;

/** Answers one call. */
export const answerSes = async (req: IncomingMessage, res: ServerResponse, inbox: Inbox, faults: Faults) => {
  const body = await readBody(req, maxBodyBytes);
  const fault = faults.take("ses");
  if (fault?.kind === "throttle") return answer(res, errorXml(400, throttling));
  if (fault?.kind === "error") return answer(res, faultError(fault));
  if (await playHttpFault(fault, req, res)) return;
  if (body === undefined)
    return answer(res, errorXml(413, { code: "MessageRejected", message: "Message is too long." }));
  const form = new URLSearchParams(body);
  const name = form.get("Action") ?? "";
  const act = Object.hasOwn(actions, name) ? actions[name] : undefined;
  const outcome = act ? await act(form, inbox) : unknownAction(name);
  const reply = "result" in outcome ? resultXml(name, outcome.result) : errorXml(400, outcome);
  answer(res, reply, fault?.kind === "partial");
};

const throttling = { code: "Throttling", message: "Maximum sending rate exceeded." };

/** 454 is SMTP's code for the daily quota; other 4xx are a rejection, 5xx SES's own trouble. */
const faultError = ({ status = 503 }: Fault): Reply => {
  if (status === 454) return errorXml(400, { code: "Throttling", message: "Daily message quota exceeded." });
  if (status >= 500) return errorXml(status, { code: "ServiceUnavailable", message: "Service is unavailable." });
  return errorXml(status, {
    code: "MessageRejected",
    message: "Email address is not verified. The following identities failed the check: the sender.",
  });
};

const unknownAction = (name: string): Rejected => ({
  code: "InvalidAction",
  message: `Could not find operation ${name || "(none)"} for version 2010-12-01. The mailbox only receives mail.`,
});

const sendRawEmail: Action = async (form, inbox) => {
  const raw = Buffer.from(form.get("RawMessage.Data") ?? "", "base64");
  if (raw.length === 0) return { code: "InvalidParameterValue", message: "RawMessage.Data is empty." };
  if (raw.length > maxMailBytes) return { code: "MessageRejected", message: "Message is longer than 10485760 bytes." };
  let mail: Arrival;
  try {
    mail = await readMail(raw, members(form, "Destinations"));
  } catch (error) {
    return { code: "InvalidParameterValue", message: `Not a MIME message: ${String(error)}` };
  }
  return accept({ ...mail, from: mail.from || (form.get("Source") ?? "") }, inbox);
};

const sendEmail: Action = (form, inbox) => {
  const to = ["To", "Cc", "Bcc"].flatMap((kind) => members(form, `Destination.${kind}Addresses`));
  const part = (name: string) => form.get(`Message.${name}.Data`);
  const html = part("Body.Html");
  if (part("Subject") === null) return { code: "InvalidParameterValue", message: "Message.Subject is missing." };
  const mail: Arrival = {
    channel: "email",
    to: to.join(", "),
    from: form.get("Source") ?? "",
    subject: part("Subject") ?? "",
    text: part("Body.Text") ?? "",
    html,
    blocks: null,
    raw: [...form].map(([name, value]) => `${name}=${value}`).join("\n"),
    notificationId: null,
    severity: null,
    status: null,
    attachments: [],
  };
  return accept(mail, inbox);
};

const accept = (mail: Arrival, inbox: Inbox): Outcome => {
  const recipients = mail.to === "" ? [] : mail.to.split(", ");
  const invalid = (message: string): Rejected => ({ code: "InvalidParameterValue", message });
  if (!/^\S+@\S+$|<\S+@\S+>$/.test(mail.from)) return invalid("Missing final '@domain' in the sender.");
  if (recipients.length === 0) return invalid("Missing required header 'To'.");
  if (recipients.length > maxRecipients) return invalid("Recipient count exceeds 50.");
  if (recipients.some((one) => !/^\S+@\S+$|<\S+@\S+>$/.test(one))) return invalid("Missing final '@domain'.");
  return { result: `<MessageId>logwatch-local-${inbox.add(mail)}</MessageId>` };
};

const getSendQuota: Action = (_form, inbox) => ({
  result: `<Max24HourSend>50000.0</Max24HourSend><SentLast24Hours>${inbox.count()}.0</SentLast24Hours><MaxSendRate>14.0</MaxSendRate>`,
});

const actions: Record<string, Action> = {
  SendEmail: sendEmail,
  SendRawEmail: sendRawEmail,
  GetSendQuota: getSendQuota,
};

/** `X.member.1`, `X.member.2`, …: how the query protocol writes a list. */
const members = (form: URLSearchParams, name: string): string[] =>
  [...form].filter(([key]) => key.startsWith(`${name}.member.`)).map(([, value]) => value);

const xml = (status: number, body: string): Reply => ({ status, type: "text/xml; charset=utf-8", body });
const requestId = "<RequestId>00000000-0000-4000-8000-000000000000</RequestId>";

const resultXml = (action: string, result: string): Reply =>
  xml(
    200,
    `<${action}Response xmlns="${namespace}"><${action}Result>${result}</${action}Result><ResponseMetadata>${requestId}</ResponseMetadata></${action}Response>`,
  );

const errorXml = (status: number, { code, message }: Rejected): Reply =>
  xml(
    status,
    `<ErrorResponse xmlns="${namespace}"><Error><Type>${status < 500 ? "Sender" : "Receiver"}</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>${requestId}</ErrorResponse>`,
  );

const escapeXml = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replace(/[^\t\n\r -~\u00a0-\ufffd]/gu, "?");
