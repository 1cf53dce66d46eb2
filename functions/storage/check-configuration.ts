// Whether a configuration can be stored: equal ids, ids of another owner, references to nothing. Pure; every store asks it.
import type { Configuration, ConfigurationKind } from "./configuration.ts";

const configurationKinds = ["sources", "services", "jobs", "rules", "destinations"] as const;

/** Who declares each id of each kind now. */
export type Owners = Record<ConfigurationKind, ReadonlyMap<string, string>>;

/** @throws with the offending id in words. `owners` holds every stored id. */
export const checkConfiguration = (managedBy: string, wanted: Configuration, owners: Owners): void => {
  for (const kind of configurationKinds) {
    const seen = new Set<string>();
    for (const { id } of wanted[kind]) {
      if (seen.has(id)) throw new Error(`Two ${kind} have the id "${id}".`);
      seen.add(id);
      const owner = owners[kind].get(id);
      if (owner !== undefined && owner !== managedBy) {
        throw new Error(`The id "${id}" (${kind}) is already declared by "${owner}".`);
      }
    }
  }
  const known = (kind: ConfigurationKind): ReadonlySet<string> => {
    const others = [...owners[kind]].filter(([, owner]) => owner !== managedBy).map(([id]) => id);
    return new Set([...wanted[kind].map((one) => one.id), ...others]);
  };
  const [sources, services, jobs] = [known("sources"), known("services"), known("jobs")];
  for (const { id, sourceId } of wanted.services) {
    if (!sources.has(sourceId)) throw new Error(`Service "${id}" names source "${sourceId}", which does not exist.`);
  }
  for (const { id, serviceId } of wanted.jobs) {
    if (!services.has(serviceId)) throw new Error(`Job "${id}" names service "${serviceId}", which does not exist.`);
  }
  for (const { id, jobId } of wanted.rules) {
    if (!jobs.has(jobId)) throw new Error(`Rule "${id}" names job "${jobId}", which does not exist.`);
  }
};
