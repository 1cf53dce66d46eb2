// The configuration in memory. Applying it is what creates the jobs and rules that the other in-memory stores read.
import { checkConfiguration } from "./check-configuration.ts";
import type { ConfigurationStore, Stored } from "./configuration.ts";
import { applyTo } from "./configuration-apply.memory.ts";
import { memoryEdits } from "./configuration-edit.memory.ts";
import { memoryReads } from "./configuration-read.memory.ts";
import { type MemoryTables, openTables } from "./memory-tables.ts";

export const memoryConfiguration = (tables: MemoryTables = openTables()): ConfigurationStore => ({
  read: async (managedBy) => {
    const of = <Item>(table: ReadonlyMap<string, Stored<Item>>): Item[] =>
      [...table.values()].filter((one) => managedBy === undefined || one.ownerId === managedBy).map((one) => one.item);
    return structuredClone({
      sources: of(tables.sources),
      services: of(tables.services),
      jobs: of(tables.jobs).map((entry) => entry.record),
      rules: of(tables.rules),
      destinations: of(tables.destinations),
    });
  },
  apply: async (managedBy, wanted, now = Date.now()) => {
    checkConfiguration(managedBy, wanted, {
      sources: ownersOf(tables.sources),
      services: ownersOf(tables.services),
      jobs: ownersOf(tables.jobs),
      rules: ownersOf(tables.rules),
      destinations: ownersOf(tables.destinations),
    });
    applyTo(tables, managedBy, structuredClone(wanted), now);
  },
  source: async (id) => structuredClone(tables.sources.get(id)?.item),
  destinations: async (ids) =>
    ids.flatMap((id) => {
      const found = tables.destinations.get(id);
      return found ? [structuredClone(found.item)] : [];
    }),
  ...memoryReads(tables),
  ...memoryEdits(tables),
});

const ownersOf = (table: ReadonlyMap<string, Stored<unknown>>): Map<string, string> =>
  new Map([...table].map(([id, one]) => [id, one.ownerId]));
