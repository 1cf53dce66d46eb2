// POST and GET /api/search/messages: messages as a table, without a total and without a sign where it was cut.
import type { Window } from "@logwatch/events";
import {
  type ApiAnswer,
  apiError,
  maxResultWindow,
  requestError,
  searchProblem,
  windowTooLarge,
} from "./api-answer.ts";
import { type ApiCall, bodyOf, checkProperties } from "./api-call.ts";
import { findMessages } from "./find-messages.ts";
import { numberOr, textOr, textsOf } from "./json-shape.ts";
import { addedFields, defaultStream, type Message, shownField } from "./message.ts";
import type { MessageStore } from "./message-store.ts";
import { type Sort, sortMessages } from "./sort-messages.ts";
import { tableAnswer } from "./table-answer.ts";
import { dayMs, keywordRange, timeRange } from "./time-range.ts";

type Asked = {
  query: string;
  streams: readonly string[];
  window: Window;
  fields: readonly string[];
  from: number;
  size: number;
  sort: Sort;
};

const properties = [
  "timerange",
  "size",
  "streams",
  "query",
  "fields",
  "from",
  "stream_categories",
  "sort_order",
  "sort",
];
const noBody =
  'Cannot invoke "org.graylog.plugins.views.search.rest.scriptingapi.request.MessagesRequestSpec.sort()" because "messagesRequestSpec" is null';

export const postMessages = (call: ApiCall): ApiAnswer => {
  const spec = bodyOf(call, noBody);
  checkProperties(spec, properties, call.body);
  return answer(call, {
    query: textOr(spec.query, "*"),
    streams: textsOf(spec.streams),
    window: timeRange(spec.timerange, call),
    fields: textsOf(spec.fields),
    from: whole(spec.from, "from", call),
    size: whole(spec.size, "size", call),
    sort: { field: textOr(spec.sort, "timestamp"), descending: isDescending(spec.sort_order, call) },
  });
};

export const getMessages = (call: ApiCall): ApiAnswer => {
  const { query } = call;
  const order = query.get("sortOrder") ?? "Descending";
  // An enumeration in the address that cannot be mapped is a page that does not exist.
  if (order !== "Ascending" && order !== "Descending") return apiError(404, "HTTP 404 Not Found");
  return answer(call, {
    query: query.get("query") ?? "*",
    streams: listOf(query.get("streams")),
    window: shortRange(query.get("timerange"), call.now),
    fields: listOf(query.get("fields")),
    from: Number(query.get("from") ?? 0),
    size: Number(query.get("size") ?? 0),
    sort: { field: query.get("sort") ?? "timestamp", descending: order === "Descending" },
  });
};

/** `5m`, `last 2 hours`; a day without it. */
export const shortRange = (text: string | null, now: number): Window => {
  if (text === null) return { from: now - dayMs, to: now };
  return (
    keywordRange(text, now) ??
    apiError(
      400,
      `Could not parse timerange ${text}. It should have a short format (i.e. '2h') or natural date format (i.e. 'last 2 hours')`,
    )
  );
};

export const listOf = (text: string | null): string[] => (text === null || text === "" ? [] : text.split(","));

const defaultFields = ["source", "timestamp"];
const defaultSize = 10;

const answer = ({ store, accept }: ApiCall, asked: Asked): ApiAnswer => {
  const size = asked.size > 0 ? asked.size : defaultSize;
  const from = Math.max(0, asked.from);
  if (from + size > maxResultWindow) searchProblem(windowTooLarge, true);
  const fields = asked.fields.length > 0 ? asked.fields : defaultFields;
  const sorted = sortMessages(store, findMessages(store, asked), asked.sort);
  const rows = sorted.slice(from, from + size).map((message) => fields.map((field) => cell(message, field)));
  const columns = fields.map((field) => ({
    column_type: "field" as const,
    type: typeOf(store, field),
    field,
    name: `field: ${field}`,
  }));
  return tableAnswer(accept, { columns, rows, window: asked.window });
};

const decorated = /\.(title|id)$/;

const cell = (message: Message, field: string): unknown => {
  const name = field.replace(decorated, "");
  const asId = field.endsWith(".id");
  if (name === "streams" && !asId) return [defaultStream.title];
  if (name === "gl2_source_input" && !asId) return message.input;
  if (name === "gl2_source_node" && !asId) return "00000000 / localhost";
  return shownField(message, Object.hasOwn(addedFields, name) ? name : field) ?? "-";
};

const typeOf = (store: MessageStore, field: string): string => {
  const name = field.replace(decorated, "");
  const added: Record<string, string> = addedFields;
  if (Object.hasOwn(added, name)) return added[name] ?? "unknown";
  const kind = store.kindOf(field);
  if (kind === undefined) return "unknown";
  return kind === "long" || kind === "float" ? "numeric" : "string";
};

const whole = (value: unknown, name: string, { body }: ApiCall): number => {
  if (value === undefined || value === null || Number.isInteger(value)) return numberOr(value, 0);
  return requestError("Cannot deserialize value of type `int`", name, body, `"${name}"`);
};

const isDescending = (value: unknown, { body }: ApiCall): boolean => {
  const order = textOr(value, "desc").toLowerCase();
  if (["asc", "ascending"].includes(order)) return false;
  if (["desc", "descending"].includes(order)) return true;
  return requestError(`Failed to parse sort direction:${value}`, "sort_order", body, '"sort_order"');
};
