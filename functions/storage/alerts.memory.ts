// Alerts in memory, and the tables they share with rule states, silences and what was withheld.
import {
  type Acknowledgement,
  type Alert,
  type AlertPosition,
  type AlertStore,
  type Episode,
  endedWithRule,
} from "./alerts.ts";
import { type MemoryTables, openTables } from "./memory-tables.ts";
import type { AlertEvent } from "./rule-states.ts";
import type { Silence } from "./silences.ts";
import type { Untold, Withheld } from "./withheld.ts";

export type AlertTables = {
  episodes: Map<string, Episode>;
  /** By their own id. */
  events: Map<string, AlertEvent>;
  acknowledgements: Map<string, Acknowledgement>;
  silences: Map<string, Silence>;
  /** By evaluation and alert. */
  withheld: Map<string, Withheld>;
  untold: Map<string, Untold>;
};

export const openAlertTables = (): AlertTables => ({
  episodes: new Map(),
  events: new Map(),
  acknowledgements: new Map(),
  silences: new Map(),
  withheld: new Map(),
  untold: new Map(),
});

export const withheldKey = ({ evaluationId, alertId }: Pick<Withheld, "evaluationId" | "alertId">): string =>
  `${evaluationId} ${alertId}`;

export const memoryAlerts = (
  tables: MemoryTables = openTables(),
  alerts: AlertTables = openAlertTables(),
): AlertStore => {
  const toAlert = (episode: Episode): Alert => ({
    ...episode,
    acknowledgement: alerts.acknowledgements.get(episode.alertId) ?? null,
  });
  const select = (isWanted: (episode: Episode) => boolean, limit: number, before?: AlertPosition): Alert[] =>
    [...alerts.episodes.values()]
      .filter((one) => isWanted(one) && (before === undefined || newestFirst(before, one) < 0))
      .sort(newestFirst)
      .slice(0, limit)
      .map(toAlert);
  return {
    list: async ({ serviceIds, states, severities, since, until, jobId, ruleId, before, limit }) =>
      select(
        (one) =>
          serviceIds.includes(one.serviceId) &&
          (states?.includes(one.state) ?? true) &&
          (severities?.includes(one.severity) ?? true) &&
          (since === undefined || one.state !== "resolved" || one.updatedAt >= since) &&
          (until === undefined || one.openedAt < until) &&
          (jobId === undefined || one.jobId === jobId) &&
          (ruleId === undefined || one.ruleId === ruleId),
        limit,
        before,
      ),
    find: async (alertIds) =>
      [...alerts.episodes.values()].filter((one) => alertIds.includes(one.alertId)).map(toAlert),
    timeline: async (alertId, limit) =>
      [...alerts.events]
        .filter(([, event]) => event.alertId === alertId)
        .sort(([leftId, left], [rightId, right]) => right.at - left.at || (leftId < rightId ? 1 : -1))
        .slice(0, limit)
        .map(([, event]) => {
          const { reason, silenceId } = alerts.withheld.get(withheldKey(event)) ?? {};
          return { ...event, withheld: reason === undefined ? null : { reason, silenceId: silenceId ?? null } };
        }),
    acknowledge: async (alertId, acknowledgement, expectedAt) => {
      const episode = alerts.episodes.get(alertId);
      if ((alerts.acknowledgements.get(alertId)?.at ?? null) !== expectedAt) return false;
      if (!acknowledgement) return alerts.acknowledgements.delete(alertId);
      if (!episode || episode.state === "resolved") return false;
      alerts.acknowledgements.set(alertId, { ...acknowledgement });
      return true;
    },
    firing: async (serviceIds, limit) =>
      select((one) => one.state === "firing" && (serviceIds === "all" || serviceIds.includes(one.serviceId)), limit),
    endGone: async (now, limit) => {
      const gone = [...alerts.episodes.values()]
        .filter((one) => one.state !== "resolved" && !tables.rules.has(one.ruleId))
        .slice(0, limit);
      for (const one of gone) {
        if (one.state === "pending") alerts.episodes.delete(one.alertId);
        else alerts.episodes.set(one.alertId, endedWithRule(one, now));
      }
      return gone.length;
    },
    forget: async (before, limit) => {
      const gone = [...alerts.episodes.values()]
        .filter((one) => one.state === "resolved" && one.updatedAt < before)
        .slice(0, limit);
      for (const { alertId } of gone) {
        alerts.episodes.delete(alertId);
        alerts.acknowledgements.delete(alertId);
        alerts.untold.delete(alertId);
      }
      return gone.length;
    },
  };
};

const newestFirst = (left: AlertPosition, right: AlertPosition): number =>
  right.updatedAt - left.updatedAt || (left.alertId < right.alertId ? 1 : left.alertId > right.alertId ? -1 : 0);
