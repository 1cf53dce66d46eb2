// Evaluate step: from verdicts to what is left behind. Runs each label set through its life and gathers the changes to tell, the
// timeline, what to remember and the books. Pure.
import type { AlertChange, AlertUpdate, AnalysisResult } from "@logwatch/events";
import type { RuleKind } from "../rule-kinds/rule-kind.ts";
import type { SuppressReason } from "../storage/notifications.ts";
import type { RuleCommit, RuleState, TrackedSeries } from "../storage/rule-states.ts";
import { advance, forgetEpisode, hasEnded, recentTurns, type Signal, type Step } from "./alert-lifecycle.ts";
import { changeOf, episodeOf, eventOf, updateOf } from "./alert-records.ts";
import type { Candidate } from "./rule-series.ts";

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

/**
 * One label set's verdict in words the lifecycle understands. `isFollowed`: late evidence of a time when the label set was an
 * alert (or about to be one) already.
 */
export type Judged = {
  candidate: Candidate;
  signal: Signal;
  value: number | null;
  why: string;
  /** How far past the limit, see Verdict. */
  excess?: number | undefined;
  isFollowed?: boolean;
};

type Memory = ReturnType<RuleKind["memory"]>;

/** What the evaluation gathers on its way. */
type Gathered = {
  tracked: Map<string, TrackedSeries>;
  commit: RuleCommit;
  findings: Findings;
  changes: AlertChange[];
};

/** `late`: the window was judged before, and this is further evidence. */
export const conclude = (
  state: RuleState,
  result: AnalysisResult,
  judged: readonly Judged[],
  memory: Memory,
  late: boolean,
): Evaluation => {
  const evaluationId = evaluationIdOf(state.rule.id, result);
  const evaluatedTo = late && state.evaluatedTo !== null ? state.evaluatedTo : result.window.to;
  const gathered: Gathered = {
    tracked: new Map(state.tracked.map((series) => [series.fingerprint, series])),
    commit: {
      ruleId: state.rule.id,
      evaluationId,
      evaluatedTo,
      upserts: [],
      removals: [],
      events: [],
      episodes: [],
      unfired: [],
    },
    findings: {},
    changes: [],
  };
  // The worst first: they are followed when there are more than may be, and named first in the message.
  const worstFirst = [...judged].sort((left, right) => (right.excess ?? 0) - (left.excess ?? 0));
  for (const one of worstFirst) concludeOne(gathered, state, result, one, memory, late);
  const { tracked, commit, findings, changes } = gathered;
  return {
    state: { rule: state.rule, evaluatedTo, tracked: [...tracked.values()] },
    commit,
    update: changes.length > 0 ? updateOf(state, result, evaluationId, changes) : null,
    findings,
  };
};

/** `ruleId@to.revision`. */
export const evaluationIdOf = (ruleId: string, result: Pick<AnalysisResult, "window" | "revision">): string =>
  `${ruleId}@${new Date(result.window.to).toISOString()}.${result.revision}`;

const concludeOne = (
  { tracked, commit, findings, changes }: Gathered,
  { rule, evaluatedTo }: RuleState,
  result: AnalysisResult,
  { candidate, signal, value, why, isFollowed }: Judged,
  memory: Memory,
  late: boolean,
): void => {
  const count = (reason: SuppressReason | "told") => {
    findings[reason] = (findings[reason] ?? 0) + 1;
  };
  const { before, series, isNew } = candidate;
  if (isNew && (signal === "breached" || memory.quietMs > 0) && tracked.size >= rule.maxTracked) {
    count("capped");
    return;
  }
  // A life goes forward only: late evidence about an alert that is there, or was there then, adds nothing to tell.
  if (late && (isFollowed || (before.state !== "ok" && !isNextBreach(before, result)))) {
    count("not-due");
    return;
  }
  const { to } = result.window;
  const step = advance(before, { to, everyMs: result.everyMs, signal, value, why }, rule);
  if (step.told) count("told");
  else if (step.reason) count(step.reason);
  const remembered = remember(step.next, series, memory.points);
  const isProvisional = late && step.next.state === "pending" && to < (evaluatedTo ?? to);
  const next = {
    ...remembered,
    ...(isProvisional ? { isProvisional } : {}),
    ...(late && remembered.episode ? { episode: { ...remembered.episode, isLate: true } } : {}),
  };
  if (step.told) changes.push(changeOf(next, step.told, late));
  if (next.state !== before.state || step.told) {
    commit.events.push(eventOf(before, step.told, late, next, result, commit.evaluationId));
    if (next.state !== "ok") commit.episodes.push(episodeOf(rule, next, result));
  }
  noteUnfired(commit, before, tracked.get(next.fingerprint), next);
  const after = hasEnded(next) ? forgetEpisode(next) : next;
  const turns = recentTurns(after.turns, to, rule);
  keepOrForget(commit, tracked, turns.length === after.turns.length ? after : { ...after, turns }, to, memory);
};

/** What was pending and is no more: by a turn of its own, or forgotten because it was pending by late evidence alone. */
const noteUnfired = (
  commit: RuleCommit,
  before: TrackedSeries,
  stored: TrackedSeries | undefined,
  next: TrackedSeries,
): void => {
  for (const { state, alertId } of new Set([before, stored ?? before]))
    if (state === "pending" && alertId !== null && alertId !== next.alertId) commit.unfired.push(alertId);
};

/** Windows asked again after an outage come one after another: a breach may hold in them as it would have in time. */
const isNextBreach = ({ state, lastBreachAt }: TrackedSeries, { window, everyMs }: AnalysisResult): boolean =>
  state === "pending" && lastBreachAt !== null && window.to - lastBreachAt === everyMs;

const remember = (next: Step["next"], series: Candidate["series"], keep: number): TrackedSeries => {
  const points = series.points.slice(-keep).map((point): [number, number | null] => [point.window.to, point.value]);
  return { ...next, lastSeenAt: series.lastSeenAt, points: keep === 0 ? [] : points };
};

/** Stores a label set while there is something to remember of it, and lets go of it when there is not. */
const keepOrForget = (
  commit: RuleCommit,
  tracked: Map<string, TrackedSeries>,
  after: TrackedSeries,
  to: number,
  memory: Memory,
): void => {
  const stored = tracked.get(after.fingerprint);
  const isRemembered = memory.quietMs > 0 && (after.lastSeenAt ?? after.firstSeenAt) > to - memory.quietMs;
  if (after.state !== "ok" || isRemembered || after.turns.length > 0) {
    if (!stored || !isSame(stored, after)) commit.upserts.push(after);
    tracked.set(after.fingerprint, after);
  } else if (stored) {
    commit.removals.push(after.fingerprint);
    tracked.delete(after.fingerprint);
  }
};

const isSame = (left: TrackedSeries, right: TrackedSeries): boolean => JSON.stringify(left) === JSON.stringify(right);
