// What a silence would hide, before it is made: of the alerts that fire now, and of what was told in the last day. Pure.

import { ok, type Result } from "../lib/result.ts";
import { compileMatchers, type Matcher, type MatcherProblem } from "../lib/silence-matchers.ts";
import type { Episode } from "../storage/alerts.ts";
import type { AlertEvent } from "../storage/rule-states.ts";

export type SilencePreview = {
  /** Fire now, and would not be told any more. */
  now: Episode[];
  /** Changes of the last day that would not have been told, by alert, in the order of the alerts. */
  lastDay: { alert: Episode; changes: number }[];
};

const dayMs = 86_400_000;

/** `alerts`: of the silence's service, those that fire and those of the last day. `events`: lines of their timelines, in any order. */
export const previewSilence = (
  matchers: readonly Matcher[],
  alerts: readonly Episode[],
  events: readonly AlertEvent[],
  now: number,
): Result<SilencePreview, MatcherProblem> => {
  const matches = compileMatchers(matchers);
  if (!matches.ok) return matches;
  const hidden = [...new Map(alerts.map((alert) => [alert.alertId, alert])).values()].filter(matches.value);
  const told = new Map<string, number>();
  for (const event of events) {
    const isLastDay = event.at > now - dayMs && event.at <= now;
    if (event.told !== null && isLastDay) told.set(event.alertId, (told.get(event.alertId) ?? 0) + 1);
  }
  return ok({
    now: hidden.filter(({ state }) => state === "firing"),
    lastDay: hidden.flatMap((alert) => {
      const changes = told.get(alert.alertId) ?? 0;
      return changes === 0 ? [] : [{ alert, changes }];
    }),
  });
};
