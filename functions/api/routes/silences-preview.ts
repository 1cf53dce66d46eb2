// What a silence would hide, before it is made: of what fires now, and of what was told in the last day. Bounded: what was not looked at
// is said.
import type { silencePreview } from "@logwatch/events/api";
import type * as z from "zod";
import { fail, ok, type Result } from "../../lib/result.ts";
import { compileMatchers, type Matcher } from "../../lib/silence-matchers.ts";
import { previewSilence } from "../../notify/preview-silence.ts";
import type { Alert, AlertLine, Episode } from "../../storage/alerts.ts";
import type { ApiPorts } from "../ports.ts";
import { type Refusal, unprocessable } from "../refusal.ts";
import { matcherErrors } from "./silences-input.ts";

const dayMs = 86_400_000;
/** Alerts looked at, and those of them whose timelines are read, so many at once. */
const mostAlerts = 1000;
const mostTimelines = 200;
const timelinesAtOnce = 10;
const mostLines = 200;
const mostListed = 50;

type Preview = z.output<typeof silencePreview>;

/** Refused where a matcher is not right. */
export const previewOfSilence = async (
  serviceId: string,
  matchers: readonly Matcher[],
  now: number,
  { storage }: Pick<ApiPorts, "storage">,
): Promise<Result<Preview, Refusal>> => {
  const matches = compileMatchers(matchers);
  if (!matches.ok) return fail(unprocessable(matcherErrors(matchers)));
  const [firing, recent] = await Promise.all([
    storage.alerts.firing([serviceId], mostAlerts),
    storage.alerts.list({
      serviceIds: [serviceId],
      states: ["firing", "resolved"],
      since: now - dayMs,
      limit: mostAlerts,
    }),
  ]);
  const alerts = [...new Map([...firing, ...recent].map((one) => [one.alertId, one])).values()];
  const hidden = alerts.filter(matches.value);
  const { lines, isWhole } = await readTimelines(hidden.slice(0, mostTimelines), now, storage.alerts.timeline);
  const preview = previewSilence(matchers, hidden, lines, now);
  if (!preview.ok) return fail(unprocessable(matcherErrors(matchers)));
  const isAll = firing.length < mostAlerts && recent.length < mostAlerts && hidden.length <= mostTimelines;
  const { now: firesNow, lastDay } = preview.value;
  return ok({
    now: { alerts: firesNow.length, listed: firesNow.slice(0, mostListed).map(viewOf) },
    lastDay: {
      alerts: lastDay.length,
      changes: lastDay.reduce((sum, { changes }) => sum + changes, 0),
      listed: lastDay.slice(0, mostListed).map(({ alert, changes }) => ({ ...viewOf(alert), changes })),
    },
    complete: isAll && isWhole,
  });
};

/** What was told: a line that another silence hid would not be hidden by this one. */
const readTimelines = async (
  alerts: readonly Alert[],
  now: number,
  timeline: ApiPorts["storage"]["alerts"]["timeline"],
): Promise<{ lines: AlertLine[]; isWhole: boolean }> => {
  const lines: AlertLine[] = [];
  let isWhole = true;
  for (let start = 0; start < alerts.length; start += timelinesAtOnce) {
    const part = alerts.slice(start, start + timelinesAtOnce);
    for (const read of await Promise.all(part.map(({ alertId }) => timeline(alertId, mostLines)))) {
      const oldest = read.at(-1);
      if (read.length === mostLines && oldest && oldest.at > now - dayMs) isWhole = false;
      lines.push(...read.filter(({ withheld }) => withheld === null));
    }
  }
  return { lines, isWhole };
};

const viewOf = ({ alertId, ruleName, jobName, severity, labels, state, openedAt, updatedAt }: Episode) => ({
  ...{ id: alertId, ruleName, jobName, severity, labels, state, openedAt, updatedAt },
});
