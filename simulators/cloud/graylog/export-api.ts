// POST /api/views/search/messages: every message as CSV, oldest first, without the window of 10,000.
import { parseFilter } from "../../../functions/lib/lucene.ts";
import { type ApiAnswer, apiError, empty } from "./api-answer.ts";
import { type ApiCall, bodyOf } from "./api-call.ts";
import { findMessages } from "./find-messages.ts";
import { numberOr, property, textOr, textsOf } from "./json-shape.ts";
import { type Message, shownField } from "./message.ts";
import { csv } from "./table-answer.ts";
import { timeRange } from "./time-range.ts";

const defaultFields = ["timestamp", "source", "message"];
const defaultChunk = 1000;

export const postExport = (call: ApiCall): ApiAnswer => {
  if (!/text\/csv|\*\/\*|^$/.test(call.accept)) return empty(415);
  const spec = bodyOf(call, "HTTP 500 Internal Server Error");
  const query = textOr(property(spec.query_string, "query_string"), "*");
  const parsed = parseFilter(query, { maxLength: query.length, allowRegex: true, allowOpenFuzzy: true });
  if (!parsed.ok) return apiError(400, `Cannot parse query, cause: ${parsed.error.message}`);
  const asked = textsOf(spec.fields_in_order);
  const fields = asked.length > 0 ? asked : defaultFields;
  const window = timeRange(spec.timerange, call);
  const found = findMessages(call.store, { query, window, streams: textsOf(spec.streams) });
  const limit = numberOr(spec.limit, found.length);
  const chunk = Math.max(1, numberOr(spec.chunk_size, defaultChunk));
  // The server counts chunks, not rows: it stops after the chunk that reaches the limit.
  const rows = found.slice(0, Math.ceil(limit / chunk) * chunk);
  return csvOf(fields, rows);
};

export const csvOf = (fields: readonly string[], messages: readonly Message[]): ApiAnswer => {
  const rows = messages.map((message) => fields.map((field) => text(shownField(message, field))));
  return { status: 200, type: "text/csv", body: csv([fields, ...rows]) };
};

const text = (value: unknown): string | undefined => {
  if (value === undefined) return undefined;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
};
