// What zod checks by itself, as a rule in the words of everything else that is refused: "must be …". A schema's own words come first.
import type * as z from "zod";

type Issue = Parameters<z.core.$ZodErrorMap>[0];

/** For `safeParse(value, { error: ruleWords })`. Undefined leaves it to zod. */
export const ruleWords = (issue: Issue): string | undefined => {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined ? "must be there" : kinds[issue.expected];
    case "invalid_value":
      return issue.input === undefined ? "must be there" : `must be ${listOf(issue.values)}`;
    case "invalid_format":
      return issue.format === "datetime" ? "must be a moment in UTC, such as 2026-11-22T12:00:00Z" : undefined;
    case "too_small":
      return bound(issue.origin, "at least", issue.minimum, issue.inclusive);
    case "too_big":
      return bound(issue.origin, "at most", issue.maximum, issue.inclusive);
    default:
      return undefined;
  }
};

const kinds: Readonly<Record<string, string>> = {
  string: "must be text",
  number: "must be a number",
  int: "must be a whole number",
  boolean: "must be true or false",
  array: "must be a list",
  object: "must be an object",
  record: "must be an object",
};

const listOf = (values: readonly unknown[]): string =>
  `${values.length > 1 ? "one of " : ""}${values.map((one) => JSON.stringify(one)).join(", ")}`;

const bound = (origin: string, which: string, limit: number | bigint, inclusive = true): string | undefined => {
  if (origin === "string") return `must have ${which} ${counted(limit, "character", "characters")}`;
  if (origin === "array") return `must have ${which} ${counted(limit, "entry", "entries")}`;
  return inclusive && numbers.has(origin) ? `must be ${which} ${limit}` : undefined;
};

const numbers: ReadonlySet<string> = new Set(["number", "int"]);

const counted = (count: number | bigint, one: string, many: string): string =>
  `${count} ${Number(count) === 1 ? one : many}`;
