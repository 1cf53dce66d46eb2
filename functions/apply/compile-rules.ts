// Apply step: the rules of one job of a watch file. Pure.
import type { RuleRecord } from "../storage/configuration.ts";
import type { Report } from "./check-plugins.ts";
import { byName, unknown } from "./declared.ts";
import type { Path } from "./read-watch.ts";
import { ruleRecord } from "./rule-record.ts";
import type { WatchFile } from "./watch-file.ts";
import type { IdOf } from "./watch-ids.ts";

/** Where the job stands, and what its rules may refer to. */
export type RuleOptions = {
  jobId: string;
  jobPath: Path;
  idOf: IdOf;
  /** Id of the destination of that name. */
  destinationOf: (name: string) => string | undefined;
  /** Names of the file's own destinations. */
  destinations: () => Iterable<string>;
};

export const compileRules = (
  job: WatchFile["jobs"][number],
  { jobId, jobPath, idOf, destinationOf, destinations }: RuleOptions,
  report: Report,
): RuleRecord[] => {
  const reportInJob: Report = (path, message) => report([...jobPath, ...path], message);
  const rules = byName(job.rules, "rules", reportInJob, (one, path): RuleRecord => {
    one.destinations.forEach((name, index) => {
      if (destinationOf(name) === undefined)
        reportInJob([...path, "destinations", index], unknown("destination", name, destinations()));
    });
    const destinationIds = [...new Set(one.destinations.flatMap((name) => destinationOf(name) ?? []))];
    const { name, kind, params, enabled } = one;
    return ruleRecord({ id: idOf("rules", name, jobId), jobId, name, kind, params, destinationIds, enabled }, one);
  });
  return [...rules.values()];
};
