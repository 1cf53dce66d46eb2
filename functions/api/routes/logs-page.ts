// One page of log lines, newest first, by the log store's own cursor: for every route that shows lines. Nothing is counted.
import { createHash } from "node:crypto";
import type { Window } from "@logwatch/events";
import { fieldName, type logPage, pageQuery } from "@logwatch/events/api";
import * as z from "zod";
import { fail, ok, type Result } from "../../lib/result.ts";
import type { OpenedSource } from "../../sources/source.ts";
import type { Caller } from "../authenticate.ts";
import type { Position } from "../cursor.ts";
import type { ApiPorts } from "../ports.ts";
import { type Refusal, refuse } from "../refusal.ts";
import { logLineOf } from "./logs-line.ts";
import { askSource } from "./sources-open.ts";

const maxAskedFields = 50;

/** JSON of all lines of a page: quoted once more for the gateway, it must stay below the 6 MB that a Lambda may answer. */
const maxPageBytes = 2_600_000;
/** Longer lines are cut also where they would fit. */
const maxLineBytes = 64_000;

/** What every page of lines may be asked. */
export const linesQuery = {
  field: z
    .array(fieldName)
    .max(maxAskedFields)
    .optional()
    .meta({ list: true, description: "Fields to show, each its own parameter; all fields when absent." }),
  ...pageQuery,
};
type LinesQuery = { field?: string[] | undefined; limit: number; cursor?: string | undefined };

export type LineSearch = {
  route: "searchLogs" | "getAlertEvidence";
  /** The id of what the lines are of. A cursor is good for it, its source and these filters alone. */
  of: string;
  sourceId: string;
  filters: readonly string[];
  /** What the query says of the window; a further page must not contradict the first. */
  given: { from?: number | undefined; to?: number | undefined };
  /** Of a first page; further ones keep it. */
  firstWindow: () => Result<Window, Refusal>;
  /** What of the input is at fault when the source says that the question is. */
  path: string;
};

type Question = { filters: readonly string[]; window: Window };

/** The page behind the query's cursor; the first without one. */
export const readLines = async (
  search: LineSearch,
  query: LinesQuery,
  caller: Caller,
  ports: ApiPorts,
): Promise<Result<z.output<typeof logPage>, Refusal>> => {
  const { route, sourceId, filters, path } = search;
  const position = ports.cursors.read(caller, route, query.cursor);
  if (!position.ok) return position;
  const digest = digestOf(search);
  const place = placeOf(search, digest, position.value);
  if (!place.ok) return place;
  const { window, after } = place.value;
  const lines = await askSource(sourceId, path, ports, (source, signal) =>
    askLines(source, query, { filters, window }, after, signal),
  );
  if (!lines.ok) return lines;
  const { entries, next } = lines.value;
  const maxBytes = Math.min(maxLineBytes, maxPageBytes / query.limit);
  const behind = next === null ? undefined : [digest, window.from, window.to, next];
  return ok({
    ...window,
    items: entries.map((entry) => logLineOf(entry, maxBytes)),
    next: behind ? ports.cursors.write(caller, route, behind) : null,
  });
};

const digestOf = ({ of, sourceId, filters }: LineSearch): string =>
  createHash("sha256")
    .update(JSON.stringify([of, sourceId, ...filters]))
    .digest("base64url");

/** Where a page begins: a first one by its query, a further one by its cursor, which its query must not contradict. */
const placeOf = (
  { given, firstWindow }: LineSearch,
  digest: string,
  position: Position | undefined,
): Result<{ window: Window; after: string | undefined }, Refusal> => {
  if (position === undefined) {
    const window = firstWindow();
    return window.ok ? ok({ window: window.value, after: undefined }) : window;
  }
  const [of, from, to, after] = position;
  const isSame = of === digest && (given.from ?? from) === from && (given.to ?? to) === to;
  if (!isSame || typeof from !== "number" || typeof to !== "number" || typeof after !== "string") {
    return fail(otherSearch());
  }
  return ok({ window: { from, to }, after });
};

const otherSearch = (): Refusal =>
  refuse(422, "not-possible", "This cursor is of another search.", {
    errors: [{ path: "query.cursor", rule: "must be used with the service, window and filter it was got with" }],
  });

const askLines = async (
  source: OpenedSource,
  query: LinesQuery,
  question: Question,
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

/** A log store shows only the fields it is asked for. */
const namesOf = async (
  source: OpenedSource,
  asked: readonly string[] | undefined,
  question: Question,
  signal: AbortSignal,
) => {
  if (asked) return ok([...new Set(asked)]);
  const listed = await source.fields(question, signal);
  return listed.ok ? ok(listed.value.map(({ name }) => name).filter((name) => !shownAnyway.has(name))) : listed;
};

const shownAnyway = new Set(["timestamp", "service", "source", "level", "message"]);
