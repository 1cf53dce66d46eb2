// Alerts as the API shows them: what fires and what did, the story of one, the log lines behind it, and who has taken it on.
import * as z from "zod";
import { alertState, changeKind, severity } from "../alert-updated.ts";
import { instant } from "../instant.ts";
import { labels } from "../measurement.ts";
import { message } from "../notification-requested.ts";
import { id } from "./id.ts";
import { logPage } from "./log.ts";
import { pageQuery, queryFlag } from "./page.ts";
import { serviceRole } from "./service.ts";

const listedState = z.enum(["pending", "firing", "resolved"]);
const moment = instant.nullable();

export const alertQuery = z.strictObject({
  ...pageQuery,
  state: z
    .array(listedState)
    .max(3)
    .default(["firing", "resolved"])
    .meta({ list: true, description: "Each its own parameter; those that fire or did when absent." }),
  severity: z
    .array(severity)
    .max(3)
    .optional()
    .meta({ list: true, description: "Each its own parameter; all when absent." }),
  serviceId: id.optional().meta({ description: "Only alerts of this service." }),
  jobId: id.optional().meta({ description: "Only alerts of this job." }),
  ruleId: id.optional().meta({ description: "Only alerts of this rule." }),
  from: instant.optional().meta({ description: "Only alerts that were not over before." }),
  to: instant.optional().meta({ description: "Only alerts that began before." }),
  acknowledged: queryFlag.optional().meta({ description: "Only those that somebody has taken on, or nobody." }),
});

/** A few lines of text that people write: no control characters but line breaks and tabs. */
export const remark = (least: 0 | 1) =>
  z
    .string()
    .min(least)
    .max(1000)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they reach mails, terminals and logs, and mean nothing in a remark.
    .regex(/^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/, "must not contain control characters")
    .refine((text) => least === 0 || text.trim() !== "", "must say something");

export const acknowledgementInput = z.strictObject({
  note: remark(0).default("").meta({ description: "What the others should know." }),
});

const acknowledgement = z.object({
  at: instant,
  by: z.string().meta({ description: "Id of the user." }),
  byName: z.string().nullable().meta({ description: "Null: the account is gone." }),
  note: z.string(),
});

/** As it stands in a list. */
export const alertLine = z.object({
  id,
  fingerprint: z.string().meta({ description: "The rule and the label set: the same in each of its alerts." }),
  ruleId: z.string(),
  ruleName: z.string(),
  jobId: z.string(),
  jobName: z.string(),
  serviceId: z.string(),
  serviceName: z.string(),
  severity,
  labels,
  state: listedState,
  value: z.number().nullable().meta({ description: "The value of its newest turn; null when data was missing." }),
  why: z.string().meta({ description: "The reason in words, e.g. `12 > 10`." }),
  openedAt: instant.meta({ description: "End of the first window that breached." }),
  firedAt: moment,
  resolvedAt: moment,
  updatedAt: instant.meta({ description: "End of the window of its newest turn." }),
  late: z.boolean().meta({ description: "True: some logs came after their window was first judged." }),
  acknowledgement: acknowledgement.nullable(),
  role: serviceRole.meta({ description: "Yours, on its service." }),
});
export type AlertLineView = z.output<typeof alertLine>;

const timelineLine = z.object({
  at: instant.meta({ description: "End of the window; of what was told at a silence's end, the moment." }),
  from: alertState,
  to: alertState,
  value: z.number().nullable(),
  why: z.string(),
  told: changeKind.nullable().meta({ description: "As what it was told; null: it was not." }),
  reason: z
    .string()
    .nullable()
    .meta({ description: "Why it was not told, e.g. `pending`, `silenced`, `rate-limited`; null when it was." }),
  silenceId: z.string().nullable().meta({ description: "The silence that hid it." }),
  late: z.boolean(),
});
export type TimelineLineView = z.output<typeof timelineLine>;

const owedNotification = z.object({
  id,
  at: instant.meta({ description: "When it was owed." }),
  channel: z.string(),
  destinationId: z.string().nullable().meta({ description: "Null: neither yours, nor are you an editor here." }),
  destinationName: z.string().nullable().meta({ description: "Null as above, or the destination is gone." }),
  told: message.shape.status.meta({ description: "What it says." }),
  state: z.enum(["owed", "sent", "suppressed", "failed"]),
  reason: z
    .string()
    .meta({ description: "Why it was not sent, or what the last try failed with; empty when neither." }),
  attempts: z.number().int(),
  nextAttemptAt: moment.meta({ description: "When it is tried; null when it has ended." }),
  sentAt: moment,
  receipt: z.string().nullable().meta({ description: "The provider's id of it. Null as the destination's." }),
  resentAt: moment.meta({ description: "When somebody had it sent again." }),
});
export type OwedNotificationView = z.output<typeof owedNotification>;

export const alert = alertLine.extend({
  silencedBy: z
    .object({ id, endsAt: instant, authorName: z.string(), comment: z.string() })
    .nullable()
    .meta({ description: "The silence that hides it now." }),
  timeline: z.object({
    items: z.array(timelineLine).meta({ description: "Newest first." }),
    truncated: z.boolean().meta({ description: "True: there are older lines." }),
  }),
  notifications: z.object({
    items: z.array(owedNotification).meta({ description: "Every message owed for these lines; newest first." }),
    truncated: z.boolean().meta({ description: "True: there are more." }),
  }),
});
export type AlertView = z.output<typeof alert>;

export const evidencePage = logPage.extend({
  measurement: z.string().meta({ description: "What the rule judges, of these lines." }),
  filter: z.string().meta({ description: "What selects the lines, beside the service's own filter." }),
  jobChanged: z.boolean().meta({
    description: "True: the job was changed since; the filter is today's, and may not be the one that counted.",
  }),
});
