// From what differs to what is written: only things that changed, each with the version it was read with. And what stands in the way.
import type { Difference } from "../../apply/compare-watch.ts";
import type { Configuration } from "../../storage/configuration.ts";
import { type OwnedKind, ownedKinds, type WatchPlan } from "../../storage/user-watch.ts";
import type { ApiPorts } from "../ports.ts";
import type { Mine } from "./watch-mine.ts";

/** In one transaction, within the time the gateway gives. */
export const mostChanges = 200;

/** The writes that make what is wanted of what is there. */
export const planOf = (differences: readonly Difference[], wanted: Configuration, mine: Mine): WatchPlan => {
  const changed = idsOf(differences, "added", "changed");
  // A job is written with all its rules.
  const ruleJobs = new Map([...mine.scope.rules, ...wanted.rules].map(({ id, jobId }) => [id, jobId]));
  for (const { kind, id } of differences) if (kind === "rules") changed.jobs.add(ruleJobs.get(id) ?? "");
  const puts = <Item extends { id: string }>(kind: OwnedKind, items: readonly Item[]) =>
    items
      .filter(({ id }) => changed[kind].has(id))
      .map((item) => ({ item, version: mine.seen[kind].get(item.id) ?? 0 }));
  const gone = idsOf(differences, "removed");
  return {
    seen: mine.seen,
    sources: puts("sources", wanted.sources),
    services: puts("services", wanted.services),
    destinations: puts("destinations", wanted.destinations),
    jobs: puts("jobs", wanted.jobs).map((put) => ({
      ...put,
      rules: wanted.rules.filter(({ jobId }) => jobId === put.item.id),
    })),
    gone: {
      sources: [...gone.sources],
      services: [...gone.services],
      destinations: [...gone.destinations],
      jobs: [...gone.jobs],
    },
  };
};

/** How many things are written or removed. */
export const sizeOf = (plan: WatchPlan): number =>
  ownedKinds.reduce((total, kind) => total + plan[kind].length + plan.gone[kind].length, 0);

const idsOf = (
  differences: readonly Difference[],
  ...changes: Difference["change"][]
): Record<OwnedKind, Set<string>> => {
  const of = (kind: OwnedKind) =>
    new Set(differences.filter((one) => one.kind === kind && changes.includes(one.change)).map(({ id }) => id));
  return { sources: of("sources"), services: of("services"), destinations: of("destinations"), jobs: of("jobs") };
};

const mostNamed = 20;
const mostUsers = 1_000;

/** What the file leaves out and others use, in words: their jobs are not one's own to remove. */
export const inTheWay = async (
  { gone, jobs }: WatchPlan,
  { scope }: Mine,
  { storage }: Pick<ApiPorts, "storage">,
): Promise<string[]> => {
  const nameOf = (kind: OwnedKind, id: string) => JSON.stringify(scope[kind].find((one) => one.id === id)?.name ?? id);
  const own = new Set(scope.jobs.map(({ id }) => id));
  const words: string[] = [];
  const watching =
    gone.services.length === 0
      ? []
      : await storage.configuration.list("jobs", { serviceIds: gone.services, limit: mostUsers });
  for (const id of gone.services) {
    const others = watching
      .filter(({ item }) => item.serviceId === id && !own.has(item.id))
      .map(({ item }) => item.name);
    if (others.length > 0)
      words.push(`service ${nameOf("services", id)} cannot go: others watch it with the jobs ${listed(others)}`);
  }
  const settled = new Set([...gone.jobs, ...jobs.map(({ item }) => item.id)]);
  for (const id of gone.destinations) {
    const rules = await storage.configuration.list("rules", { destinationId: id, limit: mostUsers });
    const left = rules.filter(({ item }) => !settled.has(item.jobId)).length;
    if (left > 0)
      words.push(`destination ${nameOf("destinations", id)} cannot go: rules of other jobs name it (${left})`);
  }
  const goingServices = new Set(gone.services);
  const reading =
    gone.sources.length === 0
      ? []
      : await storage.configuration.list("services", { sourceIds: gone.sources, limit: mostUsers });
  for (const id of gone.sources) {
    const left = reading.filter(
      ({ item }) =>
        item.sourceId === id && !goingServices.has(item.id) && !scope.services.some((one) => one.id === item.id),
    ).length;
    if (left > 0) words.push(`source ${nameOf("sources", id)} cannot go: other services read it (${left})`);
  }
  return words;
};

const listed = (names: readonly string[]): string => {
  const shown = names
    .slice(0, mostNamed)
    .map((name) => JSON.stringify(name))
    .join(", ");
  return names.length > mostNamed ? `${shown} and ${names.length - mostNamed} more` : shown;
};
