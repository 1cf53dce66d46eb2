// Log search: the raw lines of a service, newest first, page by page, by the log store's own cursor. Nothing is counted.
import { createHash } from "node:crypto";
import type { Window } from "@logwatch/events";
import { fieldName, filterText, logPage, pageQuery, windowQuery } from "@logwatch/events/api";
import * as z from "zod";
import { fail, ok, type Result } from "../../lib/result.ts";
import type { OpenedSource } from "../../sources/source.ts";
import type { ServiceRecord } from "../../storage/configuration.ts";
import type { Position } from "../cursor.ts";
import { type Refusal, refuse } from "../refusal.ts";
import { answer, defineRoute, type Route } from "../route.ts";
import { filterRefusal } from "./fields-filter.ts";
import { windowOf } from "./fields-window.ts";
import { logLineOf } from "./logs-line.ts";
import { askSource } from "./sources-open.ts";

const defaultWindowMs = 900_000;
const maxAskedFields = 50;

/** JSON of all lines of a page: quoted once more for the gateway, it must stay below the 6 MB that a Lambda may answer. */
const maxPageBytes = 2_600_000;
/** Longer lines are cut also where they would fit. */
const maxLineBytes = 64_000;

const searchQuery = z.strictObject({
  ...windowQuery,
  filter: filterText.default("*"),
  field: z
    .array(fieldName)
    .max(maxAskedFields)
    .optional()
    .meta({ list: true, description: "Fields to show, each its own parameter; all fields when absent." }),
  ...pageQuery,
});
type SearchQuery = z.output<typeof searchQuery>;

/** What a page is of: a cursor is good for nothing else. */
const digestOf = ({ id, sourceId, filter }: ServiceRecord, given: string): string =>
  createHash("sha256")
    .update(JSON.stringify([id, sourceId, filter, given]))
    .digest("base64url");

/** Where a page begins: a first one by its query, a further one by its cursor, which its query must not contradict. */
const placeOf = (
  query: SearchQuery,
  digest: string,
  position: Position | undefined,
  now: number,
): Result<{ window: Window; after: string | undefined }, Refusal> => {
  if (position === undefined) {
    const window = windowOf(query, now, defaultWindowMs);
    return window.ok ? ok({ window: window.value, after: undefined }) : window;
  }
  const [of, from, to, after] = position;
  const isSame = of === digest && (query.from ?? from) === from && (query.to ?? to) === to;
  if (!isSame || typeof from !== "number" || typeof to !== "number" || typeof after !== "string") {
    return fail(otherSearch());
  }
  return ok({ window: { from, to }, after });
};

const otherSearch = (): Refusal =>
  refuse(422, "not-possible", "This cursor is of another search.", {
    errors: [{ path: "query.cursor", rule: "must be used with the service, window and filter it was got with" }],
  });

/** A log store shows only the fields it is asked for. */
const namesOf = async (
  source: OpenedSource,
  asked: readonly string[] | undefined,
  question: { filters: readonly string[]; window: Window },
  signal: AbortSignal,
) => {
  if (asked) return ok([...new Set(asked)]);
  const listed = await source.fields(question, signal);
  return listed.ok ? ok(listed.value.map(({ name }) => name).filter((name) => !shownAnyway.has(name))) : listed;
};

const shownAnyway = new Set(["timestamp", "service", "source", "level", "message"]);

const searchOf = async (
  source: OpenedSource,
  query: SearchQuery,
  question: { filters: readonly string[]; window: Window },
  after: string | undefined,
  signal: AbortSignal,
) => {
  const fields = await namesOf(source, query.field, question, signal);
  if (!fields.ok) return fields;
  const part = { kind: "messages" as const, limit: query.limit, fields: fields.value, ...(after ? { after } : {}) };
  const answered = await source.ask({ ...question, parts: { lines: part } }, signal);
  if (!answered.ok) return answered;
  const { lines } = answered.value.parts;
  if (lines?.kind !== "messages") throw new Error("A source did not answer what it was asked.");
  return ok(lines);
};

const example = {
  params: { serviceId: "01HZY000000000000000SERVICE" },
  query: { filter: "level:<4 AND message:refused" },
  reply: {
    from: "2026-11-22T11:45:00.000Z",
    to: "2026-11-22T12:00:00.000Z",
    items: [
      {
        at: "2026-11-22T11:59:58.120Z",
        service: "auth",
        host: "web-1.example.com",
        level: 3,
        message: "connection refused",
        fields: { source_ip: "192.0.2.7" },
        cut: false,
      },
    ],
    next: null,
  },
};

export const logRoutes: Route[] = [
  defineRoute("searchLogs", {
    method: "GET",
    path: "/services/{serviceId}/logs",
    area: "logs",
    title: "Log lines of a service",
    description:
      "Newest first; of the last 15 minutes unless a window is given. The filter narrows the service's own, and cannot widen it.",
    query: searchQuery,
    reply: logPage,
    example,
    handle: async ({ caller, object: { found }, query, request }, ports) => {
      const refused = filterRefusal(query.filter, "query.filter");
      if (refused) return refused;
      const position = ports.cursors.read(caller, "searchLogs", query.cursor);
      if (!position.ok) return position.error;
      const { item } = found;
      const digest = digestOf(item, query.filter);
      const place = placeOf(query, digest, position.value, request.at);
      if (!place.ok) return place.error;
      const { window, after } = place.value;
      const question = { filters: [item.filter, query.filter], window };
      const lines = await askSource(item.sourceId, "query.filter", ports, (source, signal) =>
        searchOf(source, query, question, after, signal),
      );
      if (!lines.ok) return lines.error;
      const { entries, next } = lines.value;
      const maxBytes = Math.min(maxLineBytes, maxPageBytes / query.limit);
      const behind = next === null ? undefined : [digest, window.from, window.to, next];
      return answer({
        ...window,
        items: entries.map((entry) => logLineOf(entry, maxBytes)),
        next: behind ? ports.cursors.write(caller, "searchLogs", behind) : null,
      });
    },
  }),
];
