// Evaluate step, core. In: one rule with what it remembers, one analysis result. Out: what changed, and why the rest is not told.
// Pure: the same state and result always give the same events with the same ids, so a redelivery changes nothing.
import type { AnalysisResult } from "@logwatch/events";
import { fingerprint } from "../lib/labels.ts";
import type { RuleKind, Verdict } from "../rule-kinds/rule-kind.ts";
import type { AlertEvent, GapPolicy, RuleState, TrackedSeries } from "../storage/rule-states.ts";
import { forgetEpisode, type Signal } from "./alert-lifecycle.ts";
import { conclude, type Evaluation, evaluationIdOf, type Judged } from "./conclude-evaluation.ts";
import { type Candidate, type Candidates, candidatesOf, newSeries } from "./rule-series.ts";

/** `timeline`: the rule's own from the result's window on (only needed for late revisions); in any order. */
export const evaluateRule = (
  state: RuleState,
  result: AnalysisResult,
  kind: RuleKind,
  timeline: readonly AlertEvent[],
): Evaluation => {
  const isLate = state.evaluatedTo !== null && result.window.to <= state.evaluatedTo;
  const nothing: Evaluation = { state, commit: null, update: null, findings: {} };
  if (!isLate) return conclude(state, result, judgeWindow(state, result, kind), kind.memory(state.rule.params), false);
  const canConfirm = result.outcome === "complete" && result.revision > 0 && kind.monotone(state.rule.params);
  const evaluationId = evaluationIdOf(state.rule.id, result);
  if (!canConfirm || timeline.some((event) => event.evaluationId === evaluationId)) return nothing;
  return conclude(state, result, judgeLateWindow(state, result, kind, timeline), kind.memory(state.rule.params), true);
};

/** Verdicts of every label set of the window, in the order of the series. */
const judgeWindow = (state: RuleState, result: AnalysisResult, kind: RuleKind): Judged[] => {
  const { rule } = state;
  const tracked = state.tracked.map((series) =>
    series.isProvisional ? forgetEpisode(series) : skipGap(series, state.evaluatedTo, result),
  );
  const candidates = candidatesOf(rule, kind, tracked, result);
  if (result.outcome === "failed") {
    const why = `no answer from the source: ${result.failure?.message ?? "unknown failure"}`;
    return judgeGap(candidates, rule.onFailure, why, rule.id, result);
  }
  if (result.measurements.length === 0) return judgeGap(candidates, rule.onNoData, "no data", rule.id, result);
  const series = [...candidates.values()].map((candidate) => candidate.series).filter((one) => !isUnmeasuredWhole(one));
  const verdicts = new Map(
    kind.judge(rule.params, series, result.window.to).map((verdict) => [fingerprint(rule.id, verdict.labels), verdict]),
  );
  const judged = [...candidates].map(([id, candidate]) => signalOf(candidate, verdicts.get(id)));
  for (const [id, verdict] of verdicts) {
    // A label set that was expected and never heard of has a verdict without a series.
    if (!candidates.has(id)) judged.push(signalOf(newcomer(rule.id, id, verdict, result), verdict));
  }
  return judged;
};

/** Slots between the last judged window and this one have no result: time in which nothing is known. */
const skipGap = (series: TrackedSeries, evaluatedTo: number | null, result: AnalysisResult): TrackedSeries => {
  const gapMs = evaluatedTo === null ? 0 : result.window.to - evaluatedTo - result.everyMs;
  if (gapMs <= 0) return series;
  return {
    ...series,
    since: series.state === "pending" && series.since !== null ? series.since + gapMs : series.since,
    lastBreachAt:
      series.state === "firing" && series.lastBreachAt !== null ? series.lastBreachAt + gapMs : series.lastBreachAt,
    points: series.points.length > 0 ? [...series.points, [result.window.to - result.everyMs, null]] : series.points,
  };
};

/** The label set of an alert about missing data, of a rule that watches others: its kind has nothing to judge it by. */
const isUnmeasuredWhole = ({ labels, points }: Candidate["series"]): boolean =>
  Object.keys(labels).length === 0 && points.at(-1)?.value === null;

const signalOf = (candidate: Candidate, verdict: Verdict | undefined): Judged => {
  const value = candidate.series.points.at(-1)?.value ?? null;
  if (verdict) {
    const signal = verdict.breached ? "breached" : verdict.cleared ? "clear" : "between";
    return { candidate, signal, value: verdict.value, why: verdict.reason, excess: verdict.excess };
  }
  // The alert about missing data has no labels; data that is there again ends it.
  const isWhole = Object.keys(candidate.before.labels).length === 0;
  return isWhole
    ? { candidate, signal: "clear", value, why: "there is data again" }
    : { candidate, signal: "gap", value, why: "" };
};

const newcomer = (ruleId: string, id: string, verdict: Pick<Verdict, "labels">, result: AnalysisResult): Candidate => ({
  before: newSeries(ruleId, id, verdict.labels, result.window.to),
  series: { labels: verdict.labels, lastSeenAt: null, firstSeenAt: result.window.to, points: [] },
  isNew: true,
});

/** A window without data, by the rule's policy: keep everything as it is, call it ok, or make it an alert of its own. */
const judgeGap = (
  candidates: Candidates,
  policy: GapPolicy,
  why: string,
  ruleId: string,
  result: AnalysisResult,
): Judged[] => {
  const signal: Signal = policy === "ok" ? "clear" : "gap";
  const whole = fingerprint(ruleId, {});
  const judged: Judged[] = [...candidates]
    .filter(([id]) => policy !== "alert" || id !== whole)
    .map(([, candidate]) => ({ candidate, signal, value: null, why }));
  if (policy !== "alert") return judged;
  const candidate = candidates.get(whole) ?? newcomer(ruleId, whole, { labels: {} }, result);
  return [...judged, { candidate, signal: "breached", value: null, why }];
};

/** Late evidence can only confirm: label sets that breached in a window already judged and are not alerts yet. */
const judgeLateWindow = (
  state: RuleState,
  result: AnalysisResult,
  kind: RuleKind,
  timeline: readonly AlertEvent[],
): Judged[] =>
  [...candidatesOf(state.rule, kind, [], result).values()].flatMap((candidate) => {
    const [verdict] = kind.judge(state.rule.params, [candidate.series], result.window.to);
    if (!verdict?.breached) return [];
    const before = state.tracked.find((series) => series.fingerprint === candidate.before.fingerprint);
    const isNew = before === undefined;
    return [
      {
        candidate: { ...candidate, before: before ?? candidate.before, isNew },
        signal: "breached" as const,
        value: verdict.value,
        why: verdict.reason,
        excess: verdict.excess,
        isFollowed: wasFollowed(candidate.before.fingerprint, result.window.to, timeline),
      },
    ];
  });

/**
 * True when the label set was pending or firing at that moment: the episode of that time was followed, and may be over by now.
 * The first turn from the moment on tells: it leaves an episode, or begins one in this very window.
 */
const wasFollowed = (fingerprint: string, at: number, timeline: readonly AlertEvent[]): boolean => {
  const turns = timeline.filter((event) => event.fingerprint === fingerprint && event.at >= at);
  const first = turns.reduce<AlertEvent | undefined>(
    (next, event) => (next && next.at <= event.at ? next : event),
    undefined,
  );
  return first !== undefined && (first.from !== "ok" || first.at === at);
};
