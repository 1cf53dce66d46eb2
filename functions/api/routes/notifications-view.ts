// Notifications as the API shows them. The provider's own words may quote an address: they are for the destination's owner.
import type { NotificationLineView, NotificationView } from "@logwatch/events/api";
import { type SuppressReason, suppressReasons } from "../../storage/notifications.ts";
import type { NotificationLine } from "../../storage/user-notifications.ts";
import { isAtLeast } from "../access.ts";

export const viewOfNotificationLine = (line: NotificationLine): NotificationLineView => {
  const { state, reason, message, resent, isOwnDestination } = line;
  const isNamed = isOwnDestination || (line.serviceRole !== null && isAtLeast(line.serviceRole, "editor"));
  return {
    id: line.notificationId,
    createdAt: line.createdAt,
    state,
    reason: codeOf(reason),
    reasonInWords: wordsOf(reason, isOwnDestination),
    attempts: line.attempts,
    nextAttemptAt: state === "owed" ? line.nextAttemptAt : null,
    sentAt: line.sentAt,
    providerId: isOwnDestination ? line.providerId : null,
    resent: resent ? { at: resent.at, earlier: isOwnDestination ? resent.earlier : null } : null,
    channel: line.channel,
    destinationId: isNamed ? line.destinationId : null,
    destinationName: isNamed ? line.destinationName : null,
    jobId: line.jobId,
    jobName: line.jobName,
    serviceId: line.serviceId,
    serviceName: line.serviceName,
    ruleId: line.ruleId,
    findings: line.findings,
    title: message.title,
    severity: message.severity,
    told: message.status,
  };
};

/** One notification with what it said. */
export const viewOfNotification = (line: NotificationLine): NotificationView => ({
  ...viewOfNotificationLine(line),
  message: line.message,
});

/** Of a failed try it is the kind, before the words. */
const codeOf = (reason: string): string => reason.split(":", 1)[0] ?? "";

const wordsOf = (reason: string, isOwner: boolean): string | null => {
  if (reason === "") return null;
  const known = suppressReasons.find((one) => one === reason);
  if (known) return suppressed[known];
  if (!isOwner) return "It could not be delivered. The owner of the destination sees why.";
  const words = reason.slice(codeOf(reason).length + 1).trim();
  return words === "" ? reason : words.charAt(0).toUpperCase() + words.slice(1);
};

const suppressed: Record<SuppressReason, string> = {
  "below-threshold": "What was measured did not breach the rule.",
  pending: "It has not breached for long enough.",
  silenced: "A silence hid it.",
  "not-due": "It goes on, and the next repetition was not due.",
  acknowledged: "Somebody has taken the alert on.",
  capped: "There were more label sets than one message tells.",
  "rate-limited": "The destination had as many messages in an hour as it takes.",
  flapping: "It changed to and fro too often to be told each time.",
  "no-destination": "There was nobody to tell.",
  "resolved-not-wanted": "The rule does not tell of ends.",
  failed: "It could not be delivered.",
};
