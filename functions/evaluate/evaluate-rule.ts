// Evaluate step, core. In: one rule with what it remembers, one analysis result. Out: what changed, and why the rest is not told.
// Pure: the same state and result always give the same events with the same ids, so a redelivery changes nothing.
import type { AlertChange, AlertUpdate, AnalysisResult, ChangeKind } from "@logwatch/events";
import { fingerprint } from "../lib/labels.ts";
import type { RuleKind, Verdict } from "../rule-kinds/rule-kind.ts";
import type { SuppressReason } from "../storage/notifications.ts";
import type { AlertEvent, GapPolicy, RuleCommit, RuleState, TrackedSeries } from "../storage/rule-states.ts";
import { advance, forgetEpisode, hasEnded, recentTurns, type Signal } from "./alert-lifecycle.ts";
import { type Candidate, type Candidates, candidatesOf, newSeries } from "./rule-series.ts";

/** How many verdicts ended as what; `told` ones became changes of the update. */
export type Findings = Partial<Record<SuppressReason | "told", number>>;

export type Evaluation = {
  /** The state the next window of the same job is judged from. */
  state: RuleState;
  /** Null when there was nothing to do: the window was judged before. */
  commit: RuleCommit | null;
  update: AlertUpdate | null;
  findings: Findings;
};

/** One label set's verdict in words the lifecycle understands. */
type Judged = { candidate: Candidate; signal: Signal; value: number | null; why: string };

/** `toldBefore`: whether this very evaluation was already told (only asked for late revisions). */
export const evaluateRule = (
  state: RuleState,
  result: AnalysisResult,
  kind: RuleKind,
  toldBefore: boolean,
): Evaluation => {
  const isLate = state.evaluatedTo !== null && result.window.to <= state.evaluatedTo;
  const nothing: Evaluation = { state, commit: null, update: null, findings: {} };
  if (!isLate) return conclude(state, result, judgeWindow(state, result, kind), kind, false);
  const canConfirm = result.outcome === "complete" && result.revision > 0 && kind.monotone(state.rule.params);
  if (!canConfirm || toldBefore) return nothing;
  return conclude(state, result, judgeLateWindow(state, result, kind), kind, true);
};

/** Verdicts of every label set of the window, in the order of the series. */
const judgeWindow = (state: RuleState, result: AnalysisResult, kind: RuleKind): Judged[] => {
  const { rule } = state;
  const tracked = state.tracked.map((series) => skipGap(series, state.evaluatedTo, result));
  const candidates = candidatesOf(rule, kind, tracked, result);
  if (result.outcome === "failed") {
    const why = `no answer from the source: ${result.failure?.message ?? "unknown failure"}`;
    return judgeGap(candidates, rule.onFailure, why, rule.id, result);
  }
  if (result.measurements.length === 0) return judgeGap(candidates, rule.onNoData, "no data", rule.id, result);
  const series = [...candidates.values()].map((candidate) => candidate.series);
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

const signalOf = (candidate: Candidate, verdict: Verdict | undefined): Judged => {
  const value = candidate.series.points.at(-1)?.value ?? null;
  if (verdict) {
    const signal = verdict.breached ? "breached" : verdict.cleared ? "clear" : "between";
    return { candidate, signal, value: verdict.value, why: verdict.reason };
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
const judgeLateWindow = (state: RuleState, result: AnalysisResult, kind: RuleKind): Judged[] =>
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
      },
    ];
  });

/** Runs every verdict through its life and gathers what is left behind. */
const conclude = (
  state: RuleState,
  result: AnalysisResult,
  judged: Judged[],
  kind: RuleKind,
  late: boolean,
): Evaluation => {
  const { rule } = state;
  const evaluationId = `${rule.id}@${new Date(result.window.to).toISOString()}.${result.revision}`;
  const memory = kind.memory(rule.params);
  const tracked = new Map(state.tracked.map((series) => [series.fingerprint, series]));
  const commit: RuleCommit = {
    ruleId: rule.id,
    evaluationId,
    evaluatedTo: state.evaluatedTo ?? result.window.to,
    upserts: [],
    removals: [],
    events: [],
  };
  if (!late) commit.evaluatedTo = result.window.to;
  const findings: Findings = {};
  const count = (reason: SuppressReason | "told") => {
    findings[reason] = (findings[reason] ?? 0) + 1;
  };
  const changes: AlertChange[] = [];
  for (const one of judged) {
    const { before, series } = one.candidate;
    if (one.candidate.isNew && one.signal === "breached" && tracked.size >= rule.maxTracked) {
      count("capped");
      continue;
    }
    // A life goes forward only: late evidence about one that goes on already adds nothing to tell.
    if (late && before.state !== "ok") {
      count("not-due");
      continue;
    }
    const tick = { to: result.window.to, everyMs: result.everyMs, signal: one.signal, value: one.value, why: one.why };
    const step = advance(before, tick, rule);
    if (step.told || step.reason) count(step.told ? "told" : (step.reason ?? "not-due"));
    const next = remember(step.next, series, memory.points);
    if (step.told) changes.push(changeOf(next, step.told, late));
    if (next.state !== before.state || step.told) {
      commit.events.push(eventOf(before, next, result, evaluationId));
    }
    settle(
      commit,
      tracked,
      before,
      hasEnded(next) ? forgetEpisode(next) : next,
      result.window.to,
      rule.flappingMs,
      memory.quietMs,
    );
  }
  const next = { rule, evaluatedTo: commit.evaluatedTo, tracked: [...tracked.values()] };
  return {
    state: next,
    commit,
    update: changes.length > 0 ? updateOf(state, result, evaluationId, changes) : null,
    findings,
  };
};

const remember = (next: TrackedSeries, series: Candidate["series"], keep: number): TrackedSeries => ({
  ...next,
  lastSeenAt: series.lastSeenAt,
  points:
    keep === 0
      ? []
      : series.points.slice(-keep).map((point): [number, number | null] => [point.window.to, point.value]),
});

/** Stores a label set while there is something to remember of it, and lets go of it when there is not. */
const settle = (
  commit: RuleCommit,
  tracked: Map<string, TrackedSeries>,
  before: TrackedSeries,
  next: TrackedSeries,
  to: number,
  flappingMs: number,
  quietMs: number,
): void => {
  const isKnown = tracked.has(next.fingerprint);
  const isRemembered = quietMs > 0 && (next.lastSeenAt ?? next.firstSeenAt) > to - quietMs;
  const turns = recentTurns(next.turns, to, { flappingMs });
  if (next.state !== "ok" || isRemembered || turns.length > 0) {
    const kept = turns.length === next.turns.length ? next : { ...next, turns };
    if (!isKnown || !isSame(before, kept)) commit.upserts.push(kept);
    tracked.set(next.fingerprint, kept);
  } else if (isKnown) {
    commit.removals.push(next.fingerprint);
    tracked.delete(next.fingerprint);
  }
};

const isSame = (left: TrackedSeries, right: TrackedSeries): boolean => JSON.stringify(left) === JSON.stringify(right);

const changeOf = (next: TrackedSeries, kind: ChangeKind, late: boolean): AlertChange => ({
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

const eventOf = (
  before: TrackedSeries,
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
});

const updateOf = (
  state: RuleState,
  result: AnalysisResult,
  evaluationId: string,
  changes: AlertChange[],
): AlertUpdate => {
  const { rule } = state;
  return {
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
  };
};
