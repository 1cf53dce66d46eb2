// Notifications in memory.
import type { NotificationRecord, NotificationStore } from "./notifications.ts";

export const memoryNotifications = (): NotificationStore => {
  const byId = new Map<string, NotificationRecord>();
  const found = (ids: readonly string[]): NotificationRecord[] =>
    [...new Set(ids)].flatMap((id) => {
      const record = byId.get(id);
      return record ? [{ ...record }] : [];
    });
  return {
    owe: async (records) => {
      for (const record of records)
        if (!byId.has(record.notificationId)) byId.set(record.notificationId, { ...record });
      return records.map((record) => ({ ...(byId.get(record.notificationId) ?? record) }));
    },
    find: async (ids) => found(ids),
    due: async (now, limit) =>
      [...byId.values()]
        .filter((one) => one.state === "owed" && one.nextAttemptAt <= now)
        .sort(
          (left, right) =>
            left.nextAttemptAt - right.nextAttemptAt || (left.notificationId < right.notificationId ? -1 : 1),
        )
        .slice(0, limit)
        .map((one) => ({ ...one })),
    settle: async (settlements) => {
      for (const { notificationId, state, reason, attempts, nextAttemptAt, sentAt, providerId } of settlements) {
        const record = byId.get(notificationId);
        if (record?.state !== "owed" || record.attempts > attempts) continue;
        Object.assign(record, { state, reason, attempts, nextAttemptAt, sentAt, providerId });
      }
    },
    list: async (limit) =>
      [...byId.values()]
        .sort(
          (left, right) => right.createdAt - left.createdAt || (left.notificationId < right.notificationId ? 1 : -1),
        )
        .slice(0, limit)
        .map((one) => ({ ...one })),
    countSince: async (destinationIds, since) => {
      const wanted = new Set(destinationIds);
      const counts = new Map<string, number>();
      for (const one of byId.values()) {
        if (!wanted.has(one.destinationId) || one.createdAt < since || one.state === "suppressed") continue;
        counts.set(one.destinationId, (counts.get(one.destinationId) ?? 0) + 1);
      }
      return counts;
    },
    forget: async (before, limit) => {
      const gone = [...byId.values()].filter((one) => one.state !== "owed" && one.createdAt < before).slice(0, limit);
      for (const { notificationId } of gone) byId.delete(notificationId);
      return gone.length;
    },
  };
};
