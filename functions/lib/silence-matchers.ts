// Which alerts a silence hides. A matcher names what it looks at: `alert` (its id, or its fingerprint for every episode of the same label
// set), `rule`, `job` (by id or name), `severity`; any other name is a label of the alert, and a label that is not there is "".
// All matchers of a silence must match; none at all match every alert of the silence's service. Pure.
import type { Labels, Severity } from "@logwatch/events";
import * as z from "zod";
import { fail, ok, type Result } from "./result.ts";
import { compilePattern, type PatternProblem } from "./safe-pattern.ts";

export const maxMatchers = 20;
const longestName = 200;
const longestValue = 1000;

export const matcher = z.object({
  name: z.string().min(1).max(longestName).meta({
    title: "Name",
    description: "`alert`, `rule`, `job`, `severity`, or the name of a label.",
  }),
  op: z.enum(["=", "!=", "=~", "!~"]).meta({
    title: "Operator",
    description: "Equal, not equal, matches a pattern, does not match it. Patterns match the whole value.",
  }),
  value: z.string().max(longestValue).meta({ title: "Value", description: "The value or the pattern." }),
});
export type Matcher = z.infer<typeof matcher>;

/** What matchers look at. */
export type MatchedAlert = {
  alertId: string;
  fingerprint: string;
  ruleId: string;
  ruleName: string;
  jobId: string;
  jobName: string;
  severity: Severity;
  labels: Labels;
};

/** `index`: which matcher, from 0; `position` in its pattern, null when it is not about a place in it. */
export type MatcherProblem = { index: number; message: string; position: number | null };

export type Matches = (alert: MatchedAlert) => boolean;

/** Refuses a pattern that is not understood, by its matcher and position. */
export const compileMatchers = (matchers: readonly Matcher[]): Result<Matches, MatcherProblem> => {
  if (matchers.length > maxMatchers) {
    return fail({ index: maxMatchers, message: `A silence has at most ${maxMatchers} matchers.`, position: null });
  }
  const tests: Matches[] = [];
  for (const [index, one] of matchers.entries()) {
    const test = compileOne(one);
    if (!test.ok) return fail({ index, ...test.error });
    tests.push(test.value);
  }
  return ok((alert) => tests.every((matches) => matches(alert)));
};

const compileOne = ({ name, op, value }: Matcher): Result<Matches, PatternProblem> => {
  const isNegated = op === "!=" || op === "!~";
  const pattern = op === "=~" || op === "!~" ? compilePattern(value) : ok((text: string) => text === value);
  if (!pattern.ok) return pattern;
  return ok((alert) => valuesOf(alert, name).some(pattern.value) !== isNegated);
};

const valuesOf = (alert: MatchedAlert, name: string): readonly string[] => {
  switch (name) {
    case "alert":
      return [alert.alertId, alert.fingerprint];
    case "rule":
      return [alert.ruleId, alert.ruleName];
    case "job":
      return [alert.jobId, alert.jobName];
    case "severity":
      return [alert.severity];
    default:
      return [Object.hasOwn(alert.labels, name) ? (alert.labels[name] ?? "") : ""];
  }
};
