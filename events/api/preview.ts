// The preview of rules: what rules that are not saved would have done over the stored history of a job.
import * as z from "zod";
import { alertState, severity } from "../alert-updated.ts";
import { durationText } from "../duration.ts";
import { instant, window } from "../instant.ts";
import { labels } from "../measurement.ts";
import { message } from "../notification-requested.ts";
import { id, name } from "./id.ts";

const day = 86_400_000;
const gapPolicy = z.enum(["keep", "alert", "ok"]);

/** A rule before it is saved: the fields of a watch file's rule, but destinations are named by their ids. */
export const previewedRule = z.strictObject({
  name,
  kind: z.string().max(100).meta({ description: "Id of a rule kind: `threshold`, `absence`." }),
  params: z.record(z.string().max(100), z.unknown()).meta({ description: "Limits, as the rule kind's schema says." }),
  severity: severity.default("warning"),
  hold: durationText(0, 7 * day)
    .prefault("0s")
    .meta({ description: "Must breach for this long before it fires." }),
  clearAfter: durationText(0, 7 * day)
    .prefault("0s")
    .meta({ description: "Must be clear for this long before it is resolved." }),
  repeat: durationText(0, 7 * day)
    .prefault("4h")
    .meta({ description: "Tell again while it fires; `0s`: never." }),
  repeatGrowth: z
    .number()
    .min(1)
    .max(10)
    .default(2)
    .meta({ description: "Each repeat gap is this many times the last." }),
  tellResolved: z.boolean().default(true).meta({ description: "Whether the end is told." }),
  onFailure: gapPolicy.default("keep").meta({ description: "When the source gave no answer." }),
  onNoData: gapPolicy.default("keep").meta({ description: "When the answer holds no measurement at all." }),
  maxExamples: z.number().int().min(1).max(50).default(10).meta({ description: "Most label sets in one message." }),
  maxTracked: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(1000)
    .meta({ description: "Most label sets followed at once." }),
  flapping: z
    .strictObject({
      changes: z.number().int().min(0).max(1000).default(6),
      within: durationText(1000, 7 * day).prefault("1h"),
    })
    .prefault({})
    .meta({
      description: "This many turns within this time: told once, then quiet until it is steady. 0 changes: off.",
    }),
  destinations: z
    .array(id)
    .max(20)
    .default([])
    .meta({ description: "Ids of destinations; with none, the messages are shown as told to nobody yet." }),
});
export type PreviewedRule = z.output<typeof previewedRule>;

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
    .array(previewedRule)
    .min(1)
    .max(20)
    .meta({ description: "Judged together, and alone: saved rules take no part." }),
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
