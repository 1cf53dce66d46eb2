// Notifications in memory.
import { endOf, type NotificationQuery, type NotificationRecord, type NotificationStore } from "./notifications.ts";

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
      for (const { notificationId, sentAt, providerId, resent, ...end } of settlements) {
        const record = byId.get(notificationId);
        if (record?.state !== "owed" || record.attempts > end.attempts) continue;
        if (record.resent?.at !== resent?.at) continue;
        const { state, reason, attempts, nextAttemptAt } = end;
        Object.assign(record, { state, reason, attempts, nextAttemptAt });
        if (sentAt !== null) Object.assign(record, { sentAt, providerId });
      }
    },
    list: async (query) => {
      const wanted: NotificationQuery = typeof query === "number" ? { limit: query } : query;
      const { before } = wanted;
      return [...byId.values()]
        .filter((one) => isWanted(one, wanted) && (before === undefined || newestFirst(before, one) < 0))
        .sort(newestFirst)
        .slice(0, wanted.limit)
        .map((one) => ({ ...one }));
    },
    resend: async (id, now) => {
      const record = byId.get(id);
      if (!record || record.state === "owed") return false;
      const resent = { at: Math.max(now, (record.resent?.at ?? 0) + 1), earlier: endOf(record) };
      Object.assign(record, { resent, state: "owed", reason: "", attempts: 0, nextAttemptAt: now });
      return true;
    },
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

const isWanted = (
  one: NotificationRecord,
  { jobIds, destinationIds, evaluationIds, states }: NotificationQuery,
): boolean =>
  (jobIds?.includes(one.jobId) ?? true) &&
  (destinationIds?.includes(one.destinationId) ?? true) &&
  (evaluationIds?.includes(one.evaluationId) ?? true) &&
  (states?.includes(one.state) ?? true);

type Position = Pick<NotificationRecord, "createdAt" | "notificationId">;

const newestFirst = (left: Position, right: Position): number => {
  if (left.createdAt !== right.createdAt) return right.createdAt - left.createdAt;
  return left.notificationId < right.notificationId ? 1 : left.notificationId > right.notificationId ? -1 : 0;
};
