// Services as one caller sees them: with the caller's role. Members see theirs, admins also those of the instance's file.
import type { ServiceView } from "@logwatch/events/api";
import { instanceOwners, isInstanceOwner, type ServiceRecord, type Stored } from "../../storage/configuration.ts";
import type { Role } from "../access.ts";
import type { Caller } from "../authenticate.ts";
import type { ApiPorts } from "../ports.ts";

/** `role` is the caller's. */
export const viewOfService = (
  { item, ownerId, version, createdAt, updatedAt }: Stored<ServiceRecord>,
  role: Role,
): ServiceView => ({ ...item, role, version, createdAt, updatedAt, managedByFile: isInstanceOwner(ownerId) });

/** In order of id, at most `limit` behind `after`: two lists, each as long as the page, hold all of the page. */
export const visibleServices = async (
  { user }: Caller,
  { storage }: Pick<ApiPorts, "storage">,
  after: string | undefined,
  limit: number,
): Promise<ServiceView[]> => {
  const [memberships, declared] = await Promise.all([
    storage.members.visibleServices(user.id, { after, limit }),
    user.role === "admin"
      ? storage.configuration.list("services", { ownerIds: instanceOwners, limit, ...(after ? { after } : {}) })
      : [],
  ]);
  const ofMembers = await storage.configuration.find(
    "services",
    memberships.map(({ serviceId }) => serviceId),
  );
  const roles = new Map<string, Role>(memberships.map(({ serviceId, role }) => [serviceId, role]));
  const views = new Map<string, ServiceView>();
  for (const stored of ofMembers)
    views.set(stored.item.id, viewOfService(stored, roles.get(stored.item.id) ?? "viewer"));
  for (const stored of declared) views.set(stored.item.id, viewOfService(stored, "owner"));
  return [...views.values()].sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, limit);
};
