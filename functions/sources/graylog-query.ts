// The clauses of a question as a query for Graylog: joined, and with fields by the names under which Graylog stores them.
// It writes `user_name` for `user.name`, and a query for the dotted name would find nothing and not say why.
import type { Failure } from "@logwatch/events";
import { tokens } from "../lib/lucene-tokens.ts";
import { ok, type Result } from "../lib/result.ts";
import { joinedFilter } from "./joined-filter.ts";

export const graylogQuery = (filters: readonly string[]): Result<string, Failure> => {
  const joined = joinedFilter(filters);
  return joined.ok ? ok(withStoredFields(joined.value)) : joined;
};

/** Only names change: what stands before a colon, and what `_exists_` asks for. */
const withStoredFields = (query: string): string => {
  const all = tokens(query);
  let text = "";
  let copied = 0;
  for (const [index, token] of all.entries()) {
    const [asker, colon, next] = [all[index - 2], all[index - 1], all[index + 1]];
    const isField = token.kind === "term" && next?.kind === ":";
    const isAskedFor = colon?.kind === ":" && asker?.kind === "term" && asker.text === "_exists_";
    if (!next || !(isField || isAskedFor)) continue;
    text += query.slice(copied, token.at) + query.slice(token.at, next.at).replace(/\\?\./g, "_");
    copied = next.at;
  }
  return text + query.slice(copied);
};
