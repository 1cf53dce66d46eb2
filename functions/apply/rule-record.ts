// Apply step: a rule's settings as people write them, and as they are stored. Pure.
import type { RuleSettings } from "@logwatch/events";
import type { RuleRecord } from "../storage/configuration.ts";

/** What of a rule is no setting. */
type Rest = Pick<RuleRecord, "id" | "jobId" | "name" | "kind" | "params" | "destinationIds" | "enabled">;

export const ruleRecord = (rest: Rest, settings: RuleSettings): RuleRecord => ({
  ...rest,
  severity: settings.severity,
  holdMs: settings.hold,
  clearAfterMs: settings.clearAfter,
  repeatMs: settings.repeat,
  repeatGrowth: settings.repeatGrowth,
  tellResolved: settings.tellResolved,
  onFailure: settings.onFailure,
  onNoData: settings.onNoData,
  maxExamples: settings.maxExamples,
  maxTracked: settings.maxTracked,
  flappingChanges: settings.flapping.changes,
  flappingMs: settings.flapping.within,
});

/** The reverse. */
export const settingsOfRule = (rule: RuleRecord): RuleSettings => ({
  severity: rule.severity,
  hold: rule.holdMs,
  clearAfter: rule.clearAfterMs,
  repeat: rule.repeatMs,
  repeatGrowth: rule.repeatGrowth,
  tellResolved: rule.tellResolved,
  onFailure: rule.onFailure,
  onNoData: rule.onNoData,
  maxExamples: rule.maxExamples,
  maxTracked: rule.maxTracked,
  flapping: { changes: rule.flappingChanges, within: rule.flappingMs },
});
