// Apply step: whether what a rule watches is ever measured by its job. Pure.
import type { Analysis, Measures } from "../analyses/analysis.ts";
import type { RuleKind } from "../rule-kinds/rule-kind.ts";
import type { Report } from "./check-plugins.ts";
import type { Path } from "./read-watch.ts";

/** What the job's analysis measures; undefined where its own parameters are wrong, which is told already. */
export const measuresOf = (analysis: Analysis | undefined, params: Record<string, unknown>): Measures | undefined =>
  analysis?.params.safeParse(params).success ? analysis.measures(params) : undefined;

/** A rule on something that is never measured would never fire, and nobody would know. */
export const checkWatched = (
  kind: RuleKind | undefined,
  params: Record<string, unknown>,
  known: Measures,
  path: Path,
  report: Report,
): void => {
  if (!kind?.params.safeParse(params).success) return;
  const { name, where } = kind.watches(params);
  const labels = Object.hasOwn(known, name) ? known[name] : undefined;
  if (!labels) {
    report([...path, "measurement"], `is not measured by this job; it measures: ${Object.keys(known).join(", ")}`);
    return;
  }
  for (const label of Object.keys(where)) {
    if (labels.includes(label)) continue;
    report([...path, "where", label], `is no label of ${name}; it has: ${labels.join(", ") || "none"}`);
  }
};
