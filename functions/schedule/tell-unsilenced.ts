// Schedule step, core of its third duty: alerts that began while a silence hid them, and that nobody knows of. When the silence is over,
// by time or by hand, and they still fire, an `alert.updated` tells of them, under an id that is the same however often it is made.
import type { AlertUpdate, AlertUpdated } from "@logwatch/events";
import type { Emit, Keyed } from "../lib/emit.ts";
import { hiddenBy, type SilenceStore } from "../storage/silences.ts";
import { type DueUntold, lookAgainAt, releaseIdOf, type Untold, type WithheldStore } from "../storage/withheld.ts";

export type TellPorts = {
  withheld: Pick<WithheldStore, "due" | "postpone">;
  silences: Pick<SilenceStore, "active">;
  emit: Emit;
  now: () => number;
};

/** Most alerts looked at in one sweep. */
const maxUntold = 500;
/** How long an update that was just made is left alone; what nobody has told by then is told by another. */
const graceMs = 60_000;

/** How many alerts were told. */
export const tellUnsilenced = async (ports: TellPorts): Promise<number> => {
  const now = ports.now();
  const due = await ports.withheld.due(now, maxUntold);
  if (due.length === 0) return 0;
  const hidden = hiddenBy(await ports.silences.active([...new Set(due.map(({ untold }) => untold.serviceId))], now));
  const stillHidden: Untold[] = [];
  const free: DueUntold[] = [];
  for (const one of due) {
    const silence = hidden(one.episode);
    if (!silence) free.push(one);
    else stillHidden.push({ ...one.untold, lookAt: lookAgainAt(silence, now) });
  }
  // Notify takes the mark away when it tells, and tells only what is marked: made twice, an update is told once.
  await ports.emit(
    "logwatch.alert.updated",
    byRule(free).map((alerts) => updateEvent(alerts, now)),
  );
  const onTheirWay = free.map(({ untold }) => ({ ...untold, lookAt: now + graceMs }));
  await ports.withheld.postpone([...stillHidden, ...onTheirWay]);
  return free.length;
};

/** One update tells all alerts of a rule. */
const byRule = (free: readonly DueUntold[]): DueUntold[][] => {
  const groups = new Map<string, DueUntold[]>();
  for (const one of free) {
    const group = groups.get(one.rule.id);
    if (group) group.push(one);
    else groups.set(one.rule.id, [one]);
  }
  return [...groups.values()];
};

const updateEvent = (alerts: readonly DueUntold[], now: number): Keyed<AlertUpdated> => {
  const data = updateOf(releaseIdOf(alerts.map(({ untold }) => untold)), alerts, now);
  return { key: data.ruleId, event: { id: data.evaluationId, type: "alert.updated", at: now, cause: null, data } };
};

const updateOf = (evaluationId: string, alerts: readonly DueUntold[], now: number): AlertUpdate => {
  const [first] = alerts;
  if (!first) throw new Error("An update tells of one alert at least.");
  const { episode, rule } = first;
  return {
    evaluationId,
    ruleId: rule.id,
    ruleName: rule.name,
    jobId: episode.jobId,
    jobName: episode.jobName,
    serviceId: episode.serviceId,
    serviceName: episode.serviceName,
    severity: rule.severity,
    window: { from: Math.min(...alerts.map((one) => one.episode.openedAt)), to: now },
    revision: 0,
    changes: alerts.map(({ episode: { alertId, fingerprint, labels, value, why, openedAt, late, sequence } }) => ({
      alertId,
      fingerprint,
      sequence: Math.max(1, sequence),
      kind: "opened",
      labels,
      value,
      why: `${why} (was silenced, and still fires)`,
      since: openedAt,
      late,
    })),
    examples: [],
    destinationIds: rule.destinationIds,
    maxExamples: rule.maxExamples,
  };
};
