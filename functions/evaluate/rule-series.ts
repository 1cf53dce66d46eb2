// Evaluate step: the series a rule kind judges, built from one result and what is remembered of each label set. Pure.
import type { AnalysisResult, Labels } from "@logwatch/events";
import { fingerprint } from "../lib/labels.ts";
import { isWatched, type RuleKind, type Series } from "../rule-kinds/rule-kind.ts";
import type { Rule, TrackedSeries } from "../storage/rule-states.ts";

/** A label set as it is before this window was judged: remembered, or seen for the first time. */
export type Candidate = { before: TrackedSeries; series: Series; isNew: boolean };

/** Keyed by fingerprint. */
export type Candidates = Map<string, Candidate>;

/** Label sets of a complete result: those it holds, and those remembered that it does not. */
export const candidatesOf = (
  rule: Rule,
  kind: RuleKind,
  tracked: readonly TrackedSeries[],
  result: AnalysisResult,
): Candidates => {
  const remembered = new Map(tracked.map((series) => [series.fingerprint, series]));
  const watches = kind.watches(rule.params);
  const candidates: Candidates = new Map();
  const add = (before: TrackedSeries, value: number | null, isNew: boolean) => {
    const seen = value !== null && value > 0 ? result.window.to : before.lastSeenAt;
    const points = [
      ...before.points.map(([to, past]) => ({ window: { from: to - result.everyMs, to }, value: past })),
      { window: result.window, value },
    ];
    const series = { labels: before.labels, lastSeenAt: seen, firstSeenAt: before.firstSeenAt, points };
    candidates.set(before.fingerprint, { before, series, isNew });
  };
  for (const measurement of result.measurements) {
    if (!isWatched(watches, measurement)) continue;
    const id = fingerprint(rule.id, measurement.labels);
    const before = remembered.get(id);
    add(before ?? newSeries(rule.id, id, measurement.labels, result.window.to), measurement.value, !before);
  }
  for (const before of tracked) {
    if (!candidates.has(before.fingerprint)) add(before, absentValue(before.labels, watches.name, result), false);
  }
  return candidates;
};

/**
 * What it means that a complete result does not hold a label set that is remembered. Groups are counted in the store, and a
 * group without logs is not listed: it is zero, unless the list of this very measurement was cut. The whole (no labels) is always listed.
 */
const absentValue = (labels: Labels, name: string, result: AnalysisResult): number | null => {
  if (Object.keys(labels).length === 0) return null;
  return result.truncated.includes(name) || result.measurements.length === 0 ? null : 0;
};

/** A label set nothing is known of yet. */
export const newSeries = (ruleId: string, id: string, labels: Labels, to: number): TrackedSeries => ({
  fingerprint: id,
  ruleId,
  labels,
  state: "ok",
  alertId: null,
  since: null,
  lastBreachAt: null,
  lastToldAt: null,
  repeats: 0,
  sequence: 0,
  turns: [],
  value: null,
  why: "",
  firstSeenAt: to,
  lastSeenAt: null,
  points: [],
});
