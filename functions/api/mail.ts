// Mails of the system itself: a forgotten password, an invitation, an address to confirm. Sent straight through the e-mail channel,
// because the token in them must stand neither in Kafka nor in the table of notifications.
import type { Message } from "@logwatch/events";
import type { ChannelConfig, Delivery } from "../channels/channel.ts";
import type { Config } from "../lib/config.ts";
import { inertLine } from "../lib/message-text.ts";

/** The mails there are, and what each is filled with. */
export type SystemMail =
  | { kind: "reset"; token: string }
  | { kind: "invite"; token: string; invitedBy: string }
  | { kind: "confirm-destination"; token: string; destination: string };

export type SendMail = (mailId: string, to: string, mail: SystemMail, signal: AbortSignal) => Promise<Delivery>;

/** Loads the mail program by the first mail. */
export const openMail = (config: Config): SendMail => {
  const channel: ChannelConfig = {
    emailFrom: config.LOGWATCH_EMAIL_FROM,
    awsRegion: config.AWS_REGION,
    sesEndpoint: config.AWS_ENDPOINT_URL_SES,
    slackHosts: [],
    timeoutMs: config.LOGWATCH_DELIVERY_TIMEOUT,
  };
  return async (mailId, to, mail, signal) => {
    const { email } = await import("../channels/email.ts");
    const message = composeMail(mail, config.LOGWATCH_DASHBOARD_URL);
    return email.open(channel)({ notificationId: mailId, message }, { to: [to] }, signal);
  };
};

/** `dashboard`: where links lead to; without one, the mail says the token alone. */
const composeMail = (mail: SystemMail, dashboard: string | undefined): Message => {
  const { title, page, button, lines } = words(mail);
  const code = dashboard === undefined ? [{ name: "Token", value: mail.token }] : [];
  return {
    title,
    severity: "info",
    status: "note",
    lines,
    fields: code,
    examples: [],
    links: dashboard === undefined ? [] : [{ title: button, url: linkTo(dashboard, page, mail.token) }],
  };
};

/** The token stands behind `#`, which a browser sends to no server: it reaches no log and no `Referer`. */
const linkTo = (dashboard: string, page: string, token: string): string => {
  const url = new URL(page, dashboard.endsWith("/") ? dashboard : `${dashboard}/`);
  url.hash = `token=${token}`;
  return url.href;
};

type Words = { title: string; page: string; button: string; lines: string[] };

const words = (mail: SystemMail): Words => {
  switch (mail.kind) {
    case "reset":
      return {
        title: "Choose a new password for LogWatch",
        page: "reset-password",
        button: "Choose a new password",
        lines: [
          "Somebody, probably you, asked for a new password of this address.",
          "It works once, for 30 minutes. If it was not you, do nothing: your password stays as it is.",
        ],
      };
    case "invite":
      return {
        title: "You are invited to LogWatch",
        page: "register",
        button: "Make an account",
        lines: [
          `${inertLine(mail.invitedBy)} invites you to LogWatch, which watches the logs of services and tells when something is wrong.`,
          "The invitation is for this address alone. It works once, for 7 days.",
        ],
      };
    case "confirm-destination":
      return {
        title: "May LogWatch send alerts to this address?",
        page: "confirm-destination",
        button: "Yes, send alerts here",
        lines: [
          `The destination "${inertLine(mail.destination)}" names this address. Nothing is sent to it before you agree.`,
          "It works once, for 24 hours. If you do not expect this, do nothing.",
        ],
      };
  }
};
