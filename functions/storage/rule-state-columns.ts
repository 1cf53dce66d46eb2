// What the `body` columns of rules, alerts, alert events and episodes hold, and how it is read back.
import { alertState, changeKind, labels, severity } from "@logwatch/events";
import * as z from "zod";
import { digest } from "../lib/labels.ts";
import type { Episode } from "./alerts.ts";
import { jsonColumn, sharedJsonColumn } from "./json-column.ts";
import type { AlertEvent, Rule, TrackedSeries } from "./rule-states.ts";

const gapPolicy = z.enum(["alert", "ok", "keep"]);

const rule: z.ZodType<Rule> = z.object({
  id: z.string(),
  jobId: z.string(),
  name: z.string(),
  kind: z.string(),
  params: z.record(z.string(), z.unknown()),
  severity,
  holdMs: z.number(),
  clearAfterMs: z.number(),
  repeatMs: z.number(),
  repeatGrowth: z.number(),
  tellResolved: z.boolean(),
  onFailure: gapPolicy,
  onNoData: gapPolicy,
  maxExamples: z.number(),
  maxTracked: z.number(),
  flappingChanges: z.number(),
  flappingMs: z.number(),
  destinationIds: z.array(z.string()),
});
export const ruleOf = sharedJsonColumn(rule);

const series: z.ZodType<TrackedSeries> = z.object({
  fingerprint: z.string(),
  ruleId: z.string(),
  labels,
  state: alertState,
  alertId: z.string().nullable(),
  episode: z
    .object({
      openedAt: z.number(),
      firedAt: z.number().nullable(),
      resolvedAt: z.number().nullable(),
      isLate: z.boolean().optional(),
    })
    .optional(),
  since: z.number().nullable(),
  isProvisional: z.boolean().optional(),
  lastBreachAt: z.number().nullable(),
  lastToldAt: z.number().nullable(),
  repeats: z.number(),
  sequence: z.number(),
  turns: z.array(z.number()),
  value: z.number().nullable(),
  why: z.string(),
  firstSeenAt: z.number(),
  lastSeenAt: z.number().nullable(),
  points: z.array(z.tuple([z.number(), z.number().nullable()])),
});
export const seriesOf = jsonColumn(series);

const event: z.ZodType<AlertEvent> = z.object({
  alertId: z.string(),
  fingerprint: z.string(),
  ruleId: z.string(),
  jobId: z.string(),
  labels,
  at: z.number(),
  sequence: z.number(),
  from: alertState,
  to: alertState,
  value: z.number().nullable(),
  why: z.string(),
  evaluationId: z.string(),
  told: changeKind.nullable(),
  late: z.boolean(),
});
export const eventOf = jsonColumn(event);

const episode: z.ZodType<Episode> = z.object({
  alertId: z.string(),
  fingerprint: z.string(),
  ruleId: z.string(),
  ruleName: z.string(),
  jobId: z.string(),
  jobName: z.string(),
  serviceId: z.string(),
  serviceName: z.string(),
  severity,
  labels,
  state: z.enum(["pending", "firing", "resolved"]),
  value: z.number().nullable(),
  why: z.string(),
  sequence: z.number(),
  openedAt: z.number(),
  firedAt: z.number().nullable(),
  resolvedAt: z.number().nullable(),
  updatedAt: z.number(),
  late: z.boolean(),
});
export const episodeOf = jsonColumn(episode);

/** One evaluation takes a label set through a state at most once. */
export const alertEventId = (event: AlertEvent): string =>
  digest(JSON.stringify([event.evaluationId, event.fingerprint, event.from, event.to, event.sequence]));
