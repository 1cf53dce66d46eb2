// GET /api/search/universal/{absolute,relative,keyword}: the old search, with an exact total.
import type { Window } from "@logwatch/events";
import {
  type ApiAnswer,
  apiError,
  isSearchProblem,
  json,
  maxResultWindow,
  notEmpty,
  searchProblem,
  windowTooLarge,
} from "./api-answer.ts";
import type { ApiCall } from "./api-call.ts";
import { csvOf } from "./export-api.ts";
import { findMessages } from "./find-messages.ts";
import { isoTime } from "./message.ts";
import { listOf } from "./messages-api.ts";
import { sortMessages } from "./sort-messages.ts";
import { instantOf, keywordRange } from "./time-range.ts";
import { shownMessages } from "./views-api.ts";

export type UniversalKind = "absolute" | "relative" | "keyword";

export const universal =
  (kind: UniversalKind) =>
  (call: ApiCall): ApiAnswer => {
    const { query } = call;
    const resource = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}SearchResource`;
    const asked = query.get("query") ?? "";
    const isJson = call.accept.includes("application/json");
    const method = `${resource}.search${resource.replace("SearchResource", "")}`;
    if (asked === "") notEmpty(`${method}.arg0`, null);
    if (kind === "keyword" && (query.get("timezone") ?? "") === "") notEmpty(`${method}.arg2`, null);
    const fields = listOf(query.get("fields"));
    if (!isJson && fields.length === 0) {
      const text = `must not be empty (path = ${method}Chunked.arg8, invalidValue = null)\n`;
      return { status: 400, type: "text/plain", body: text };
    }
    const window = windowOf(kind, call);
    try {
      return answer(call, asked, window, fields, isJson);
    } catch (error) {
      if (!isSearchProblem(error)) throw error;
      return apiError(500, `Failed to obtain results: ${error.searchProblem.description}`);
    }
  };

const defaultLimit = 150;

const answer = (
  call: ApiCall,
  asked: string,
  window: Window,
  fields: readonly string[],
  isJson: boolean,
): ApiAnswer => {
  const { store, query } = call;
  const limit = Number(query.get("limit") ?? 0) || defaultLimit;
  const offset = Number(query.get("offset") ?? 0);
  if (offset + limit > maxResultWindow && isJson) searchProblem(windowTooLarge, true);
  const filter = query.get("filter") ?? "*";
  const streams = filter.startsWith("streams:") ? [filter.slice("streams:".length)] : listOf(query.get("streams"));
  const found = findMessages(store, { query: asked, window, streams });
  if (!isJson) return csvOf(fields, found.slice(offset, offset + limit));
  const [field = "timestamp", order = "desc"] = (query.get("sort") ?? "timestamp:desc").split(":");
  const sorted = sortMessages(store, found, { field, descending: order !== "asc" });
  const shown = [...new Set(fields.length > 0 ? ["timestamp", ...fields] : [])];
  return json({
    query: asked,
    built_query: asked,
    used_indices: [],
    messages: shownMessages(sorted.slice(offset, offset + limit), fields),
    fields: shown,
    time: 1,
    total_results: found.length,
    from: isoTime(window.from),
    to: isoTime(window.to),
    decoration_stats: null,
  });
};

const windowOf = (kind: UniversalKind, { query, now }: ApiCall): Window => {
  if (kind === "absolute") {
    const window = { from: instantOf(query.get("from") ?? ""), to: instantOf(query.get("to") ?? "") };
    if (Number.isNaN(window.from + window.to)) apiError(400, "Invalid timerange parameters provided");
    return window;
  }
  if (kind === "keyword") {
    return keywordRange(query.get("keyword") ?? "", now) ?? apiError(400, "Invalid timerange parameters provided");
  }
  const range = Number(query.get("range") ?? Number.NaN);
  if (!(range >= 0 && range < 1e11)) apiError(400, "Invalid timerange parameters provided");
  return { from: range === 0 ? 0 : now - range * 1000, to: now };
};
