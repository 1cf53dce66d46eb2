// `notification.requested`: one message owed to one destination. Made by notify; read by deliver, one consumer a channel.
import * as z from "zod";
import { severity } from "./alert-updated.ts";
import { envelope } from "./envelope.ts";

/** The neutral message every channel writes in its own way. Text may be hostile: escaping is the channel's. */
export const message = z.object({
  title: z.string(),
  severity,
  status: z
    .enum(["firing", "resolved", "repeat", "note"])
    .meta({ description: "Where the alert stands; `note`: a word of the system itself, about no alert." }),
  lines: z.array(z.string()).meta({ description: "Sentences, in order." }),
  fields: z.array(z.object({ name: z.string(), value: z.string() })),
  examples: z.array(z.string()).meta({ description: "Log lines behind it, verbatim." }),
  links: z.array(z.object({ title: z.string(), url: z.string() })),
});
export type Message = z.infer<typeof message>;

export const notification = z.object({
  notificationId: z.string().meta({ description: "Derived; the same message keeps its id through every retry." }),
  destinationId: z.string(),
  channel: z.string().meta({ description: "Id of the channel plug-in." }),
  evaluationId: z.string(),
  ruleId: z.string(),
  message,
  attempts: z.number().int().min(0).default(0).meta({
    description: "Tries there had been when this was requested; when there are more by now, it is out of date.",
  }),
});
export type Notification = z.infer<typeof notification>;

export const notificationRequested = envelope("notification.requested", notification);
export type NotificationRequested = z.output<typeof notificationRequested>;
