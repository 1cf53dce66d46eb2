// Whether a job, well-formed, can be what its author wants: plug-ins and what they measure, names of rules, destinations. Every problem
// is told with its path. Files and the API share the plug-ins' part (apply/check-plugins.ts).
import type { InputError, JobInput, RuleChange } from "@logwatch/events/api";
import { checkJobPlugins } from "../apply/check-plugins.ts";
import { slug } from "../apply/watch-ids.ts";
import type { RuleRecord } from "../storage/configuration.ts";
import type { Caller } from "./authenticate.ts";
import { ownersOf } from "./owners.ts";
import { errorAt } from "./plugin-params.ts";
import type { ApiPorts } from "./ports.ts";

type Judged = Pick<JobInput, "analysis" | "params"> & { rules: readonly RuleChange[] };

/** `known`: the rules that the job has now. */
export const checkJob = async (
  job: Judged,
  known: readonly RuleRecord[],
  caller: Caller,
  ports: Pick<ApiPorts, "storage">,
): Promise<InputError[]> => {
  const errors: InputError[] = [];
  checkJobPlugins(job, ["body"], (path, rule) => errors.push(errorAt(path, rule)));
  return [
    ...errors,
    ...checkNames(job.rules),
    ...checkIds(job.rules, known),
    ...(await checkDestinations(job.rules, known, caller, ports)),
  ];
};

/** Two names that differ in signs alone are one in a watch file, and so here. */
export const isSameName = (left: string, right: string): boolean => slug(left) === slug(right);

/** `by`: the name that is there already. */
export const nameTaken = (path: string, by: string): InputError => ({
  path,
  rule: `is taken: "${by}" is already called so`,
});

const checkNames = (rules: readonly RuleChange[]): InputError[] => {
  const taken = new Map<string, string>();
  return rules.flatMap(({ name }, index) => {
    const by = taken.get(slug(name));
    if (by === undefined) taken.set(slug(name), name);
    return by === undefined ? [] : [nameTaken(`body.rules.${index}.name`, by)];
  });
};

const checkIds = (rules: readonly RuleChange[], known: readonly RuleRecord[]): InputError[] => {
  const left = new Set(known.map(({ id }) => id));
  return rules.flatMap(({ id }, index) => {
    if (id === undefined || left.delete(id)) return [];
    return [{ path: `body.rules.${index}.id`, rule: "must be the id of a rule of this job, and named once" }];
  });
};

const checkDestinations = async (
  rules: readonly RuleChange[],
  known: readonly RuleRecord[],
  caller: Caller,
  ports: Pick<ApiPorts, "storage">,
): Promise<InputError[]> => {
  const mayBeNamed = new Set([
    ...known.flatMap(({ destinationIds }) => destinationIds),
    ...(await ownDestinations(rules, caller, ports)),
  ]);
  return rules.flatMap(({ destinationIds }, at) =>
    destinationIds.flatMap((id, index) =>
      mayBeNamed.has(id)
        ? []
        : [
            {
              path: `body.rules.${at}.destinationIds.${index}`,
              rule: "there is no such destination, or it is not yours",
            },
          ],
    ),
  );
};

/** Of the destinations that rules name, those that belong to the caller. */
export const ownDestinations = async (
  rules: readonly { destinationIds: readonly string[] }[],
  caller: Caller,
  { storage }: Pick<ApiPorts, "storage">,
): Promise<Set<string>> => {
  const named = [...new Set(rules.flatMap(({ destinationIds }) => destinationIds))];
  if (named.length === 0) return new Set();
  const found = await storage.configuration.find("destinations", named);
  const owners = ownersOf(caller.user);
  return new Set(found.filter(({ ownerId }) => owners.includes(ownerId)).map(({ item }) => item.id));
};
