// Which log lines stand behind an alert: what its job asks, narrowed to the alert's own label set, over the time it lasted. Pure.
import type { Window } from "@logwatch/events";
import * as analysisPlugins from "../../analyses/index.ts";
import { registry } from "../../lib/registry.ts";
import { fail, ok, type Result } from "../../lib/result.ts";
import * as ruleKindPlugins from "../../rule-kinds/index.ts";
import type { Alert } from "../../storage/alerts.ts";
import type { JobRecord, RuleRecord, Stored } from "../../storage/configuration.ts";
import { type Refusal, refuse } from "../refusal.ts";

const analyses = registry("analysis", analysisPlugins);
const ruleKinds = registry("rule kind", ruleKindPlugins);

/** No log store is asked about more at once: of an alert that lasts longer, the newest of it. */
const longestMs = 31 * 86_400_000;

/** `filters`: clauses beside the service's own filter. */
export type EvidenceQuestion = { measurement: string; filters: string[]; window: Window; jobChanged: boolean };

export const evidenceQuestion = (
  alert: Alert,
  { item: job, updatedAt }: Stored<JobRecord>,
  rule: RuleRecord | undefined,
  now: number,
): Result<EvidenceQuestion, Refusal> => {
  if (!rule) return fail(unknown("The rule of this alert is gone."));
  const analysis = analyses.find(job.analysis);
  const kind = ruleKinds.find(rule.kind);
  if (!analysis?.params.safeParse(job.params).success) return fail(unknown("The job's analysis is not what it was."));
  if (!kind?.params.safeParse(rule.params).success) return fail(unknown("The alert's rule is not what it was."));
  const { name } = kind.watches(rule.params);
  const window = windowOf(alert, job, updatedAt, now);
  const own = analysis.question(job.params, window).filter ?? "";
  const behind = analysis.evidence(job.params, { name, labels: alert.labels });
  const filters = [...new Set([own, ...behind])].filter((clause) => clause !== "" && clause !== "*");
  return ok({ measurement: name, filters, window, jobChanged: updatedAt > alert.updatedAt });
};

/**
 * From the start of the first window that breached to the end of the last one. An alert that is over ended with the first clear window:
 * the one before it was the last, unless the job had another interval then.
 */
const windowOf = (
  { openedAt, resolvedAt, updatedAt }: Alert,
  { everyMs, windowMs }: JobRecord,
  changedAt: number,
  now: number,
): Window => {
  const before = changedAt > updatedAt ? 0 : everyMs;
  const to = resolvedAt === null ? Math.max(openedAt, now) : Math.max(openedAt, resolvedAt - before);
  return { from: Math.max(0, openedAt - windowMs, to - longestMs), to };
};

const unknown = (what: string): Refusal =>
  refuse(409, "evidence-unknown", `${what} Nobody can tell any more which log lines it counted.`);
