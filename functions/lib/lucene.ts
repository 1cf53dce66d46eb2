// Filters in Lucene's query language: parsed and bounded before any log store sees them, joined so that none can reach
// out of its brackets. The grammar is that of Lucene's classic parser, which Graylog and OpenSearch use.
import { type FilterLimits, type FilterNode, parseTree } from "./lucene-parse.ts";
import type { FilterProblem } from "./lucene-tokens.ts";
import { fail, ok, type Result } from "./result.ts";

export type { FilterProblem } from "./lucene-tokens.ts";

/** A filter that parsed: `text` as it was given, `root` for `compileFilter` only. */
export type Filter = { readonly text: string; readonly root: FilterNode };

/** For filters given by users: nothing that makes a log store read its whole index. */
const strict: FilterLimits = {
  maxLength: 4096,
  maxClauses: 1024,
  maxDepth: 32,
  allowLeadingWildcard: false,
  allowRegex: false,
  allowOpenFuzzy: false,
};

/** Empty text and `*` mean everything. */
export const parseFilter = (text: string, limits: Partial<FilterLimits> = {}): Result<Filter, FilterProblem> => {
  const all = { ...strict, ...limits };
  if (text.length > all.maxLength) {
    return fail({ message: `A filter has at most ${all.maxLength} characters.`, position: all.maxLength });
  }
  try {
    return ok({ text, root: parseTree(text, all) });
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return fail({ message: error.message, position: error.position });
  }
};

const isRefusal = (error: unknown): error is Error & { position: number | null } =>
  error instanceof Error && "position" in error;

/** One filter that holds where all of them hold; `*` when none of them narrows anything. Each must parse alone. */
export const conjunction = (filters: readonly string[]): Result<string, FilterProblem> => {
  const narrowing: string[] = [];
  for (const text of filters) {
    const parsed = parseFilter(text);
    if (!parsed.ok) return parsed;
    if (parsed.value.root.kind !== "all") narrowing.push(text);
  }
  const [only] = narrowing;
  if (only === undefined) return ok("*");
  return ok(narrowing.length === 1 ? only : narrowing.map((text) => `(${text})`).join(" AND "));
};

/** A phrase that matches exactly this value. */
export const quote = (value: string): string => `"${value.replace(/[\\"]/g, "\\$&")}"`;

/** The name a log store keeps a field by: Graylog writes underscores for dots. */
export const storedField = (name: string): string => name.replaceAll(".", "_");
