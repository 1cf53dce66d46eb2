// Notify step: what a decision leaves behind beside messages: findings for the books, and lines of timelines. Pure.
import type { AlertUpdate } from "@logwatch/events";
import type { FindingRecord } from "../storage/findings.ts";
import type { AlertEvent } from "../storage/rule-states.ts";
import { isRelease, withheldReasons } from "../storage/withheld.ts";
import type { Decision } from "./withhold-changes.ts";

/** A row a reason. Of an update that tells what was silenced before, none: the books hold these findings already. */
export const withheldFindings = ({ update, withheld }: Decision): FindingRecord[] =>
  withheldReasons.flatMap((reason) => {
    const count = withheld.filter((one) => one.reason === reason).length;
    return count === 0 || isRelease(update.evaluationId) ? [] : [findingOf(update, reason, count)];
  });

export const unheardFindings = (rest: AlertUpdate): FindingRecord[] =>
  isRelease(rest.evaluationId) ? [] : [findingOf(rest, "no-destination", rest.changes.length)];

const findingOf = (
  { evaluationId, ruleId, window }: AlertUpdate,
  reason: FindingRecord["reason"],
  count: number,
): FindingRecord => ({ evaluationId, ruleId, at: window.to, reason, count });

/** That an alert was told after its silence is a line of its timeline, by which its messages are found. */
export const releaseEvents = ({ rest, known }: Decision, now: number): AlertEvent[] => {
  if (!rest || !isRelease(rest.evaluationId)) return [];
  return rest.changes
    .filter(({ alertId }) => known.includes(alertId))
    .map(({ alertId, fingerprint, labels, sequence, value, why, late }) => ({
      alertId,
      fingerprint,
      ruleId: rest.ruleId,
      jobId: rest.jobId,
      labels,
      at: now,
      sequence,
      from: "firing",
      to: "firing",
      value,
      why,
      evaluationId: rest.evaluationId,
      told: "opened",
      late,
    }));
};
