// Jobs as the API shows them.
import { type JobLineView, type JobView, job, type RuleView } from "@logwatch/events/api";
import * as z from "zod";
import { settingsOfRule } from "../../apply/rule-record.ts";
import { isInstanceOwner, type JobRecord, type RuleRecord, type Stored } from "../../storage/configuration.ts";
import type { JobLine } from "../../storage/user-jobs.ts";
import type { Role } from "../access.ts";
import type { Caller } from "../authenticate.ts";
import type { ApiPorts } from "../ports.ts";

/** What a file declares may have more rules than the API takes; nobody reads more than these. */
const mostRules = 1000;

export type JobWithRules = { stored: Stored<JobRecord>; rules: RuleRecord[]; view: JobView };

/** With all that a view of it names. `role`: the caller's on it. */
export const withRules = async (
  stored: Stored<JobRecord>,
  role: Role,
  { storage }: Pick<ApiPorts, "storage">,
): Promise<JobWithRules> => {
  const { item, ownerId, version, createdAt, updatedAt } = stored;
  const [found, [service], owner] = await Promise.all([
    storage.configuration.list("rules", { jobIds: [item.id], limit: mostRules }),
    storage.configuration.find("services", [item.serviceId]),
    isInstanceOwner(ownerId) ? undefined : storage.users.find(ownerId),
  ]);
  const rules = found.map((one) => one.item);
  const view: JobView = {
    id: item.id,
    name: item.name,
    serviceId: item.serviceId,
    serviceName: service?.item.name ?? "",
    analysis: item.analysis,
    params: item.params,
    every: item.everyMs,
    window: item.windowMs,
    delay: item.delayMs,
    enabled: item.enabled,
    rules: rules.map(viewOfRule),
    role,
    ownerId,
    ownerName: owner?.name ?? null,
    ownerDisabled: owner?.state === "disabled",
    version,
    createdAt,
    updatedAt,
    managedByFile: isInstanceOwner(ownerId),
  };
  return { stored, rules, view };
};

/** As it is now; undefined when it is gone. `known`: the caller's role a moment ago, for who lost it meanwhile. */
export const readJob = async (
  id: string,
  known: Role,
  caller: Caller,
  ports: Pick<ApiPorts, "storage">,
): Promise<JobWithRules | undefined> => {
  const [[stored], role] = await Promise.all([
    ports.storage.configuration.find("jobs", [id]),
    ports.storage.roles.on("job", id, caller.user),
  ]);
  return stored && withRules(stored, role ?? known, ports);
};

/** As it travels: for refusals and the audit log, which no route's schema encodes. */
export const wireJob = (view: JobView) => z.encode(job, view);

const viewOfRule = (one: RuleRecord): RuleView => {
  const { id, name, kind, params, destinationIds, enabled } = one;
  return { id, name, kind, params, ...settingsOfRule(one), destinationIds, enabled };
};

/** A job as lists show it: with the number of its rules. */
export const viewOfLine = (line: JobLine): JobLineView => ({
  id: line.id,
  name: line.name,
  serviceId: line.serviceId,
  serviceName: line.serviceName,
  analysis: line.analysis,
  every: line.everyMs,
  window: line.windowMs,
  delay: line.delayMs,
  enabled: line.enabled,
  ruleCount: line.rules,
  role: line.role,
  ownerId: line.ownerId,
  ownerName: line.ownerName,
  ownerDisabled: line.isOwnerDisabled,
  version: line.version,
  createdAt: line.createdAt,
  updatedAt: line.updatedAt,
  managedByFile: isInstanceOwner(line.ownerId),
});
