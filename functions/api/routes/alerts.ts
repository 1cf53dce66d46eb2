// Alerts: what fires and what did in the services one sees, the story of each, and who has taken it on.
import { type AlertLineView, acknowledgementInput, alert, alertLine, alertQuery, pageOf } from "@logwatch/events/api";
import type { Alert } from "../../storage/alerts.ts";
import { hiddenBy } from "../../storage/silences.ts";
import type { Role } from "../access.ts";
import { listPage } from "../list.ts";
import type { ApiPorts } from "../ports.ts";
import { notFound, type Refusal, refuse } from "../refusal.ts";
import { type Answer, answer, defineRoute, type Route } from "../route.ts";
import { alertParams, shownAlert, shownAlertLine } from "./alerts-example.ts";
import { rolesOnServices } from "./alerts-services.ts";
import { readStory } from "./alerts-story.ts";
import { viewOfAlert, viewsOfAlerts } from "./alerts-view.ts";

/** The silence that hides an alert at this moment. One that is over has nothing left to hide. */
const silencedBy = async (one: Alert, now: number, { storage }: Pick<ApiPorts, "storage">) => {
  if (one.state === "resolved") return null;
  const silence = hiddenBy(await storage.silences.active([one.serviceId], now))(one);
  if (!silence) return null;
  const { id, endsAt, authorName, comment } = silence;
  return { id, endsAt, authorName, comment };
};

const isOver = (): Refusal => refuse(409, "over", "This alert is over. Nothing more of it is told.");
const otherMeanwhile = (): Refusal =>
  refuse(409, "changed-meanwhile", "Somebody else has just taken this alert on, or given it back. Look at it again.");

/** After a write that found something else than was read. */
const afterRace = async (alertId: string, { storage }: Pick<ApiPorts, "storage">): Promise<Refusal> => {
  const [now] = await storage.alerts.find([alertId]);
  if (!now) return notFound();
  return now.state === "resolved" ? isOver() : otherMeanwhile();
};

/** What the audit log holds of an acknowledgement, as the API shows it; by the service its members are told that something changed. */
const noteOf = (
  action: string,
  { alertId, serviceId, ruleName, labels, acknowledgement }: Alert,
  after: Alert["acknowledgement"],
) => {
  const about = { serviceId, ruleName, labels };
  return {
    action,
    kind: "alert",
    objectId: alertId,
    before: { ...about, acknowledgement: shown(acknowledgement) },
    after: { ...about, acknowledgement: shown(after) },
  };
};

const shown = (one: Alert["acknowledgement"]) => one && { ...one, at: new Date(one.at).toISOString() };

const acknowledge = async (
  found: Alert,
  role: Role,
  acknowledgement: NonNullable<Alert["acknowledgement"]>,
  ports: Pick<ApiPorts, "storage">,
): Promise<Answer<AlertLineView> | Refusal> => {
  if (found.state === "resolved") return isOver();
  const { alertId } = found;
  const isWritten = await ports.storage.alerts.acknowledge(alertId, acknowledgement, found.acknowledgement?.at ?? null);
  if (!isWritten) return afterRace(alertId, ports);
  return answer(await viewOfAlert({ ...found, acknowledgement }, role, ports), {
    audit: noteOf("alert.acknowledged", found, acknowledgement),
  });
};

export const alertRoutes: Route[] = [
  defineRoute("listAlerts", {
    method: "GET",
    path: "/alerts",
    area: "alerts",
    title: "Alerts of my services",
    description: "Newest turn first. A page may be short and still have a `next`: then there was much to look through.",
    query: alertQuery,
    reply: pageOf(alertLine),
    example: { query: { acknowledged: "false" }, reply: { items: [shownAlertLine], next: null } },
    handle: async ({ caller, query }, ports) => {
      const { state: states, severity: severities, serviceId, jobId, ruleId, from: since, to: until } = query;
      const roles = await rolesOnServices(caller, serviceId, ports);
      const asked = { serviceIds: [...roles.keys()], states, severities, jobId, ruleId, since, until };
      const { acknowledged } = query;
      return listPage("listAlerts", caller, query, ports, {
        readBehind: (position, limit) => {
          const [updatedAt, alertId] = position ?? [];
          const before = position && { updatedAt: Number(updatedAt), alertId: String(alertId) };
          return ports.storage.alerts.list({ ...asked, before, limit });
        },
        keyOf: ({ updatedAt, alertId }) => [updatedAt, alertId],
        isWanted: acknowledged === undefined ? undefined : (one) => (one.acknowledgement !== null) === acknowledged,
        toViews: (items) => viewsOfAlerts(items, (id) => roles.get(id) ?? "viewer", ports),
      });
    },
  }),
  defineRoute("getAlert", {
    method: "GET",
    path: "/alerts/{alertId}",
    area: "alerts",
    title: "One alert and its story",
    description: "Its timeline, why each line was told or not, and every message owed for it.",
    reply: alert,
    example: { params: alertParams, reply: shownAlert },
    handle: async ({ caller, object: { found, role }, request }, ports) => {
      const [view, silence, story] = await Promise.all([
        viewOfAlert(found, role, ports),
        silencedBy(found, request.at, ports),
        readStory(found.alertId, role, caller, request.at, ports),
      ]);
      return answer({ ...view, silencedBy: silence, ...story });
    },
  }),
  defineRoute("acknowledgeAlert", {
    method: "PUT",
    path: "/alerts/{alertId}/acknowledgement",
    area: "alerts",
    title: "Take an alert on",
    description: "It is not repeated any more; that it is over is told. Once more, by whomever: the note is replaced.",
    body: acknowledgementInput,
    reply: alertLine,
    example: { params: alertParams, body: { note: "Looking into it." }, reply: shownAlertLine },
    handle: ({ caller, object: { found, role }, body, request }, ports) =>
      acknowledge(found, role, { by: caller.user.id, note: body.note, at: request.at }, ports),
  }),
  defineRoute("unacknowledgeAlert", {
    method: "DELETE",
    path: "/alerts/{alertId}/acknowledgement",
    area: "alerts",
    title: "Give an alert back",
    description: "While it fires it is repeated again.",
    reply: null,
    example: { params: alertParams },
    handle: async ({ object: { found } }, ports) => {
      if (found.state === "resolved") return isOver();
      if (!found.acknowledgement) return answer(null);
      const { alertId, acknowledgement } = found;
      const isTaken = await ports.storage.alerts.acknowledge(alertId, null, acknowledgement.at);
      if (!isTaken) return afterRace(alertId, ports);
      return answer(null, { audit: noteOf("alert.unacknowledged", found, null) });
    },
  }),
];
