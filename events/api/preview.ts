// The preview of rules: what rules that are not saved would have done over the stored history of a job.
import * as z from "zod";
import { alertState } from "../alert-updated.ts";
import { instant, window } from "../instant.ts";
import { labels } from "../measurement.ts";
import { message } from "../notification-requested.ts";
import { ruleChange } from "./rule.ts";

/** What is stored as it was measured, window by window; older history is thinned. */
export const maxPreviewHours = 168;

export const rulePreviewInput = z.strictObject({
  hours: z
    .number()
    .int()
    .min(1)
    .max(maxPreviewHours)
    .default(24)
    .meta({ description: "How much of the newest history, in hours." }),
  rules: z
    .array(ruleChange)
    .min(1)
    .max(20)
    .meta({ description: "As they would be saved. Judged together, turned on or not; saved rules take no part." }),
});

const count = z.number().int().min(0);
const moment = instant.nullable();

const previewedAlert = z.object({
  ruleName: z.string(),
  labels,
  state: alertState.meta({ description: "At the end of the preview. `ok`: it was pending and never fired." }),
  pendingAt: moment.meta({ description: "End of the first window that breached; null when it fired at once." }),
  firingAt: moment.meta({ description: "When it first fired; null: never." }),
  resolvedAt: moment,
  fired: count.meta({ description: "How often it fired: more than once when it flapped." }),
  value: z.number().nullable(),
  why: z.string(),
});

const previewedMessage = z.object({
  at: instant.meta({ description: "When it would have been told: the window's end plus the job's delay." }),
  ruleName: z.string(),
  destinationId: z.string().nullable().meta({ description: "Null: nobody would hear it yet." }),
  reason: z.string().meta({ description: "Why it would not be sent; empty when it would." }),
  message: message.meta({ description: "Without log lines: history holds none." }),
});

export const rulePreview = z.object({
  asked: window,
  judged: window
    .nullable()
    .meta({ description: "From the first window to the last that was judged; null: there is no history." }),
  windows: z.object({ due: count, complete: count, failed: count, missing: count }),
  cut: z.array(z.object({ reason: z.enum(["too-long", "too-many-windows", "out-of-time"]), windows: count })).meta({
    description: "What was not looked at: the oldest windows where they are too many, the newest when time is up.",
  }),
  verdicts: count,
  alerts: z.object({
    total: count,
    fired: count,
    resolved: count,
    neverFired: count.meta({ description: "Pending, and over before they fired." }),
    open: count.meta({ description: "Pending or firing at the end." }),
    listed: z.array(previewedAlert).meta({ description: "The first of them." }),
  }),
  messages: z.object({
    total: count,
    sent: count,
    suppressed: count.meta({ description: "Above a destination's limit of messages an hour." }),
    toNobody: count.meta({ description: "There is no destination that would hear them." }),
    listed: z.array(previewedMessage).meta({ description: "The first of them." }),
  }),
  books: z
    .object({ findings: count, sent: count, pending: count, suppressed: z.record(z.string(), count) })
    .meta({ description: "Every verdict: told, or silent for a reason. findings = sent + pending + all suppressed." }),
});
export type RulePreview = z.output<typeof rulePreview>;
