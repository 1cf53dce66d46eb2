// `alert.updated`: everything one evaluation of one rule changed, for all its label sets at once. Made by evaluate; read by notify.
import * as z from "zod";
import { envelope } from "./envelope.ts";
import { instant, window } from "./instant.ts";
import { labels } from "./measurement.ts";

export const severity = z.enum(["info", "warning", "critical"]);
export type Severity = z.infer<typeof severity>;

export const alertState = z.enum(["ok", "pending", "firing", "resolved"]);
export type AlertState = z.infer<typeof alertState>;

/** What makes a label set worth telling: it began, ended, or is still firing after the repeat interval. */
export const changeKind = z.enum(["opened", "resolved", "repeat"]);
export type ChangeKind = z.infer<typeof changeKind>;

export const alertChange = z.object({
  alertId: z.string().meta({ description: "One episode: fingerprint and the window end that opened it." }),
  fingerprint: z.string().meta({ description: "The rule and one label set, hashed." }),
  sequence: z.number().int().min(1).meta({ description: "Counts the told changes of this fingerprint." }),
  kind: changeKind,
  labels,
  value: z.number().nullable().meta({ description: "The value judged; null when data is missing." }),
  why: z.string().meta({ description: "The verdict's reason in words, e.g. `12 > 10`." }),
  since: instant.meta({ description: "End of the first breached window of this episode." }),
  late: z.boolean().meta({ description: "True when the evidence arrived after its window was first judged." }),
});
export type AlertChange = z.output<typeof alertChange>;

export const alertUpdate = z.object({
  evaluationId: z.string().meta({ description: "`ruleId@to.revision`." }),
  ruleId: z.string(),
  ruleName: z.string(),
  jobId: z.string(),
  jobName: z.string(),
  serviceId: z.string(),
  serviceName: z.string(),
  severity,
  window,
  revision: z.number().int().min(0),
  changes: z.array(alertChange).min(1),
  examples: z.array(z.string()),
  destinationIds: z.array(z.string()),
  maxExamples: z.number().int().positive(),
});
export type AlertUpdate = z.output<typeof alertUpdate>;

export const alertUpdated = envelope("alert.updated", alertUpdate);
export type AlertUpdated = z.output<typeof alertUpdated>;
