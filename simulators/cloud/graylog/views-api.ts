// POST /api/views/search/sync: several searches in one request, always answered with 200; what failed stands in the answer.
import type { Window } from "@logwatch/events";
import { type ApiAnswer, isSearchProblem, json, maxResultWindow, searchProblem, windowTooLarge } from "./api-answer.ts";
import { type ApiCall, bodyOf, checkProperties } from "./api-call.ts";
import { findMessages } from "./find-messages.ts";
import { isRecord, numberOr, property, textOr, textsOf } from "./json-shape.ts";
import { indexName, isoTime, nodeId, shownMessage } from "./message.ts";
import { sortMessages } from "./sort-messages.ts";
import { shownRange, timeRange } from "./time-range.ts";
import { pivot } from "./views-pivot.ts";
import { shownQuery, shownSearchType } from "./views-shape.ts";

type Json = Record<string, unknown>;
type QueryAnswer = { errors: Json[]; answer: Json };

export const postSync = (call: ApiCall): ApiAnswer => {
  const spec = bodyOf(call, "HTTP 500 Internal Server Error");
  checkProperties(spec, ["id", "queries", "parameters", "skip_no_streams_check"], call.body);
  const queries = Array.isArray(spec.queries) ? spec.queries.filter(isRecord) : [];
  const results = queries.map((query): [string, QueryAnswer] => {
    const id = textOr(query.id, "query");
    return [id, answerQuery(call, id, query)];
  });
  const errors = results.flatMap(([, { errors: own }]) => own);
  return json({
    execution: { done: true, cancelled: false, completed_exceptionally: errors.length > 0 },
    results: Object.fromEntries(results.map(([id, { answer }]) => [id, answer])),
    ...(errors.length > 0 ? { errors } : {}),
    progress: 0,
    id: "aaaaaaaa00000000000000ff",
    search_id: textOr(spec.id, ""),
    owner: call.username,
    executing_node: nodeId,
  });
};

const answerQuery = (call: ApiCall, id: string, query: Json): QueryAnswer => {
  const window = timeRange(query.timerange, call);
  const searchTypes = Array.isArray(query.search_types) ? query.search_types.filter(isRecord) : [];
  const answers: [string, Json][] = [];
  const errors: Json[] = [];
  for (const searchType of searchTypes) {
    const own = textOr(searchType.id, "");
    const result = answerSearchType(call, query, searchType, window);
    if ("failed" in result) errors.push({ ...result.failed, search_type_id: own, query_id: id });
    else answers.push([own, { id: own, ...result.answer }]);
  }
  const answer = {
    query: { id, ...shownQuery(query, window), search_types: searchTypes.map((one) => shownSearchType(one, call)) },
    execution_stats: { duration: 1, timestamp: isoTime(call.now), effective_timerange: shownRange(window) },
    search_types: Object.fromEntries(answers),
    errors,
    state: "COMPLETED",
  };
  return { errors, answer };
};

const answerSearchType = (
  call: ApiCall,
  query: Json,
  searchType: Json,
  outer: Window,
): { answer: Json } | { failed: Json } => {
  const window = isRecord(searchType.timerange) ? timeRange(searchType.timerange, call) : outer;
  const text = textOr(property(searchType.query ?? query.query, "query_string"), "*");
  const own = textsOf(searchType.streams);
  const find = { query: text, window, streams: own.length > 0 ? own : filteredStreams(query.filter) };
  try {
    const found = searchType.type === "pivot" ? pivot : messageList;
    return { answer: { ...found(call, searchType, find), effective_timerange: shownRange(window) } };
  } catch (error) {
    if (!isSearchProblem(error)) throw error;
    const { description, windowLimit } = error.searchProblem;
    return {
      failed: windowLimit
        ? { type: "result_window_limit", description, result_window_limit: maxResultWindow }
        : { type: "search_type", description },
    };
  }
};

/** `{"type":"or","filters":[{"type":"stream","id":"…"}]}`; nothing means all streams. */
const filteredStreams = (filter: unknown): string[] => {
  const filters = property(filter, "filters");
  const streams = Array.isArray(filters) ? filters.filter((one) => property(one, "type") === "stream") : [];
  return streams.map((one) => textOr(property(one, "id"), ""));
};

type Find = Parameters<typeof findMessages>[1];

const defaultLimit = 150;

const messageList = ({ store }: ApiCall, searchType: Json, find: Find): Json => {
  const limit = numberOr(searchType.limit, defaultLimit);
  const offset = numberOr(searchType.offset, 0);
  if (offset + limit > maxResultWindow) searchProblem(windowTooLarge, true);
  const [sort] = Array.isArray(searchType.sort) ? searchType.sort : [];
  const order = {
    field: textOr(property(sort, "field"), "timestamp"),
    descending: textOr(property(sort, "order"), "DESC").toUpperCase().startsWith("DESC"),
  };
  const found = sortMessages(store, findMessages(store, find), order);
  return {
    messages: shownMessages(found.slice(offset, offset + limit), textsOf(searchType.fields)),
    total_results: found.length,
    type: "messages",
  };
};

/** As the searches of the web page list them. */
export const shownMessages = (messages: ReturnType<typeof findMessages>, fields: readonly string[]): Json[] =>
  messages.map((message) => ({
    highlight_ranges: {},
    message: shownMessage(message, fields),
    index: indexName,
    decoration_stats: null,
  }));

/** GET and POST /api/views/fields: the names and types of all fields. */
export const viewsFields = ({ store }: ApiCall): ApiAnswer =>
  json(
    [...new Set(["timestamp", "gl2_receive_timestamp", "gl2_message_id", "streams", ...store.fieldNames()])].map(
      (name) => {
        const kind = store.kindOf(name);
        const numeric = kind === "long" || kind === "float";
        const date = name === "timestamp" || name === "gl2_receive_timestamp";
        const type = numeric ? kind : date ? "date" : name === "streams" ? "streams" : "string";
        const properties =
          kind === "text" ? ["full-text-search"] : numeric ? ["numeric", "enumerable"] : ["enumerable"];
        return { name, type: { type, properties, index_names: [] }, unit: null };
      },
    ),
  );
