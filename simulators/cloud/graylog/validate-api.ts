// POST /api/search/validate: tells why a query is wrong, which a search itself does not.
import { parseFilter } from "../../../functions/lib/lucene.ts";
import type { FilterNode } from "../../../functions/lib/lucene-parse.ts";
import { type ApiAnswer, json } from "./api-answer.ts";
import { type ApiCall, bodyOf } from "./api-call.ts";
import { parseQuery } from "./find-messages.ts";
import { textOr } from "./json-shape.ts";
import { addedFields, defaultStream, indexName } from "./message.ts";
import { shownRange, timeRange } from "./time-range.ts";

type Explanation = Record<string, unknown>;

export const postValidate = (call: ApiCall): ApiAnswer => {
  const spec = bodyOf(call, "HTTP 500 Internal Server Error");
  const query = textOr(spec.query, "*");
  const window = timeRange(spec.timerange, call);
  const parsed = parseQuery(query);
  const explanations = parsed.ok ? warnings(call, query) : [parsingError(query, parsed.error)];
  const status = !parsed.ok ? "ERROR" : explanations.length > 0 ? "WARNING" : "OK";
  const context = {
    searched_time_range: shownRange(window),
    searched_index_ranges: [
      { index_name: indexName, begin: 0, end: 0, is_warm_tiered: false, stream_names: [defaultStream.title] },
    ],
    data_routed_streams: [],
  };
  return json({ status, ...(explanations.length > 0 ? { explanations } : {}), context });
};

const parsingError = (
  query: string,
  { message, position }: { message: string; position: number | null },
): Explanation => {
  const wildcard = message.includes("start with a wildcard");
  const column = wildcard ? null : position;
  const place = column === null ? {} : { begin_line: 1, begin_column: column, end_line: 1, end_column: query.length };
  const cause = wildcard ? "'*' or '?' not allowed as first character in WildcardQuery." : message;
  return {
    error_type: "QUERY_PARSING_ERROR",
    error_title: "Query parsing error",
    error_message: `Cannot parse query, cause: ${cause}`,
    ...place,
  };
};

const warnings = ({ store }: ApiCall, query: string): Explanation[] => {
  const parsed = parseFilter(query, { maxLength: query.length, allowRegex: true, allowOpenFuzzy: true });
  if (!parsed.ok) return [];
  const unknown = [...fieldsIn(parsed.value.root)].filter(
    (field) => !store.kindOf(field) && !Object.hasOwn(addedFields, field),
  );
  const found: Explanation[] = unknown.map((field) => ({
    error_type: "UNKNOWN_FIELD",
    error_title: "Unknown field",
    error_message: `Query contains unknown field: ${field}`,
    related_property: field,
  }));
  for (const [operator] of query.matchAll(/(?<=\s)(?:and|or|not)(?=\s)/g)) {
    found.push({
      error_type: "INVALID_OPERATOR",
      error_title: "Invalid operator",
      error_message: `Query contains invalid operator "${operator}". All AND / OR / NOT operators have to be written uppercase`,
      related_property: operator,
    });
  }
  return found;
};

const fieldsIn = (node: FilterNode): Set<string> => {
  if (node.kind === "all") return new Set();
  if (node.kind !== "list") return new Set(node.field === null ? [] : [node.field]);
  return new Set([...node.must, ...node.should, ...node.mustNot].flatMap((one) => [...fieldsIn(one)]));
};
