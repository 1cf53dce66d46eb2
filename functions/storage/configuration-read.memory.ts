// Configured things found and listed in memory.
import type {
  AnyConfigurationQuery,
  ConfigurationItems,
  ConfigurationKind,
  ConfigurationStore,
  Stored,
} from "./configuration.ts";
import type { MemoryTables } from "./memory-tables.ts";

export const memoryReads = (tables: MemoryTables): Pick<ConfigurationStore, "find" | "list"> => ({
  find: async (name, ids) => {
    const wanted = new Set(ids);
    return sorted(recordsOf(tables, name).filter(({ item }) => wanted.has(item.id)));
  },
  list: async (name, query) => {
    const found = recordsOf(tables, name).filter((stored) => isListed(stored, query));
    return sorted(found).slice(0, Math.max(0, query.limit));
  },
});

/** Every record of a kind. A job's lies beside its cursor. */
const recordsOf = <Name extends ConfigurationKind>(
  tables: MemoryTables,
  name: Name,
): Stored<ConfigurationItems[Name]>[] => {
  const all: { [Kind in ConfigurationKind]: () => Stored<ConfigurationItems[Kind]>[] } = {
    sources: () => [...tables.sources.values()],
    services: () => [...tables.services.values()],
    jobs: () => [...tables.jobs.values()].map((stored) => ({ ...stored, item: stored.item.record })),
    rules: () => [...tables.rules.values()],
    destinations: () => [...tables.destinations.values()],
  };
  return structuredClone(all[name]());
};

const sorted = <Item extends { id: string }>(found: Stored<Item>[]): Stored<Item>[] =>
  found.sort((left, right) => (left.item.id < right.item.id ? -1 : 1));

const isListed = (
  { item, ownerId }: Stored<ConfigurationItems[ConfigurationKind]>,
  query: AnyConfigurationQuery,
): boolean => {
  const fields = new Map<string, unknown>(Object.entries(item));
  const isNamed = (list: readonly unknown[] | undefined, field: string): boolean =>
    !list || list.includes(fields.get(field));
  return (
    isNamed(query.ids, "id") &&
    isNamed(query.sourceIds, "sourceId") &&
    isNamed(query.serviceIds, "serviceId") &&
    isNamed(query.jobIds, "jobId") &&
    (!query.ownerIds || query.ownerIds.includes(ownerId)) &&
    (query.after === undefined || item.id > query.after) &&
    (query.destinationId === undefined ||
      ("destinationIds" in item && item.destinationIds.includes(query.destinationId)))
  );
};
