// Configured things removed from memory, with what goes along.
import type { ConfigurationKind, Removal, Stored } from "./configuration.ts";
import type { MemoryTables } from "./memory-tables.ts";

export const removeFrom = (
  tables: MemoryTables,
  name: ConfigurationKind,
  id: string,
  expectedVersion: number | null,
): Removal => {
  const stored = tables[name].get(id);
  if (!stored || stored.version !== (expectedVersion ?? stored.version)) return "changed";
  if (isUsed(tables, name, id)) return "in-use";
  if (name === "jobs") removeJobs(tables, [id]);
  else if (name === "rules") removeRule(tables, id);
  else tables[name].delete(id);
  return "removed";
};

export const removeOwnerFrom = (tables: MemoryTables, ownerId: string): void => {
  const sources = idsWhere(tables.sources, (one) => one.ownerId === ownerId);
  const services = idsWhere(tables.services, (one) => one.ownerId === ownerId || sources.has(one.item.sourceId));
  const jobs = idsWhere(tables.jobs, (one) => one.ownerId === ownerId || services.has(one.item.record.serviceId));
  removeJobs(tables, [...jobs]);
  const rules = idsWhere(tables.rules, (one) => one.ownerId === ownerId);
  for (const id of rules) tables.rules.delete(id);
  tables.forgetRules([...rules]);
  for (const id of services) tables.services.delete(id);
  for (const id of sources) tables.sources.delete(id);
  for (const id of idsWhere(tables.destinations, (one) => one.ownerId === ownerId)) tables.destinations.delete(id);
};

const idsWhere = <Item>(table: ReadonlyMap<string, Stored<Item>>, is: (stored: Stored<Item>) => boolean): Set<string> =>
  new Set([...table].filter(([, stored]) => is(stored)).map(([id]) => id));

const isUsed = ({ services, jobs, rules }: MemoryTables, name: ConfigurationKind, id: string): boolean => {
  if (name === "sources") return idsWhere(services, (one) => one.item.sourceId === id).size > 0;
  if (name === "services") return idsWhere(jobs, (one) => one.item.record.serviceId === id).size > 0;
  if (name === "destinations") return idsWhere(rules, (one) => one.item.destinationIds.includes(id)).size > 0;
  return false;
};

/** Whoever edits the job holds its rules too: a rule that goes is a change of the job. */
const removeRule = (tables: MemoryTables, id: string): void => {
  const job = tables.jobs.get(tables.rules.get(id)?.item.jobId ?? "");
  if (job) job.version += 1;
  tables.rules.delete(id);
  tables.forgetRules([id]);
};

const removeJobs = (tables: MemoryTables, jobIds: readonly string[]): void => {
  const gone = new Set(jobIds);
  const rules = idsWhere(tables.rules, (one) => gone.has(one.item.jobId));
  for (const id of rules) tables.rules.delete(id);
  for (const id of gone) tables.jobs.delete(id);
  tables.forgetRules([...rules]);
  tables.forgetJobs(jobIds);
};
