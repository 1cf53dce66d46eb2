// Evaluate step: what one turn of an alert leaves behind, as data: the change to tell, the line of its timeline, the alert as it is
// listed, and the update that carries all changes of one evaluation. Pure.
import type { AlertChange, AlertUpdate, AnalysisResult, ChangeKind } from "@logwatch/events";
import type { Episode } from "../storage/alerts.ts";
import type { AlertEvent, Rule, RuleState, TrackedSeries } from "../storage/rule-states.ts";

export const changeOf = (next: TrackedSeries, kind: ChangeKind, late: boolean): AlertChange => ({
  alertId: next.alertId ?? next.fingerprint,
  fingerprint: next.fingerprint,
  sequence: next.sequence,
  kind,
  labels: next.labels,
  value: next.value,
  why: next.why,
  since: next.since ?? 0,
  late,
});

export const eventOf = (
  before: TrackedSeries,
  told: ChangeKind | null,
  late: boolean,
  next: TrackedSeries,
  result: AnalysisResult,
  evaluationId: string,
): AlertEvent => ({
  alertId: next.alertId ?? before.alertId ?? next.fingerprint,
  fingerprint: next.fingerprint,
  ruleId: next.ruleId,
  jobId: result.jobId,
  labels: next.labels,
  at: result.window.to,
  sequence: next.sequence,
  from: before.state,
  to: next.state,
  value: next.value,
  why: next.why,
  evaluationId,
  told,
  late,
});

/** The alert as the window leaves it; not for a label set that is ok. */
export const episodeOf = (rule: Rule, next: TrackedSeries, result: AnalysisResult): Episode => ({
  alertId: next.alertId ?? next.fingerprint,
  fingerprint: next.fingerprint,
  ruleId: rule.id,
  ruleName: rule.name,
  jobId: result.jobId,
  jobName: result.jobName,
  serviceId: result.serviceId,
  serviceName: result.serviceName,
  severity: rule.severity,
  labels: next.labels,
  state: next.state === "firing" || next.state === "resolved" ? next.state : "pending",
  value: next.value,
  why: next.why,
  sequence: next.sequence,
  openedAt: next.episode?.openedAt ?? result.window.to,
  firedAt: next.episode?.firedAt ?? null,
  resolvedAt: next.episode?.resolvedAt ?? null,
  updatedAt: result.window.to,
  late: next.episode?.isLate ?? false,
});

export const updateOf = (
  { rule }: RuleState,
  result: AnalysisResult,
  evaluationId: string,
  changes: AlertChange[],
): AlertUpdate => ({
  evaluationId,
  ruleId: rule.id,
  ruleName: rule.name,
  jobId: result.jobId,
  jobName: result.jobName,
  serviceId: result.serviceId,
  serviceName: result.serviceName,
  severity: rule.severity,
  window: result.window,
  revision: result.revision,
  changes,
  examples: result.examples,
  destinationIds: rule.destinationIds,
  maxExamples: rule.maxExamples,
});
