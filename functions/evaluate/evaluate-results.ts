// Evaluate step, the batch. In: `analysis.finished`. Out: `alert.updated`, alert states, the books of what was not told.
// Order matters: load (one call) → decide → publish → commit. A crash before the commit repeats the same decision with the same ids.
import type { AlertUpdated, AnalysisFinished } from "@logwatch/events";
import type { Emit, Keyed } from "../lib/emit.ts";
import type { RuleKind } from "../rule-kinds/rule-kind.ts";
import type { Episode } from "../storage/alerts.ts";
import type { FindingRecord, FindingStore } from "../storage/findings.ts";
import type { SuppressReason } from "../storage/notifications.ts";
import type { AlertEvent, RuleCommit, RuleState, RuleStateStore } from "../storage/rule-states.ts";
import type { Evaluation } from "./conclude-evaluation.ts";
import { evaluateRule } from "./evaluate-rule.ts";

export type EvaluatePorts = {
  ruleStates: Pick<RuleStateStore, "load" | "commit" | "events">;
  findings: Pick<FindingStore, "record">;
  getRuleKind: (id: string) => RuleKind;
  /** Tells pages which alerts turned, once that is stored; never fails. Absent where nobody looks: back-tests, previews. */
  markAlerts?: (alerts: readonly Pick<Episode, "alertId" | "serviceId">[]) => Promise<void>;
  emit: Emit;
  now: () => number;
};

/** Lines of one rule's timeline that are looked at: more than an hour of a storm. */
const maxTimeline = 5000;

/** Judges a batch of results, each job's in order. Returns how many verdicts there were, told or not. */
export const evaluateResults = async (events: AnalysisFinished[], ports: EvaluatePorts): Promise<number> => {
  const jobIds = [...new Set(events.map((event) => event.data.jobId))];
  const states = await ports.ruleStates.load(jobIds);
  const timelines = await timelinesFor(events, states, ports);
  const byJob = new Map<string, RuleState[]>();
  for (const state of states) {
    const rules = byJob.get(state.rule.jobId);
    if (rules) rules.push(state);
    else byJob.set(state.rule.jobId, [state]);
  }
  const updates: Keyed<AlertUpdated>[] = [];
  const commits: RuleCommit[] = [];
  const findings: FindingRecord[] = [];
  let verdicts = 0;
  for (const event of events) {
    const rules = byJob.get(event.data.jobId) ?? [];
    rules.forEach((state, index) => {
      const evaluation = evaluateRule(
        state,
        event.data,
        ports.getRuleKind(state.rule.kind),
        timelines.get(state.rule.id) ?? [],
      );
      rules[index] = evaluation.state;
      verdicts += Object.values(evaluation.findings).reduce((sum, count) => sum + count, 0);
      if (!evaluation.commit) return;
      commits.push(evaluation.commit);
      // What this batch already turned is not stored yet, and belongs to the timeline all the same.
      timelines.get(state.rule.id)?.push(...evaluation.commit.events);
      findings.push(...booksOf(evaluation, evaluation.commit));
      if (evaluation.update) updates.push(updateEvent(evaluation.update, event, ports.now()));
    });
  }
  await ports.emit("logwatch.alert.updated", updates);
  if (findings.length > 0) await ports.findings.record(findings);
  if (commits.length > 0) await ports.ruleStates.commit(commits);
  const turned = commits.flatMap((commit) => commit.episodes);
  if (turned.length > 0) await ports.markAlerts?.(turned);
  return verdicts;
};

/** Late revisions are judged beside the timelines from their window on, because the state they were judged from has moved on. */
const timelinesFor = async (
  events: AnalysisFinished[],
  states: RuleState[],
  ports: Pick<EvaluatePorts, "ruleStates">,
): Promise<Map<string, AlertEvent[]>> => {
  const oldest = new Map<string, number>();
  for (const { data } of events) {
    if (data.revision === 0) continue;
    oldest.set(data.jobId, Math.min(data.window.to, oldest.get(data.jobId) ?? data.window.to));
  }
  const timelines = new Map<string, AlertEvent[]>();
  for (const { rule } of states) {
    const since = oldest.get(rule.jobId);
    if (since === undefined) continue;
    timelines.set(rule.id, await ports.ruleStates.events({ ruleId: rule.id, since, limit: maxTimeline }));
  }
  return timelines;
};

/** A row a reason. `told` findings are counted by their notifications; windows where nothing breached leave no row. */
const booksOf = (evaluation: Evaluation, commit: RuleCommit): FindingRecord[] => {
  const reasons = Object.entries(evaluation.findings) as [SuppressReason | "told", number][];
  const isQuiet = reasons.every(([reason]) => reason === "below-threshold");
  if (isQuiet) return [];
  return reasons.flatMap(([reason, count]) =>
    reason === "told"
      ? []
      : [{ evaluationId: commit.evaluationId, ruleId: commit.ruleId, at: commit.evaluatedTo, reason, count }],
  );
};

const updateEvent = (update: AlertUpdated["data"], cause: AnalysisFinished, now: number): Keyed<AlertUpdated> => ({
  key: update.ruleId,
  event: { id: update.evaluationId, type: "alert.updated", at: now, cause: cause.id, data: update },
});
