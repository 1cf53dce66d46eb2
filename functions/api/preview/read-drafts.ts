// Rule preview: rules as people write them, checked as those of a job that is saved, and the destinations they name.
import type { RuleChange } from "@logwatch/events/api";
import { ruleRecord } from "../../apply/rule-record.ts";
import { fail, ok, type Result } from "../../lib/result.ts";
import type { DestinationRecord, JobRecord, RuleRecord } from "../../storage/configuration.ts";
import type { Caller } from "../authenticate.ts";
import { checkJob } from "../check-job.ts";
import type { ApiPorts } from "../ports.ts";
import { type Refusal, unprocessable } from "../refusal.ts";
import { previewIdOf, type RuleDraft } from "./preview-rules.ts";

export type Drafts = { rules: RuleDraft[]; destinations: DestinationRecord[] };

/** `saved`: the rules that the job has now; they take no part, but what they name may be named. */
export const readDrafts = async (
  job: JobRecord,
  rules: readonly RuleChange[],
  saved: readonly RuleRecord[],
  caller: Caller,
  ports: Pick<ApiPorts, "storage">,
): Promise<Result<Drafts, Refusal>> => {
  const errors = await checkJob({ analysis: job.analysis, params: job.params, rules }, saved, caller, ports);
  if (errors.length > 0) return fail(unprocessable(errors));
  const drafts = rules.map((rule) => toDraft(rule, job.id));
  const ids = [...new Set(drafts.flatMap(({ destinationIds }) => destinationIds))];
  const destinations = ids.length === 0 ? [] : await ports.storage.configuration.destinations(ids);
  return ok({ rules: drafts, destinations });
};

const toDraft = (rule: RuleChange, jobId: string): RuleDraft => {
  const { name, kind, params } = rule;
  const destinationIds = [...new Set(rule.destinationIds)];
  return ruleRecord({ id: previewIdOf(name), jobId, name, kind, params, destinationIds, enabled: true }, rule);
};
