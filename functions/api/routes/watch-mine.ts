// What a user's watch file speaks of: the things they own and may change, and by which names it may refer to things of others.
import type { Configuration, ConfigurationItems, Stored } from "../../storage/configuration.ts";
import { instanceOwners } from "../../storage/configuration.ts";
import type { ServiceRole } from "../../storage/members.ts";
import { type OwnedKind, ownedKinds, type WatchPlan } from "../../storage/user-watch.ts";
import { isAtLeast } from "../access.ts";
import type { Caller } from "../authenticate.ts";
import { ownersOf } from "../owners.ts";
import type { ApiPorts } from "../ports.ts";

/** Kinds of things that others name. */
export type NamedKind = "sources" | "services" | "destinations";

export type Mine = {
  /** What the file speaks of. */
  scope: Configuration;
  /** Owned, and out of reach: jobs and services of a service that one does not see any more, or may only look at. */
  untouched: Pick<Configuration, "services" | "jobs">;
  seen: WatchPlan["seen"];
  /** Things of others that the file may name: id and label. */
  outside: Record<NamedKind, ReadonlyMap<string, string>>;
  /** Ids of sources and destinations that may be used anew, beside one's own. */
  usable: ReadonlySet<string>;
};

/** Nobody has as many; who does cannot have them in one file. */
const mostOfKind = 5_000;

type Storage = Pick<ApiPorts["storage"], "configuration" | "members">;

/** `too-many`: more than one file holds. */
export const readMine = async ({ user }: Caller, storage: Storage): Promise<Mine | "too-many"> => {
  const [stored, rules, roles] = await Promise.all([
    readOwned(user.id, storage),
    storage.configuration.list("rules", { ownerIds: [user.id], limit: mostOfKind * 2 }),
    rolesOf(user.id, storage),
  ]);
  if (ownedKinds.some((kind) => stored[kind].length > mostOfKind) || rules.length === mostOfKind * 2) return "too-many";
  const instance =
    user.role === "admin" ? await readInstance(storage) : { sources: [], services: [], destinations: [] };
  const declared = new Set(instance.services.map(({ id }) => id));
  const mayChange = (serviceId: string) =>
    declared.has(serviceId) || isAtLeast(roles.get(serviceId) ?? "viewer", "editor");
  const [services, lostServices] = parted(itemsOf(stored.services), ({ id }) => roles.has(id));
  const [jobs, lostJobs] = parted(itemsOf(stored.jobs), ({ serviceId }) => mayChange(serviceId));
  const kept = new Set(jobs.map(({ id }) => id));
  const scope = {
    sources: itemsOf(stored.sources),
    services,
    destinations: itemsOf(stored.destinations),
    jobs,
    rules: rules.map(({ item }) => item).filter(({ jobId }) => kept.has(jobId)),
  };
  const editable = [...roles].flatMap(([id, role]) => (isAtLeast(role, "editor") ? [id] : []));
  return {
    scope,
    untouched: { services: lostServices, jobs: lostJobs },
    seen: seenOf(stored),
    outside: {
      sources: await labelled(
        scope,
        "sources",
        [...instance.sources.map(idOf), ...services.map((one) => one.sourceId)],
        storage,
      ),
      services: await labelled(scope, "services", [...declared, ...editable], storage),
      destinations: await labelled(
        scope,
        "destinations",
        [...instance.destinations.map(idOf), ...scope.rules.flatMap((rule) => rule.destinationIds)],
        storage,
        ownersOf(user),
      ),
    },
    usable: new Set([...instance.sources, ...instance.destinations].map(idOf)),
  };
};

const idOf = ({ id }: { id: string }): string => id;
const itemsOf = <Item>(stored: readonly Stored<Item>[]): Item[] => stored.map(({ item }) => item);

const parted = <Item>(items: readonly Item[], isIn: (item: Item) => boolean): [Item[], Item[]] => [
  items.filter(isIn),
  items.filter((item) => !isIn(item)),
];

type Owned = { [Kind in OwnedKind]: Stored<ConfigurationItems[Kind]>[] };

const readOwned = async (ownerId: string, { configuration }: Storage): Promise<Owned> => {
  const of = { ownerIds: [ownerId], limit: mostOfKind + 1 };
  const [sources, services, destinations, jobs] = await Promise.all([
    configuration.list("sources", of),
    configuration.list("services", of),
    configuration.list("destinations", of),
    configuration.list("jobs", of),
  ]);
  return { sources, services, destinations, jobs };
};

const seenOf = (stored: Owned): WatchPlan["seen"] => {
  const versions = (kind: OwnedKind) => new Map(stored[kind].map(({ item, version }) => [item.id, version]));
  return {
    sources: versions("sources"),
    services: versions("services"),
    destinations: versions("destinations"),
    jobs: versions("jobs"),
  };
};

const rolesOf = async (userId: string, { members }: Storage): Promise<Map<string, ServiceRole>> => {
  const found = await members.visibleServices(userId, { limit: mostOfKind });
  return new Map(found.map(({ serviceId, role }) => [serviceId, role]));
};

const readInstance = async ({ configuration }: Storage): Promise<Pick<Configuration, NamedKind>> => {
  const of = { ownerIds: instanceOwners, limit: mostOfKind };
  const [sources, services, destinations] = await Promise.all([
    configuration.list("sources", of),
    configuration.list("services", of),
    configuration.list("destinations", of),
  ]);
  return { sources: itemsOf(sources), services: itemsOf(services), destinations: itemsOf(destinations) };
};

/**
 * What is not of the file, by what the file calls it: its name where that is nobody else's, else its id. `shown`: owners whose things'
 * names may be read; anybody's when absent.
 */
const labelled = async (
  scope: Configuration,
  kind: NamedKind,
  ids: readonly string[],
  { configuration }: Storage,
  shown?: readonly string[],
): Promise<Map<string, string>> => {
  const own = new Map(scope[kind].map(({ id, name }) => [id, name]));
  const others = [...new Set(ids)].filter((id) => !own.has(id));
  const found = others.length === 0 ? [] : await configuration.find(kind, others);
  const names = found.map(({ item, ownerId }) =>
    shown === undefined || shown.includes(ownerId) ? item.name : item.id,
  );
  const count = new Map<string, number>();
  for (const name of [...own.values(), ...names]) count.set(name, (count.get(name) ?? 0) + 1);
  return new Map(
    found.map(({ item }, index) => {
      const name = names[index] ?? item.id;
      return [item.id, count.get(name) === 1 ? name : item.id];
    }),
  );
};
