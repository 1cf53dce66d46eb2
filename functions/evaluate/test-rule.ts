// For tests: one rule, results of its job a minute apart, and what a row of them tells.
import type { AnalysisResult, Measurement } from "@logwatch/events";
import { threshold } from "../rule-kinds/index.ts";
import type { Rule, RuleState } from "../storage/rule-states.ts";
import { evaluateRule } from "./evaluate-rule.ts";

export const minute = 60_000;

const rule = (over: Partial<Rule> = {}): Rule => ({
  id: "rule",
  jobId: "job",
  name: "many failures",
  kind: "threshold",
  params: { measurement: "failures_by_user", op: "gt", limit: 10 },
  severity: "critical",
  holdMs: 0,
  clearAfterMs: 0,
  repeatMs: 0,
  repeatGrowth: 2,
  tellResolved: true,
  onFailure: "keep",
  onNoData: "keep",
  maxExamples: 10,
  maxTracked: 100,
  flappingChanges: 0,
  flappingMs: 60 * minute,
  destinationIds: ["mail"],
  ...over,
});

export const fresh = (over: Partial<Rule> = {}): RuleState => ({ rule: rule(over), evaluatedTo: null, tracked: [] });

export const byUser = (counts: Record<string, number>): Measurement[] => [
  { name: "failures", labels: {}, value: Object.values(counts).reduce((sum, count) => sum + count, 0), unit: "count" },
  ...Object.entries(counts).map(([user, value]) => ({
    name: "failures_by_user",
    labels: { user },
    value,
    unit: "count" as const,
  })),
];

export const result = (
  slot: number,
  measurements: Measurement[],
  over: Partial<AnalysisResult> = {},
): AnalysisResult => ({
  slotId: `job@${slot}`,
  jobId: "job",
  jobName: "logins",
  analysis: "failed-logins",
  serviceId: "auth",
  serviceName: "auth",
  window: { from: (slot - 1) * minute, to: slot * minute },
  everyMs: minute,
  delayMs: 0,
  revision: 0,
  reason: "due",
  outcome: "complete",
  failure: null,
  measurements,
  views: [],
  examples: [],
  truncated: [],
  finishedAt: slot * minute,
  ...over,
});

export const failedResult = (slot: number): AnalysisResult =>
  result(slot, [], { outcome: "failed", failure: { kind: "overloaded", message: "503", retryable: true } });

/** Plays results in order; what was told in each, as `kind user`. */
export const play = (results: AnalysisResult[], state: RuleState = fresh()): { told: string[][]; state: RuleState } => {
  let now = state;
  const told = results.map((one) => {
    const evaluation = evaluateRule(now, one, threshold, []);
    now = evaluation.state;
    return (evaluation.update?.changes ?? []).map((change) => `${change.kind} ${change.labels.user ?? "*"}`);
  });
  return { told, state: now };
};
