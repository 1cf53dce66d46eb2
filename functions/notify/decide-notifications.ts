// Notify step, core. In: `alert.updated`. Out: one notification owed to each destination, and `notification.requested` for it.
// A notification is written before it is requested: what is lost on the way is found owed, and requested again.
import type { AlertUpdate, AlertUpdated, Message, NotificationRequested } from "@logwatch/events";
import type { Emit, Keyed } from "../lib/emit.ts";
import { digest } from "../lib/labels.ts";
import type { ConfigurationStore, DestinationRecord } from "../storage/configuration.ts";
import type { FindingStore } from "../storage/findings.ts";
import type { NotificationRecord, NotificationStore } from "../storage/notifications.ts";
import { isRelease, type ObstacleQuery, type WithheldStore } from "../storage/withheld.ts";
import { composeMessage } from "./compose-message.ts";
import { releaseEvents, unheardFindings, withheldFindings } from "./notify-records.ts";
import { type Decision, withholdChanges } from "./withhold-changes.ts";

export type NotifyPorts = {
  configuration: Pick<ConfigurationStore, "destinations">;
  notifications: Pick<NotificationStore, "owe" | "countSince" | "find">;
  findings: Pick<FindingStore, "record">;
  withheld: Pick<WithheldStore, "obstacles" | "record" | "told">;
  emit: Emit;
  now: () => number;
  linksFor: (update: AlertUpdate) => Message["links"];
};

const hourMs = 3_600_000;
/** If deliver has not ended it after this long, the sweep requests it again. */
const deliveryGraceMs = 60_000;

/** Derived, so that a redelivered update owes the same messages. A letter first: digests may begin with a dash, and ids are parts of addresses. */
const notificationIdOf = (evaluationId: string, destinationId: string): string =>
  `n-${digest(`${evaluationId}\n${destinationId}`)}`;

export const decideNotifications = async (events: AlertUpdated[], ports: NotifyPorts): Promise<void> => {
  if (events.length === 0) return;
  const now = ports.now();
  const updates = events.map((event) => event.data);
  const ids = [...new Set(updates.flatMap((update) => update.destinationIds))];
  const [found, sentLastHour, decided, obstacles] = await Promise.all([
    ids.length === 0 ? [] : ports.configuration.destinations(ids),
    ids.length === 0 ? new Map<string, number>() : ports.notifications.countSince(ids, now - hourMs),
    ports.notifications.find(idsOf(updates)),
    ports.withheld.obstacles(obstacleQuery(updates, now)),
  ]);
  const hearers = hearersIn(found);
  const owedBefore = new Set(decided.map((record) => record.evaluationId));
  const { decisions, untold, forgotten } = withholdChanges(updates, obstacles, {
    now,
    isOwed: (evaluationId) => owedBefore.has(evaluationId),
    isHeard: (update) => hearers(update).length > 0,
  });
  // Written before anything is told: what comes again is decided as it was.
  const withheld = decisions.flatMap((decision) => (decision.isNew ? decision.withheld : []));
  if (withheld.length > 0) await ports.withheld.record({ withheld, untold, forgotten });
  const rests = decisions.flatMap(({ rest }) => rest ?? []);
  // Whoever was to hear it may be gone by the time it comes again; it was decided all the same.
  const unheard = rests.filter((rest) => hearers(rest).length === 0 && !owedBefore.has(rest.evaluationId));
  const findings = [...decisions.flatMap(withheldFindings), ...unheard.flatMap(unheardFindings)];
  if (findings.length > 0) await ports.findings.record(findings);
  // What comes again was counted when it was first decided: counted twice, it would take the place of a message nobody heard.
  const counted = new Set(decided.map((record) => record.notificationId));
  const records = recordsOf(rests, hearers, new Map(sentLastHour), counted, ports);
  const stored = records.length === 0 ? [] : await ports.notifications.owe(records);
  await noteTold(decisions, ports);
  await ports.emit(
    "logwatch.notification.requested",
    stored.filter((record) => record.state === "owed").map((record) => request(record, now)),
  );
};

/** A beginning is told unless it is silenced; only what goes on or ends depends on what was told before. */
const obstacleQuery = (updates: readonly AlertUpdate[], now: number): ObstacleQuery => ({
  serviceIds: updates.map((update) => update.serviceId),
  alertIds: updates.flatMap(({ evaluationId, changes }) =>
    changes.filter(({ kind }) => kind !== "opened" || isRelease(evaluationId)).map(({ alertId }) => alertId),
  ),
  evaluationIds: updates.map((update) => update.evaluationId),
  now,
});

type Hearers = (update: AlertUpdate) => DestinationRecord[];

const hearersIn = (found: readonly DestinationRecord[]): Hearers => {
  const destinations = new Map(found.map((destination) => [destination.id, destination]));
  return ({ destinationIds }) =>
    destinationIds.flatMap((id) => destinations.get(id) ?? []).filter((destination) => destination.enabled);
};

const recordsOf = (
  rests: readonly AlertUpdate[],
  hearers: Hearers,
  quota: Map<string, number>,
  counted: Set<string>,
  ports: NotifyPorts,
): NotificationRecord[] =>
  rests.flatMap((rest) => {
    const message = composeMessage(rest, ports.linksFor(rest));
    return hearers(rest).map((destination) => {
      const count = quota.get(destination.id) ?? 0;
      const isLimited = count >= destination.maxPerHour;
      const record = recordOf(rest, destination, message, isLimited, ports.now());
      if (!isLimited && !counted.has(record.notificationId)) quota.set(destination.id, count + 1);
      counted.add(record.notificationId);
      return record;
    });
  });

/** Only when the messages are owed: until then nobody knows of these alerts. */
const noteTold = async (decisions: readonly Decision[], ports: NotifyPorts): Promise<void> => {
  const known = decisions.flatMap((decision) => decision.known);
  if (known.length > 0)
    await ports.withheld.told(
      known,
      decisions.flatMap((one) => releaseEvents(one, ports.now())),
    );
};

const idsOf = (updates: readonly AlertUpdate[]): string[] =>
  updates.flatMap(({ evaluationId, destinationIds }) => destinationIds.map((id) => notificationIdOf(evaluationId, id)));

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
  findings: isRelease(update.evaluationId) ? 0 : update.changes.length,
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
