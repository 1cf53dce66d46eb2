// Apply step: whether a job's analysis and rules are what its plug-ins say they must be. Pure; watch files and the API ask it alike.
import type * as z from "zod";
import * as analysisPlugins from "../analyses/index.ts";
import { idsOf, registry } from "../lib/registry.ts";
import { ruleWords } from "../lib/rule-words.ts";
import * as ruleKindPlugins from "../rule-kinds/index.ts";
import { checkWatched, measuresOf } from "./check-watched.ts";
import type { Path } from "./read-watch.ts";
import { pathOf, unknownKeys } from "./unknown-keys.ts";

/** Tells one problem. */
export type Report = (path: Path, message: string) => void;

type Params = Record<string, unknown>;
export type JobPlugins = {
  analysis: string;
  params: Params;
  rules: readonly { kind: string; params: Params }[];
};

const analyses = registry("analysis", analysisPlugins);
const ruleKinds = registry("rule kind", ruleKindPlugins);

/** `path` is where the job stands. */
export const checkJobPlugins = ({ analysis, params, rules }: JobPlugins, path: Path, report: Report): void => {
  const plugin = analyses.find(analysis);
  checkParams(
    plugin,
    `analysis "${analysis}"; known: ${idsOf(analyses)}`,
    params,
    path,
    ["analysis", "params"],
    report,
  );
  const known = measuresOf(plugin, params);
  rules.forEach((rule, index) => {
    const at: Path = [...path, "rules", index];
    const kind = ruleKinds.find(rule.kind);
    checkParams(
      kind,
      `rule kind "${rule.kind}"; known: ${idsOf(ruleKinds)}`,
      rule.params,
      at,
      ["kind", "params"],
      report,
    );
    if (known) checkWatched(kind, rule.params, known, [...at, "params"], report);
  });
};

/** Checks a plug-in's parameters as they were written. The plug-in parses them again itself, so the written form is kept. */
export const checkParams = (
  plugin: { params: z.ZodType } | undefined,
  what: string,
  params: Params,
  path: Path,
  [kindField, paramsField]: readonly [string, string],
  report: Report,
): void => {
  if (!plugin) {
    report([...path, kindField], `there is no ${what}`);
    return;
  }
  reportParams(plugin.params, params, [...path, paramsField], report);
};

/** What a plug-in's schema says of parameters that stand at `path`. */
export const reportParams = (schema: z.ZodType, params: Params, path: Path, report: Report): void => {
  const issues = schema.safeParse(params, { error: ruleWords }).error?.issues ?? [];
  for (const unknown of unknownKeys(issues, schema, path)) report(unknown.path, unknown.message);
  for (const issue of issues) {
    if (issue.code !== "unrecognized_keys") report([...path, ...pathOf(issue)], issue.message);
  }
};
