// Deliver step, core; one consumer a channel. In: `notification.requested`. Out: the message at its provider, and how it ended.
// A notification is marked sent only after success: rather twice than never, and its id travels so that a double is seen as one.
import type { Notification, NotificationRequested } from "@logwatch/events";
import type { Delivery, Send } from "../channels/channel.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import type { ConfigurationStore, DestinationRecord } from "../storage/configuration.ts";
import type { NotificationRecord, NotificationStore, Settlement } from "../storage/notifications.ts";

export type DeliverPorts = {
  channelId: string;
  send: Send;
  /** The address with its secret parts opened. @throws when they do not open. */
  openAddress: (destination: DestinationRecord) => unknown;
  notifications: Pick<NotificationStore, "find" | "settle">;
  configuration: Pick<ConfigurationStore, "destinations">;
  now: () => number;
  timeoutMs: number;
};

const firstRetryMs = 10_000;
const longestRetryMs = 900_000;
/** A message this old tells nobody anything new: it ends as failed, and that is seen. */
const giveUpMs = 86_400_000;

export const deliverNotifications = async (events: NotificationRequested[], ports: DeliverPorts): Promise<void> => {
  const mine = events.map((event) => event.data).filter((notification) => notification.channel === ports.channelId);
  if (mine.length === 0) return;
  const [records, found] = await Promise.all([
    ports.notifications.find([...new Set(mine.map((notification) => notification.notificationId))]),
    ports.configuration.destinations([...new Set(mine.map((notification) => notification.destinationId))]),
  ]);
  const destinations = new Map(found.map((destination) => [destination.id, destination]));
  const requested = triesWhenRequested(mine);
  for (const record of records) {
    // Tried since it was requested: how long to wait now was decided then, and the sweep requests it when that is over.
    if (record.state !== "owed" || record.attempts > (requested.get(record.notificationId) ?? 0)) continue;
    // One at a time and settled at once: a crash then repeats one message, not a batch of them.
    await ports.notifications.settle([await deliver(record, destinations.get(record.destinationId), ports)]);
  }
};

/** A slow channel's queue holds several requests of one notification; the newest of a batch counts. */
const triesWhenRequested = (requests: readonly Notification[]): Map<string, number> => {
  const tries = new Map<string, number>();
  for (const { notificationId, attempts } of requests)
    tries.set(notificationId, Math.max(attempts, tries.get(notificationId) ?? 0));
  return tries;
};

const deliver = async (
  record: NotificationRecord,
  destination: DestinationRecord | undefined,
  ports: DeliverPorts,
): Promise<Settlement> => {
  if (!destination?.enabled) return ended(record, "no-destination: it is gone or switched off");
  if (destination.confirmedAt === null) return ended(record, unconfirmed);
  const address = opened(destination, ports.openAddress);
  if (!address.ok) return ended(record, `bad-address: ${address.error}`);
  const outgoing = { notificationId: record.notificationId, message: record.message };
  const delivery = await ports.send(outgoing, address.value, AbortSignal.timeout(ports.timeoutMs));
  return settlementOf(record, delivery, ports.now());
};

/** Whether somebody agreed is asked as late as this: an address may have changed since the message was owed. */
const unconfirmed = "unconfirmed: not everybody who receives there has agreed to it yet";

/** A secret that was sealed under another key opens at no try, so the message fails and does not come again. */
const opened = (destination: DestinationRecord, open: DeliverPorts["openAddress"]): Result<unknown, string> => {
  try {
    return ok(open(destination));
  } catch {
    // What was thrown is not passed on: an error of JSON quotes the text it read.
    return fail("its secret does not open: it was changed, or sealed under another key; set the address again");
  }
};

/** What a delivery means for its notification: sent, tried again when the provider lets us, or failed with its reason. */
export const settlementOf = (record: NotificationRecord, delivery: Delivery, now: number): Settlement => {
  const { notificationId, resent } = record;
  const attempts = record.attempts + 1;
  if (delivery.ok) {
    return {
      notificationId,
      state: "sent",
      reason: "",
      attempts,
      nextAttemptAt: 0,
      sentAt: now,
      providerId: delivery.providerId,
      resent,
    };
  }
  const reason = `${delivery.kind}: ${delivery.message}`.slice(0, 500);
  if (!delivery.retryable) return ended({ ...record, attempts }, reason);
  const backOffMs = Math.min(longestRetryMs, firstRetryMs * 2 ** record.attempts);
  const nextAttemptAt = now + Math.max(delivery.afterMs ?? 0, delivery.afterMs === undefined ? backOffMs : 0);
  if (nextAttemptAt - (resent?.at ?? record.createdAt) > giveUpMs)
    return ended({ ...record, attempts }, `${reason} (given up after a day)`);
  return { notificationId, state: "owed", reason, attempts, nextAttemptAt, sentAt: null, providerId: null, resent };
};

const ended = (record: NotificationRecord, reason: string): Settlement => ({
  notificationId: record.notificationId,
  state: "failed",
  reason,
  attempts: record.attempts,
  nextAttemptAt: 0,
  sentAt: null,
  providerId: null,
  resent: record.resent,
});
