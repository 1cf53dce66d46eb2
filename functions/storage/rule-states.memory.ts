// Rule states in memory.
import { type AlertTables, openAlertTables } from "./alerts.memory.ts";
import { type MemoryTables, openTables } from "./memory-tables.ts";
import { alertEventId } from "./rule-state-columns.ts";
import type { RuleCommit, RuleState, RuleStateStore, TrackedSeries } from "./rule-states.ts";

type Remembered = { evaluatedTo: number | null; tracked: Map<string, TrackedSeries> };

export const memoryRuleStates = (
  tables: MemoryTables = openTables(),
  alerts: AlertTables = openAlertTables(),
): RuleStateStore => {
  const byRule = new Map<string, Remembered>();
  const { events } = alerts;
  tables.forgetRules = (ruleIds) => {
    for (const id of ruleIds) byRule.delete(id);
  };
  const of = (ruleId: string): Remembered => {
    const known = byRule.get(ruleId);
    if (known) return known;
    const fresh: Remembered = { evaluatedTo: null, tracked: new Map() };
    byRule.set(ruleId, fresh);
    return fresh;
  };
  return {
    load: async (jobIds) => {
      const wanted = new Set(jobIds.filter((id) => tables.jobs.get(id)?.item.record.enabled));
      const states: RuleState[] = [];
      for (const { item } of tables.rules.values()) {
        if (!item.enabled || !wanted.has(item.jobId)) continue;
        const { enabled: _enabled, ...rule } = item;
        const { evaluatedTo, tracked } = of(rule.id);
        states.push({ rule, evaluatedTo, tracked: [...tracked.values()].map(copySeries) });
      }
      return states;
    },
    commit: async (commits) => {
      for (const one of commits) keep(of(one.ruleId), one, alerts);
      for (const event of commits.flatMap((one) => one.events)) events.set(alertEventId(event), { ...event });
    },
    events: async ({ ruleId, since = 0, limit }) =>
      [...events]
        .filter(([, event]) => event.at >= since && (ruleId === undefined || event.ruleId === ruleId))
        .sort(([leftId, left], [rightId, right]) => right.at - left.at || (leftId < rightId ? 1 : -1))
        .slice(0, limit)
        .map(([, event]) => ({ ...event })),
    forgetEvents: async (before, limit) => {
      const gone = [...events].filter(([, event]) => event.at < before).slice(0, limit);
      for (const [id] of gone) events.delete(id);
      return gone.length;
    },
  };
};

/** A commit that comes again after a newer one brings no old states back. */
const keep = (
  state: Remembered,
  { evaluatedTo, upserts, removals, episodes, unfired }: RuleCommit,
  alerts: AlertTables,
): void => {
  if (state.evaluatedTo !== null && evaluatedTo < state.evaluatedTo) return;
  state.evaluatedTo = evaluatedTo;
  for (const one of upserts) state.tracked.set(one.fingerprint, copySeries(one));
  for (const fingerprint of removals) state.tracked.delete(fingerprint);
  for (const id of unfired) if (alerts.episodes.get(id)?.state === "pending") alerts.episodes.delete(id);
  for (const one of episodes) alerts.episodes.set(one.alertId, { ...one });
};

const copySeries = (series: TrackedSeries): TrackedSeries => ({
  ...series,
  turns: [...series.turns],
  points: [...series.points],
});
