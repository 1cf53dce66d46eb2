// What was not told, in memory.
import { type AlertTables, openAlertTables, withheldKey } from "./alerts.memory.ts";
import { type MemoryTables, openTables } from "./memory-tables.ts";
import { alertEventId } from "./rule-state-columns.ts";
import { isActive } from "./silences.ts";
import { type DueUntold, decidedBefore, type WithheldStore } from "./withheld.ts";

export const memoryWithheld = (
  tables: MemoryTables = openTables(),
  alerts: AlertTables = openAlertTables(),
): WithheldStore => ({
  obstacles: async ({ serviceIds, alertIds, evaluationIds, now }) => {
    const evaluations = new Set(evaluationIds);
    return {
      silences: structuredClone(
        [...alerts.silences.values()].filter((one) => serviceIds.includes(one.serviceId) && isActive(one, now)),
      ),
      acknowledged: new Set(alertIds.filter((id) => alerts.acknowledgements.has(id))),
      untold: new Map(
        alertIds.flatMap((id) => {
          const mark = alerts.untold.get(id);
          return mark ? [[id, { ...mark }] as const] : [];
        }),
      ),
      decided: decidedBefore([...alerts.withheld.values()].filter((one) => evaluations.has(one.evaluationId))),
    };
  },
  record: async ({ withheld, untold, forgotten }) => {
    for (const one of withheld) alerts.withheld.set(withheldKey(one), { ...one });
    for (const id of forgotten) alerts.untold.delete(id);
    for (const one of untold) alerts.untold.set(one.alertId, { ...one });
  },
  told: async (alertIds, events) => {
    for (const id of alertIds) alerts.untold.delete(id);
    for (const event of events) alerts.events.set(alertEventId(event), { ...event });
  },
  due: async (now, limit) =>
    [...alerts.untold.values()]
      .filter((one) => one.lookAt <= now && !alerts.acknowledgements.has(one.alertId))
      .sort((left, right) => left.lookAt - right.lookAt || (left.alertId < right.alertId ? -1 : 1))
      .flatMap((untold): DueUntold[] => {
        const episode = alerts.episodes.get(untold.alertId);
        const item = episode && tables.rules.get(episode.ruleId)?.item;
        if (episode?.state !== "firing" || !item?.enabled) return [];
        const { enabled: _enabled, ...rule } = item;
        return [{ untold: { ...untold }, episode: { ...episode }, rule }];
      })
      .slice(0, limit),
  postpone: async (untold) => {
    for (const { alertId, evaluationId, lookAt } of untold) {
      const mark = alerts.untold.get(alertId);
      if (mark?.evaluationId === evaluationId) mark.lookAt = lookAt;
    }
  },
  forget: async (before, limit) => {
    const gone = [...alerts.withheld].filter(([, one]) => one.at < before).slice(0, limit);
    for (const [key] of gone) alerts.withheld.delete(key);
    const over = [...alerts.untold.values()]
      .filter((one) => one.lookAt < before && alerts.episodes.get(one.alertId)?.state !== "firing")
      .slice(0, limit);
    for (const { alertId } of over) alerts.untold.delete(alertId);
    return gone.length + over.length;
  },
});
