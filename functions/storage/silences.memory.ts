// Silences in memory.
import { type AlertTables, openAlertTables } from "./alerts.memory.ts";
import { isActive, type Silence, type SilenceStore } from "./silences.ts";

export const memorySilences = (alerts: AlertTables = openAlertTables()): SilenceStore => {
  const { silences } = alerts;
  const select = (isWanted: (silence: Silence) => boolean): Silence[] =>
    structuredClone([...silences.values()].filter(isWanted));
  return {
    list: async ({ serviceIds, endsAfter, before, limit }) =>
      select(
        (one) =>
          serviceIds.includes(one.serviceId) &&
          (endsAfter === undefined || one.endsAt > endsAfter) &&
          (before === undefined || newestFirst(before, one) < 0),
      )
        .sort(newestFirst)
        .slice(0, limit),
    find: async (ids) => select((one) => ids.includes(one.id)),
    active: async (serviceIds, now) => select((one) => serviceIds.includes(one.serviceId) && isActive(one, now)),
    put: async (silence, expectedVersion) => {
      if ((silences.get(silence.id)?.version ?? 0) !== expectedVersion) return false;
      silences.set(silence.id, structuredClone(silence));
      for (const one of alerts.untold.values())
        if (one.serviceId === silence.serviceId) one.lookAt = Math.min(one.lookAt, silence.updatedAt);
      return true;
    },
    forget: async (before, limit) => {
      const gone = [...silences.values()].filter((one) => one.endsAt < before).slice(0, limit);
      for (const { id } of gone) silences.delete(id);
      return gone.length;
    },
  };
};

type Position = Pick<Silence, "createdAt" | "id">;

const newestFirst = (left: Position, right: Position): number =>
  right.createdAt - left.createdAt || (left.id < right.id ? 1 : left.id > right.id ? -1 : 0);
