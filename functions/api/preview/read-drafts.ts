// Rule preview: rules as the API takes them, checked as those of a watch file are, and the destinations they name.
import type { InputError, PreviewedRule } from "@logwatch/events/api";
import * as analysisPlugins from "../../analyses/index.ts";
import { checkWatched, measuresOf } from "../../apply/check-watched.ts";
import { registry } from "../../lib/registry.ts";
import { fail, ok, type Result } from "../../lib/result.ts";
import * as ruleKindPlugins from "../../rule-kinds/index.ts";
import type { ConfigurationStore, DestinationRecord, JobRecord } from "../../storage/configuration.ts";
import type { User } from "../../storage/users.ts";
import { ownersOf } from "../owners.ts";
import { paramErrors } from "../plugin-params.ts";
import { type Refusal, unprocessable } from "../refusal.ts";
import { previewIdOf, type RuleDraft } from "./preview-rules.ts";

export type Drafts = { rules: RuleDraft[]; destinations: DestinationRecord[] };

const analyses = registry("analysis", analysisPlugins);
const ruleKinds = registry("rule kind", ruleKindPlugins);

export const readDrafts = async (
  job: Pick<JobRecord, "id" | "analysis" | "params">,
  rules: readonly PreviewedRule[],
  user: Pick<User, "id" | "role">,
  configuration: Pick<ConfigurationStore, "find" | "list">,
): Promise<Result<Drafts, Refusal>> => {
  const destinations = await findDestinations(job.id, rules, user, configuration);
  const known = new Set(destinations.map((destination) => destination.id));
  const errors = [
    ...rules.flatMap((rule, index) => ruleErrors(job, rule, `body.rules.${index}`)),
    ...nameErrors(rules),
    ...rules.flatMap((rule, index) => destinationErrors(rule, known, `body.rules.${index}`)),
  ];
  return errors.length > 0 ? fail(unprocessable(errors)) : ok({ rules: rules.map(toDraft), destinations });
};

/** The caller's own, and those the job's saved rules name: whoever sees the job sees them. */
const findDestinations = async (
  jobId: string,
  rules: readonly PreviewedRule[],
  user: Pick<User, "id" | "role">,
  configuration: Pick<ConfigurationStore, "find" | "list">,
): Promise<DestinationRecord[]> => {
  const ids = [...new Set(rules.flatMap((rule) => rule.destinations))];
  if (ids.length === 0) return [];
  const [found, saved] = await Promise.all([
    configuration.find("destinations", ids),
    configuration.list("rules", { jobIds: [jobId], limit: mostRules }),
  ]);
  const own = new Set(ownersOf(user));
  const named = new Set(saved.flatMap(({ item }) => item.destinationIds));
  return found.filter(({ item, ownerId }) => own.has(ownerId) || named.has(item.id)).map(({ item }) => item);
};

/** Rules of one job that are looked at for the destinations they name. */
const mostRules = 200;

const ruleErrors = (job: Pick<JobRecord, "analysis" | "params">, rule: PreviewedRule, at: string): InputError[] => {
  const kind = ruleKinds.find(rule.kind);
  if (!kind) {
    const known = ruleKinds.all.map(({ id }) => id).join(", ");
    return [{ path: `${at}.kind`, rule: `there is no rule kind "${rule.kind}"; known: ${known}` }];
  }
  const errors = paramErrors(kind.params, rule.params, `${at}.params`);
  const measures = measuresOf(analyses.find(job.analysis), job.params);
  if (measures) {
    checkWatched(kind, rule.params, measures, [`${at}.params`], (path, message) =>
      errors.push({ path: path.join("."), rule: message }),
    );
  }
  return errors;
};

/** Names become ids, and alerts are told apart by them. */
const nameErrors = (rules: readonly PreviewedRule[]): InputError[] => {
  const taken = new Map<string, string>();
  return rules.flatMap(({ name }, index) => {
    const before = taken.get(previewIdOf(name));
    taken.set(previewIdOf(name), name);
    if (before === undefined) return [];
    return [{ path: `body.rules.${index}.name`, rule: `is taken: "${before}" is already called so` }];
  });
};

/** The same words for what is not there and for what is somebody else's. */
const destinationErrors = ({ destinations }: PreviewedRule, known: ReadonlySet<string>, at: string): InputError[] =>
  destinations.flatMap((id, index) =>
    known.has(id) ? [] : [{ path: `${at}.destinations.${index}`, rule: "is no destination of yours" }],
  );

const toDraft = ({ hold, clearAfter, repeat, flapping, destinations, ...rule }: PreviewedRule): RuleDraft => ({
  ...rule,
  holdMs: hold,
  clearAfterMs: clearAfter,
  repeatMs: repeat,
  flappingChanges: flapping.changes,
  flappingMs: flapping.within,
  destinationIds: [...new Set(destinations)],
});
