// Turns tokens into a tree as Lucene's classic parser does with OR as default operator: every clause of a list becomes
// required, optional or forbidden; AND makes both neighbours required. So `a OR b AND c` is `a +b +c`.
import { type Glob, refuse, type Token, tokens } from "./lucene-tokens.ts";

/** `field` is null where the filter names none: all fields are searched. */
export type FilterNode =
  | { kind: "all" }
  | { kind: "exists"; field: string }
  | { kind: "list"; must: FilterNode[]; should: FilterNode[]; mustNot: FilterNode[] }
  | { kind: "text"; field: string | null; text: string; quoted: boolean; slop: number }
  | { kind: "glob"; field: string | null; glob: Glob }
  | { kind: "regex"; field: string | null; pattern: string }
  | { kind: "fuzzy"; field: string | null; text: string; edits: number }
  | {
      kind: "range";
      field: string | null;
      from: string | null;
      to: string | null;
      includeFrom: boolean;
      includeTo: boolean;
    };

/** What a filter may cost the log store that answers it. */
export type FilterLimits = {
  maxLength: number;
  maxClauses: number;
  maxDepth: number;
  allowLeadingWildcard: boolean;
  allowRegex: boolean;
  /** `word~` without a distance. */
  allowOpenFuzzy: boolean;
};

type Reading = { tokens: Token[]; next: number; clauses: number; limits: FilterLimits };
/** A phrase may be this loose: words farther apart have no connection. */
const maxSlop = 1000;

/** @throws what `refuse` throws. */
export const parseTree = (text: string, limits: FilterLimits): FilterNode => {
  const reading: Reading = { tokens: tokens(text), next: 0, clauses: 0, limits };
  if (peek(reading).kind === "end") return { kind: "all" };
  const root = list(reading, null, 0);
  const rest = peek(reading);
  return rest.kind === "end" ? root : refuse('There is a ")" that closes nothing.', rest.at);
};

const peek = (reading: Reading, ahead = 0): Token => {
  const last = reading.tokens.length - 1;
  return reading.tokens[Math.min(reading.next + ahead, last)] ?? { kind: "end", at: 0 };
};

const take = (reading: Reading): Token => {
  const token = peek(reading);
  reading.next += 1;
  return token;
};

type Occurrence = { node: FilterNode; occurs: "must" | "should" | "mustNot" };

const list = (reading: Reading, field: string | null, depth: number): FilterNode => {
  if (depth > reading.limits.maxDepth) {
    refuse(`More than ${reading.limits.maxDepth} brackets inside each other.`, peek(reading).at);
  }
  const found: Occurrence[] = [];
  for (let first = true; first || !["end", ")"].includes(peek(reading).kind); first = false) {
    const joint = peek(reading);
    const joined = !first && (joint.kind === "and" || joint.kind === "or");
    if (joined) take(reading);
    const required = joined && joint.kind === "and";
    const before = found.at(-1);
    if (required && before?.occurs === "should") before.occurs = "must";
    const sign = peek(reading).kind;
    if (sign === "plus" || sign === "minus" || sign === "not") take(reading);
    const node = clause(reading, field, depth);
    const forbidden = sign === "minus" || sign === "not";
    found.push({ node, occurs: forbidden ? "mustNot" : required || sign === "plus" ? "must" : "should" });
  }
  const [only] = found;
  if (only && found.length === 1 && only.occurs !== "mustNot") return only.node;
  const those = (occurs: Occurrence["occurs"]) => found.filter((one) => one.occurs === occurs).map(({ node }) => node);
  return { kind: "list", must: those("must"), should: those("should"), mustNot: those("mustNot") };
};

const clause = (reading: Reading, outer: string | null, depth: number): FilterNode => {
  const head = peek(reading);
  let field = outer;
  if (peek(reading, 1).kind === ":" && (head.kind === "term" || head.kind === "star")) {
    field = head.kind === "term" ? head.text : null;
    reading.next += 2;
  }
  if (peek(reading).kind !== "(") return leaf(reading, field);
  const open = take(reading);
  const inner = list(reading, field, depth + 1);
  if (take(reading).kind !== ")") refuse("A bracket is not closed.", open.at);
  skipBoost(reading);
  return inner;
};

const leaf = (reading: Reading, field: string | null): FilterNode => {
  const token = take(reading);
  reading.clauses += 1;
  if (reading.clauses > reading.limits.maxClauses) refuse(`More than ${reading.limits.maxClauses} clauses.`, token.at);
  const node = leafNode(reading, token, field);
  skipBoost(reading);
  return node;
};

const leafNode = (reading: Reading, token: Token, field: string | null): FilterNode => {
  const { limits } = reading;
  switch (token.kind) {
    case "star":
      return field === null ? { kind: "all" } : { kind: "exists", field };
    case "term":
      return termNode(reading, token, field);
    case "quoted": {
      const slop = peek(reading).kind === "fuzzy" ? number(take(reading), 0, maxSlop) : 0;
      if (field === "_exists_") return { kind: "exists", field: token.text };
      return { kind: "text", field, text: token.text, quoted: true, slop };
    }
    case "wild":
      if (token.leading && !limits.allowLeadingWildcard) refuse("A word must not start with a wildcard.", token.at);
      return { kind: "glob", field, glob: token.glob };
    case "regex":
      if (!limits.allowRegex) refuse("Regular expressions are not allowed; quote or escape slashes.", token.at);
      return { kind: "regex", field, pattern: checkedPattern(token.text, token.at) };
    case "range":
      return { ...token, kind: "range", field };
    case "end":
      return refuse("Something is missing at the end.", token.at);
    default:
      return refuse("A word, a phrase or a bracket is expected here.", token.at);
  }
};

const termNode = (reading: Reading, token: Token & { kind: "term" }, field: string | null): FilterNode => {
  if (field === "_exists_") return { kind: "exists", field: token.text };
  const next = peek(reading);
  if (next.kind === "fuzzy") {
    take(reading);
    if (next.text === "" && !reading.limits.allowOpenFuzzy) refuse("A ~ needs a distance of 0, 1 or 2.", next.at);
    return { kind: "fuzzy", field, text: token.text, edits: next.text === "" ? 2 : number(next, 0, 2) };
  }
  if (!token.comparison) return { kind: "text", field, text: token.text, quoted: false, slop: 0 };
  const including = token.text.charAt(1) === "=" && token.text.length > 2;
  const limit = token.text.slice(including ? 2 : 1);
  const above = token.text.startsWith(">");
  return {
    kind: "range",
    field,
    from: above ? limit : null,
    to: above ? null : limit,
    includeFrom: !above || including,
    includeTo: above || including,
  };
};

/** Boosts order results; they do not choose them. */
const skipBoost = (reading: Reading): void => {
  const token = peek(reading);
  if (token.kind !== "boost") return;
  number(take(reading), 0, Number.MAX_VALUE);
};

const number = (token: Token, least: number, most: number): number => {
  const value = "text" in token && token.text !== "" ? Number(token.text) : Number.NaN;
  return value >= least && value <= most ? value : refuse(`A number from ${least} to ${most} is expected.`, token.at);
};

const checkedPattern = (source: string, at: number): string => {
  try {
    new RegExp(source, "s");
    return source;
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error), at);
  }
};
