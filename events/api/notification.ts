// Notifications as the API shows them: one message owed to one destination, and how it ended.
import * as z from "zod";
import { severity } from "../alert-updated.ts";
import { instant } from "../instant.ts";
import { message } from "../notification-requested.ts";
import { id } from "./id.ts";
import { pageQuery } from "./page.ts";

const state = z.enum(["owed", "sent", "suppressed", "failed"]);

export const notificationQuery = z.strictObject({
  ...pageQuery,
  state: z.array(state).max(4).optional().meta({ list: true, description: "Each its own parameter; all when absent." }),
  destinationId: id.optional().meta({ description: "Only messages to this destination." }),
  jobId: id.optional().meta({ description: "Only messages of this job." }),
  alertId: id.optional().meta({ description: "Only messages that told of this alert." }),
  from: instant.optional().meta({ description: "Only those owed at this moment or later." }),
  to: instant.optional().meta({ description: "Only those owed before." }),
});

const shown = {
  id,
  createdAt: instant.meta({ description: "When it was owed." }),
  state,
  reason: z.string().meta({
    description:
      "Why it was not sent, or what its last try failed with, as a code: `rate-limited`, `unconfirmed`; empty when neither.",
  }),
  reasonInWords: z.string().nullable().meta({ description: "The same for people." }),
  attempts: z.number().int().meta({ description: "Tries so far." }),
  nextAttemptAt: instant.nullable().meta({ description: "When it is tried next; null when it has ended." }),
  sentAt: instant.nullable().meta({ description: "When the provider took it last." }),
  providerId: z
    .string()
    .nullable()
    .meta({ description: "The provider's id of it. Null also where the destination is not yours." }),
  resent: z
    .object({
      at: instant,
      earlier: z
        .string()
        .nullable()
        .meta({ description: "How it had ended before, in words; the destination's owner sees it." }),
    })
    .nullable()
    .meta({ description: "That somebody had it sent again." }),
  channel: z.string(),
  destinationId: z
    .string()
    .nullable()
    .meta({ description: "Null: neither yours, nor are you an editor of the service." }),
  destinationName: z.string().nullable().meta({ description: "Null as above, or it is gone." }),
  jobId: z.string(),
  jobName: z.string().nullable().meta({ description: "Null: the job is gone." }),
  serviceId: z.string().nullable(),
  serviceName: z.string().nullable(),
  ruleId: z.string(),
  findings: z.number().int().meta({ description: "Label sets it tells of." }),
  title: z.string(),
  severity,
  told: message.shape.status.meta({ description: "What it says: firing, resolved, or that it goes on." }),
};

/** A line of the list. */
export const notificationLine = z.object(shown);
export type NotificationLineView = z.output<typeof notificationLine>;

/** With the message itself; its text may be hostile and is shown as text, never as markup. */
export const notificationView = z.object({ ...shown, message });
export type NotificationView = z.output<typeof notificationView>;
