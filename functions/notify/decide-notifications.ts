// Notify step, core. In: `alert.updated`. Out: one notification owed to each destination, and `notification.requested` for it.
// A notification is written before it is requested: what is lost on the way is found owed, and requested again.
import type { AlertUpdate, AlertUpdated, Message, NotificationRequested } from "@logwatch/events";
import type { Emit, Keyed } from "../lib/emit.ts";
import { digest } from "../lib/labels.ts";
import type { ConfigurationStore, DestinationRecord } from "../storage/configuration.ts";
import type { FindingRecord, FindingStore } from "../storage/findings.ts";
import type { NotificationRecord, NotificationStore } from "../storage/notifications.ts";
import { composeMessage } from "./compose-message.ts";

export type NotifyPorts = {
  configuration: Pick<ConfigurationStore, "destinations">;
  notifications: Pick<NotificationStore, "owe" | "countSince" | "find">;
  findings: Pick<FindingStore, "record">;
  emit: Emit;
  now: () => number;
  linksFor: (update: AlertUpdate) => Message["links"];
};

const hourMs = 3_600_000;
/** If deliver has not ended it after this long, the sweep requests it again. */
export const deliveryGraceMs = 60_000;

/** Derived, so that a redelivered update owes the same messages. */
export const notificationIdOf = (evaluationId: string, destinationId: string): string =>
  digest(`${evaluationId}\n${destinationId}`);

export const decideNotifications = async (events: AlertUpdated[], ports: NotifyPorts): Promise<void> => {
  const ids = [...new Set(events.flatMap((event) => event.data.destinationIds))];
  const now = ports.now();
  const [found, sentLastHour, decided] = await Promise.all([
    ids.length === 0 ? [] : ports.configuration.destinations(ids),
    ids.length === 0 ? new Map<string, number>() : ports.notifications.countSince(ids, now - hourMs),
    ports.notifications.find(idsOf(events)),
  ]);
  const destinations = new Map(found.map((destination) => [destination.id, destination]));
  const records: NotificationRecord[] = [];
  const untold: FindingRecord[] = [];
  const quota = new Map(sentLastHour);
  // What comes again was counted when it was first decided: counted twice, it would take the place of a message nobody heard.
  const counted = new Set(decided.map((record) => record.notificationId));
  const owedBefore = new Set(decided.map((record) => record.evaluationId));
  for (const { data: update } of events) {
    const hearers = update.destinationIds
      .flatMap((id) => destinations.get(id) ?? [])
      .filter((destination) => destination.enabled);
    // Whoever was to hear it may be gone by the time it comes again; it was decided all the same.
    if (hearers.length === 0 && !owedBefore.has(update.evaluationId)) untold.push(untoldOf(update));
    const message = composeMessage(update, ports.linksFor(update));
    for (const destination of hearers) {
      const count = quota.get(destination.id) ?? 0;
      const isLimited = count >= destination.maxPerHour;
      const record = recordOf(update, destination, message, isLimited, now);
      if (!isLimited && !counted.has(record.notificationId)) quota.set(destination.id, count + 1);
      counted.add(record.notificationId);
      records.push(record);
    }
  }
  if (untold.length > 0) await ports.findings.record(untold);
  if (records.length === 0) return;
  const stored = await ports.notifications.owe(records);
  await ports.emit(
    "logwatch.notification.requested",
    stored.filter((record) => record.state === "owed").map((record) => request(record, now)),
  );
};

const idsOf = (events: readonly AlertUpdated[]): string[] =>
  events.flatMap(({ data }) => data.destinationIds.map((id) => notificationIdOf(data.evaluationId, id)));

const untoldOf = (update: AlertUpdate): FindingRecord => ({
  evaluationId: update.evaluationId,
  ruleId: update.ruleId,
  at: update.window.to,
  reason: "no-destination",
  count: update.changes.length,
});

const recordOf = (
  update: AlertUpdate,
  destination: DestinationRecord,
  message: Message,
  isLimited: boolean,
  now: number,
): NotificationRecord => ({
  notificationId: notificationIdOf(update.evaluationId, destination.id),
  destinationId: destination.id,
  channel: destination.channel,
  evaluationId: update.evaluationId,
  ruleId: update.ruleId,
  jobId: update.jobId,
  message,
  state: isLimited ? "suppressed" : "owed",
  reason: isLimited ? "rate-limited" : "",
  findings: update.changes.length,
  attempts: 0,
  createdAt: now,
  nextAttemptAt: now + deliveryGraceMs,
  sentAt: null,
  providerId: null,
});

const request = (record: NotificationRecord, now: number): Keyed<NotificationRequested> => {
  const { notificationId, destinationId, channel, evaluationId, ruleId, message } = record;
  // The first request, though it may come again: after a try it is the sweep that requests the next one, at its time.
  const data = { notificationId, destinationId, channel, evaluationId, ruleId, message, attempts: 0 };
  return {
    key: destinationId,
    event: { id: notificationId, type: "notification.requested", at: now, cause: evaluationId, data },
  };
};
