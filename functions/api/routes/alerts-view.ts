// Alerts as the API shows them, with the names of who has taken them on.
import type { AlertLineView } from "@logwatch/events/api";
import type { Alert } from "../../storage/alerts.ts";
import type { Role } from "../access.ts";
import type { ApiPorts } from "../ports.ts";

/** In their order. `roleOf`: the caller's, on an alert's service. */
export const viewsOfAlerts = async (
  alerts: readonly Alert[],
  roleOf: (serviceId: string) => Role,
  { storage }: Pick<ApiPorts, "storage">,
): Promise<AlertLineView[]> => {
  const ids = [...new Set(alerts.flatMap(({ acknowledgement }) => acknowledgement?.by ?? []))];
  const users = await Promise.all(ids.map((id) => storage.users.find(id)));
  const names = new Map(users.flatMap((user) => (user ? [[user.id, user.name] as const] : [])));
  return alerts.map((one) => viewOf(one, roleOf(one.serviceId), names));
};

/** One alert, as its list shows it. */
export const viewOfAlert = async (
  alert: Alert,
  role: Role,
  ports: Pick<ApiPorts, "storage">,
): Promise<AlertLineView> => {
  const [view] = await viewsOfAlerts([alert], () => role, ports);
  if (!view) throw new Error("One alert has one view.");
  return view;
};

const viewOf = (
  { alertId, sequence: _told, acknowledgement, ...alert }: Alert,
  role: Role,
  names: ReadonlyMap<string, string>,
): AlertLineView => ({
  ...alert,
  id: alertId,
  acknowledgement: acknowledgement && { ...acknowledgement, byName: names.get(acknowledgement.by) ?? null },
  role,
});
