// The story of one alert: its timeline, why a line of it was not told, and every message that was owed for it.
import type { OwedNotificationView, TimelineLineView } from "@logwatch/events/api";
import type { AlertLine } from "../../storage/alerts.ts";
import type { NotificationRecord } from "../../storage/notifications.ts";
import { isAtLeast, type Role } from "../access.ts";
import type { Caller } from "../authenticate.ts";
import { ownersOf } from "../owners.ts";
import type { ApiPorts } from "../ports.ts";

const mostLines = 200;
const mostNotifications = 500;

export type AlertStory = {
  timeline: { items: TimelineLineView[]; truncated: boolean };
  notifications: { items: OwedNotificationView[]; truncated: boolean };
};

/** As far as the caller, with this role on its service, may know it. */
export const readStory = async (
  alertId: string,
  role: Role,
  caller: Caller,
  now: number,
  ports: Pick<ApiPorts, "storage">,
): Promise<AlertStory> => {
  const { storage } = ports;
  const lines = await storage.alerts.timeline(alertId, mostLines + 1);
  const shown = lines.slice(0, mostLines);
  const evaluationIds = [...new Set(shown.filter(isOwed).map((line) => line.evaluationId))];
  const found =
    evaluationIds.length === 0 ? [] : await storage.notifications.list({ evaluationIds, limit: mostNotifications + 1 });
  const owed = found.slice(0, mostNotifications);
  const told: Told = { owed, isWhole: found.length <= mostNotifications, decidedTo: now - decidedWithinMs };
  const items = shown.map((line, index) => viewOfLine(line, lines[index + 1], told));
  return {
    timeline: { items, truncated: lines.length > mostLines },
    notifications: {
      items: await viewsOfOwed(owed, role, caller, ports),
      truncated: found.length > mostNotifications,
    },
  };
};

const isOwed = ({ told, withheld }: AlertLine): boolean => told !== null && withheld === null;

/** `isWhole`: these are all of the messages. Until `decidedTo` notify has decided whom to tell of a line. */
type Told = { owed: readonly NotificationRecord[]; isWhole: boolean; decidedTo: number };

/** From the end of a window to its messages: the job's delay, the question, and the way to notify. */
const decidedWithinMs = 120_000;

/** `earlier`: the line before it in time. */
const viewOfLine = (line: AlertLine, earlier: AlertLine | undefined, messages: Told): TimelineLineView => {
  const { at, from, to, value, why, told, late, withheld } = line;
  const reason = isOwed(line) ? unheardReason(line, messages) : (withheld?.reason ?? silentReason(line, earlier));
  return {
    ...{ at, from, to, value, why, late, reason },
    told: reason === null ? told : null,
    silenceId: withheld?.silenceId ?? null,
  };
};

/** Why evaluate had no word for a turn. */
const silentReason = ({ to, sequence }: AlertLine, earlier: AlertLine | undefined): string | null => {
  switch (to) {
    case "pending":
      return "pending";
    case "ok":
      return "below-threshold";
    case "firing":
      return "flapping";
    case "resolved":
      // An end that nobody wants to hear is counted as told; one that may be none yet is not.
      return earlier && sequence === earlier.sequence ? "flapping" : "resolved-not-wanted";
  }
};

/** Of a line that was to be told: null while any message of it was sent or still may be. */
const unheardReason = ({ evaluationId, at }: AlertLine, { owed, isWhole, decidedTo }: Told): string | null => {
  const messages = owed.filter((one) => one.evaluationId === evaluationId);
  const [first] = messages;
  if (!first) return isWhole && at <= decidedTo ? "no-destination" : null;
  const isHeard = messages.some(({ state, sentAt }) => state === "owed" || state === "sent" || sentAt !== null);
  return isHeard ? null : first.state === "failed" ? "failed" : first.reason;
};

/** A destination is its owner's; editors of the service see which ones their alerts go to. Nobody sees an address here. */
const viewsOfOwed = async (
  owed: readonly NotificationRecord[],
  role: Role,
  { user }: Caller,
  { storage }: Pick<ApiPorts, "storage">,
): Promise<OwedNotificationView[]> => {
  const ids = [...new Set(owed.map(({ destinationId }) => destinationId))];
  const stored = ids.length === 0 ? [] : await storage.configuration.find("destinations", ids);
  const destinations = new Map(stored.map((one) => [one.item.id, one]));
  const isEditor = isAtLeast(role, "editor");
  return owed.map((record) => {
    const destination = destinations.get(record.destinationId);
    const isSeen = isEditor || (destination !== undefined && ownersOf(user).includes(destination.ownerId));
    return {
      id: record.notificationId,
      at: record.createdAt,
      channel: record.channel,
      destinationId: isSeen ? record.destinationId : null,
      destinationName: isSeen ? (destination?.item.name ?? null) : null,
      told: record.message.status,
      state: record.state,
      reason: kindOf(record.reason),
      attempts: record.attempts,
      nextAttemptAt: record.state === "owed" ? record.nextAttemptAt : null,
      sentAt: record.sentAt,
      receipt: isSeen ? record.providerId : null,
      resentAt: record.resent?.at ?? null,
    };
  });
};

/** The provider's own words may quote an address: they are for who may see the message itself. */
const kindOf = (reason: string): string => reason.split(":", 1)[0] ?? "";
