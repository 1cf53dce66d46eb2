// Silences as the API shows and takes them: what people ask not to be told for a while, within one service.
import * as z from "zod";
import { severity } from "../alert-updated.ts";
import { durationText } from "../duration.ts";
import { instant } from "../instant.ts";
import { labels } from "../measurement.ts";
import { remark } from "./alert.ts";
import { id } from "./id.ts";
import { pageQuery } from "./page.ts";

export const maxSilenceDays = 31;
const second = 1000;
const day = 86_400_000;

const matcher = z.strictObject({
  name: z.string().min(1).max(200).meta({
    description: "`alert` (id or fingerprint), `rule` or `job` (id or name), `severity`, or the name of a label.",
  }),
  op: z.enum(["=", "!=", "=~", "!~"]).meta({
    description: "Equal, not equal, matches a pattern, does not match it.",
  }),
  value: z.string().max(1000).meta({
    description:
      "The value, or a pattern of at most 200 signs that matches it as a whole. A label that is not there is empty.",
  }),
});

/** They are read with every batch of alerts, and stand in one row of the database. */
const maxMatchersBytes = 20_000;

const matchers = z
  .array(matcher)
  .max(20)
  .refine(
    (all) => new TextEncoder().encode(JSON.stringify(all)).length <= maxMatchersBytes,
    `must not be longer than ${maxMatchersBytes} bytes of JSON`,
  )
  .meta({ description: "All must match. None at all: every alert of the service." });

/** What people set. */
export const silenceInput = z
  .strictObject({
    matchers,
    startsAt: instant.optional().meta({ description: "Now when absent, or past. What has begun keeps its start." }),
    endsAt: instant.optional().meta({ description: "Either this or `duration`." }),
    duration: durationText(second, maxSilenceDays * day)
      .optional()
      .meta({ description: "From its start, or from now where it has begun: `2h`." }),
    comment: remark(1).meta({ description: "Why: whoever wonders at the quiet reads it." }),
  })
  .refine(({ endsAt, duration }) => (endsAt === undefined) !== (duration === undefined), {
    path: ["endsAt"],
    message: "give either `endsAt` or `duration`",
  });
export type SilenceInput = z.output<typeof silenceInput>;

export const silenceState = z.enum(["active", "pending", "expired"]);

export const silenceQuery = z.strictObject({
  ...pageQuery,
  serviceId: id.optional().meta({ description: "Only silences of this service." }),
  state: silenceState.optional().meta({ description: "Only those that hide now, will, or are over." }),
});

export const silence = z.object({
  id,
  serviceId: z.string(),
  matchers: z.array(z.object({ name: z.string(), op: z.string(), value: z.string() })),
  startsAt: instant,
  endsAt: instant.meta({ description: "Of one that was ended by hand, when." }),
  state: silenceState,
  endedEarly: z.boolean(),
  comment: z.string(),
  authorId: z.string(),
  authorName: z.string(),
  version: z.number().int(),
  createdAt: instant,
  updatedAt: instant,
});
export type SilenceView = z.output<typeof silence>;

export const silencePreviewInput = z.strictObject({ matchers });

const count = z.number().int().min(0);
const hiddenAlert = z.object({
  id,
  ruleName: z.string(),
  jobName: z.string(),
  severity,
  labels,
  state: z.enum(["pending", "firing", "resolved"]),
  openedAt: instant,
  updatedAt: instant,
});

export const silencePreview = z.object({
  now: z.object({
    alerts: count.meta({ description: "Fire now, and would not be told any more." }),
    listed: z.array(hiddenAlert).meta({ description: "The newest of them." }),
  }),
  lastDay: z.object({
    alerts: count.meta({ description: "Were told of in the last 24 hours, and would not have been." }),
    changes: count.meta({ description: "Beginnings, repeats and ends that would not have been told." }),
    listed: z.array(hiddenAlert.extend({ changes: count })).meta({ description: "The newest of them." }),
  }),
  complete: z.boolean().meta({ description: "False: there is more than was looked at; it is at least so much." }),
});
