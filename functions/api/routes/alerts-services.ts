// Ids of all services that one caller sees, with the caller's role: what lists of alerts and silences are narrowed to. Read in pages.
import { instanceOwners } from "../../storage/configuration.ts";
import type { Role } from "../access.ts";
import type { Caller } from "../authenticate.ts";
import type { ApiPorts } from "../ports.ts";

const pageSize = 500;

type Ports = Pick<ApiPorts, "storage">;

/** Of `serviceId` alone, when one is named; a service that is not seen is as one that is not there. */
export const rolesOnServices = async (
  { user }: Caller,
  serviceId: string | undefined,
  { storage }: Ports,
): Promise<ReadonlyMap<string, Role>> => {
  if (serviceId !== undefined) {
    const role = await storage.roles.on("service", serviceId, user);
    return new Map(role ? [[serviceId, role]] : []);
  }
  const roles = new Map<string, Role>();
  const [memberships, declared] = await Promise.all([
    readAll((after) => storage.members.visibleServices(user.id, { after, limit: pageSize }), ofMembership),
    user.role === "admin" ? readDeclared({ storage }) : [],
  ]);
  for (const { serviceId: id, role } of memberships) roles.set(id, role);
  for (const { item } of declared) roles.set(item.id, "owner");
  return roles;
};

const ofMembership = ({ serviceId }: { serviceId: string }): string => serviceId;

/** What the instance's file declares. */
const readDeclared = ({ storage }: Ports) =>
  readAll(
    (after) =>
      storage.configuration.list("services", {
        ownerIds: instanceOwners,
        limit: pageSize,
        ...(after === undefined ? {} : { after }),
      }),
    ({ item }) => item.id,
  );

const readAll = async <Item>(
  read: (after: string | undefined) => Promise<readonly Item[]>,
  idOf: (item: Item) => string,
): Promise<Item[]> => {
  const all: Item[] = [];
  for (let after: string | undefined; ; ) {
    const page = await read(after);
    all.push(...page);
    const last = page.at(-1);
    if (page.length < pageSize || last === undefined) return all;
    after = idOf(last);
  }
};
