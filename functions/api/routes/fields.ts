// Fields to choose from: which ones the logs of a source or a service have, and which values of one are met most.

import type { Window } from "@logwatch/events";
import { fieldList, fieldName, fieldValues, filterText, queryInteger, windowQuery } from "@logwatch/events/api";
import * as z from "zod";
import { quote } from "../../lib/lucene.ts";
import { cut } from "../../lib/message-text.ts";
import type { Answer, Part } from "../../lib/question.ts";
import { ok, type Result } from "../../lib/result.ts";
import { maxFields } from "../../sources/source.ts";
import type { ApiPorts } from "../ports.ts";
import type { Refusal } from "../refusal.ts";
import { answer, defineRoute, type Route } from "../route.ts";
import { filterRefusal } from "./fields-filter.ts";
import { windowOf } from "./fields-window.ts";
import { askSource } from "./sources-open.ts";

const hourMs = 3_600_000;
const maxValueChars = 1000;

const listFields = async (
  sourceId: string,
  filters: readonly string[],
  window: Window,
  ports: ApiPorts,
): Promise<Result<z.output<typeof fieldList>, Refusal>> => {
  const found = await askSource(sourceId, "query.from", ports, ({ fields }, signal) =>
    fields({ filters, window }, signal),
  );
  return found.ok ? ok({ ...window, items: found.value, truncated: found.value.length >= maxFields }) : found;
};

const listValues = async (
  sourceId: string,
  filters: readonly string[],
  window: Window,
  { field, limit }: { field: string; limit: number },
  ports: ApiPorts,
): Promise<Result<z.output<typeof fieldValues>, Refusal>> => {
  const parts: Record<string, Part> = {
    // One more than wanted: the logs without the field are a group too.
    values: { kind: "terms", by: [field], limit: limit + 1 },
    all: { kind: "count" },
    present: { kind: "count", filter: `_exists_:${quote(field)}` },
  };
  const found = await askSource(sourceId, "query.field", ports, ({ ask }, signal) =>
    ask({ filters, window, parts }, signal),
  );
  return found.ok ? ok({ ...window, field, ...valuesIn(found.value.parts, limit) }) : found;
};

const valuesIn = ({ values, all, present }: Answer["parts"], limit: number) => {
  if (values?.kind !== "terms" || all?.kind !== "count" || present?.kind !== "count") {
    throw new Error("A source did not answer what it was asked.");
  }
  const found = values.rows.flatMap(({ keys: [value = ""], count }) => (value === "" ? [] : [{ value, count }]));
  const items = found.slice(0, limit).map(({ value, count }) => ({ value: cut(value, maxValueChars), count }));
  const absent = Math.max(0, all.count - present.count);
  return { items, absent, truncated: values.truncated || found.length > limit };
};

const params = { serviceId: "01HZY000000000000000SERVICE" };
const window = { from: "2026-11-22T11:00:00.000Z", to: "2026-11-22T12:00:00.000Z" };
const fields = {
  ...window,
  items: [
    { name: "source_ip", kind: "address" },
    { name: "user_name", kind: "text" },
  ],
  truncated: false,
};
const values = { ...window, field: "user.name", items: [{ value: "root", count: 41 }], absent: 7, truncated: false };

export const fieldRoutes: Route[] = [
  defineRoute("listSourceFields", {
    method: "GET",
    path: "/sources/{sourceId}/fields",
    area: "sources",
    title: "Fields of a source",
    description: "Names and kinds; of the last hour unless a window is given.",
    query: z.strictObject(windowQuery),
    reply: fieldList,
    example: { params: { sourceId: "01HZY0000000000000000SOURCE" }, reply: fields },
    handle: async ({ object: { found }, query, request }, ports) => {
      const within = windowOf(query, request.at, hourMs);
      if (!within.ok) return within.error;
      const listed = await listFields(found.item.id, [], within.value, ports);
      return listed.ok ? answer(listed.value) : listed.error;
    },
  }),
  defineRoute("listServiceFields", {
    method: "GET",
    path: "/services/{serviceId}/fields",
    area: "services",
    title: "Fields of a service's logs",
    description: "Names and kinds; of the last hour unless a window is given.",
    query: z.strictObject(windowQuery),
    reply: fieldList,
    example: { params, reply: fields },
    handle: async ({ object: { found }, query, request }, ports) => {
      const within = windowOf(query, request.at, hourMs);
      if (!within.ok) return within.error;
      const { sourceId, filter } = found.item;
      const listed = await listFields(sourceId, [filter], within.value, ports);
      return listed.ok ? answer(listed.value) : listed.error;
    },
  }),
  defineRoute("listFieldValues", {
    method: "GET",
    path: "/services/{serviceId}/fields/values",
    area: "services",
    title: "Values of a field",
    description: "Those met most in a service's logs, most frequent first; of the last hour unless a window is given.",
    query: z.strictObject({
      field: fieldName,
      filter: filterText.default("*"),
      limit: queryInteger(1, 200).default(20).meta({ description: "Most values." }),
      ...windowQuery,
    }),
    reply: fieldValues,
    example: { params, query: { field: "user.name" }, reply: values },
    handle: async ({ object: { found }, query, request }, ports) => {
      const within = windowOf(query, request.at, hourMs);
      if (!within.ok) return within.error;
      const refused = filterRefusal(query.filter, "query.filter");
      if (refused) return refused;
      const { sourceId, filter } = found.item;
      const listed = await listValues(sourceId, [filter, query.filter], within.value, query, ports);
      return listed.ok ? answer(listed.value) : listed.error;
    },
  }),
];
