// Notifications: what was owed to whom, how it ended and why, and one sent again by hand.
import { notificationLine, notificationQuery, notificationView, pageOf } from "@logwatch/events/api";
import type { NotificationRecord } from "../../storage/notifications.ts";
import { listPage } from "../list.ts";
import type { ApiPorts } from "../ports.ts";
import { notFound, type Refusal, refuse } from "../refusal.ts";
import { answer, defineRoute, type Route } from "../route.ts";
import { viewOfNotification, viewOfNotificationLine } from "./notifications-view.ts";

const params = { notificationId: "n-Zm9vYmFyYmF6cXV4Zm9vYg" };
const line = {
  id: params.notificationId,
  createdAt: "2026-11-22T12:00:01.000Z",
  state: "failed",
  reason: "not-found",
  reasonInWords: "Slack answered 404: no_service",
  attempts: 1,
  nextAttemptAt: null,
  sentAt: null,
  providerId: null,
  resent: null,
  channel: "slack",
  destinationId: "01K0000000000000000000DEST",
  destinationName: "on call",
  jobId: "01K000000000000000000000JB",
  jobName: "failed logins",
  serviceId: "01HZY000000000000000SERVICE",
  serviceName: "auth",
  ruleId: "01K000000000000000000000RL",
  findings: 1,
  title: "brute force",
  severity: "critical",
  told: "firing",
};
const shown = {
  ...line,
  message: {
    title: "brute force",
    severity: "critical",
    status: "firing",
    lines: ["12 failed logins by 192.0.2.7 in 1m, above 10."],
    fields: [],
    examples: [],
    links: [],
  },
};

export const notificationRoutes: Route[] = [
  defineRoute("listNotifications", {
    method: "GET",
    path: "/notifications",
    area: "notifications",
    title: "Messages that were owed",
    description: "To my destinations, and of the jobs on services I see; newest first.",
    query: notificationQuery,
    reply: pageOf(notificationLine),
    example: { reply: { items: [line], next: null } },
    handle: async ({ caller, query }, ports) => {
      const { state: states, destinationId, jobId, alertId, from, to } = query;
      return listPage("listNotifications", caller, query, ports, {
        readBehind: (position, limit) => {
          const [createdAt, notificationId] = position ?? [];
          const before =
            position === undefined
              ? undefined
              : { createdAt: Number(createdAt), notificationId: String(notificationId) };
          const narrowed = { states, destinationId, jobId, alertId, from, to, before, limit };
          return ports.storage.userNotifications.list(caller.user, narrowed);
        },
        keyOf: ({ createdAt, notificationId }) => [createdAt, notificationId],
        toViews: (items) => items.map(viewOfNotificationLine),
      });
    },
  }),
  defineRoute("getNotification", {
    method: "GET",
    path: "/notifications/{notificationId}",
    area: "notifications",
    title: "One message, and how it ended",
    reply: notificationView,
    example: { params, reply: shown },
    handle: async ({ caller, object: { found } }, { storage }) => {
      const now = await storage.userNotifications.find(caller.user, found.notificationId);
      return now ? answer(viewOfNotification(now)) : notFound();
    },
  }),
  defineRoute("resendNotification", {
    method: "POST",
    path: "/notifications/{notificationId}/resend",
    area: "notifications",
    title: "Send a message again",
    description: "One that has ended: sent, failed or suppressed. At once, and as often as the first time if it fails.",
    reply: notificationView,
    statuses: [202],
    example: {
      params,
      reply: {
        ...shown,
        state: "owed",
        reason: "",
        reasonInWords: null,
        attempts: 0,
        nextAttemptAt: "2026-11-22T12:30:00.000Z",
        resent: { at: "2026-11-22T12:30:00.000Z", earlier: "failed after 1 try: not-found: Slack answered 404" },
      },
    },
    handle: async ({ caller, object: { found }, request }, ports) => {
      const refused = (await notReceived(found, ports)) ?? (await ports.limits.take("resendByUser", caller.user.id));
      if (refused) return refused;
      const { notificationId } = found;
      if (!(await ports.storage.notifications.resend(notificationId, request.at))) return owedAnyway();
      await requestNow(found, request.at, ports);
      const now = await ports.storage.userNotifications.find(caller.user, notificationId);
      if (!now) return notFound();
      const after = viewOfNotification(now);
      const [was, is] = [found.state, after.state];
      return answer(after, {
        audit: {
          action: "notification.resent",
          kind: "notification",
          objectId: notificationId,
          before: { state: was, jobId: found.jobId },
          after: { state: is, jobId: found.jobId },
        },
      });
    },
  }),
];

/** Why it would not arrive now either; undefined when it may. */
const notReceived = async (
  { destinationId, state }: NotificationRecord,
  { storage }: ApiPorts,
): Promise<Refusal | undefined> => {
  if (state === "owed") return owedAnyway();
  const [destination] = await storage.configuration.destinations([destinationId]);
  if (!destination) return refuse(409, "no-destination", "Its destination is gone.");
  if (!destination.enabled) return refuse(409, "off", "Its destination is switched off. Switch it on first.");
  if (destination.confirmedAt === null)
    return refuse(409, "unconfirmed", "Not everybody who is told at its destination has agreed yet.");
  return undefined;
};

const owedAnyway = (): Refusal =>
  refuse(409, "owed", "It is owed anyway, and will be tried by itself. Look when, and wait for it.");

/** A request that does not get out is made again by the next sweep, as for any message that is owed. */
const requestNow = async (record: NotificationRecord, at: number, { emit, log }: ApiPorts): Promise<void> => {
  const { notificationId, destinationId, channel, evaluationId, ruleId, message } = record;
  const data = { notificationId, destinationId, channel, evaluationId, ruleId, message, attempts: 0 };
  const event = { id: notificationId, type: "notification.requested", at, cause: evaluationId, data } as const;
  try {
    await emit("logwatch.notification.requested", [{ key: destinationId, event }]);
  } catch (error) {
    log("warn", "a message to be sent again waits for the next sweep", { notification: notificationId, error });
  }
};
