// Which fields Graylog's messages have. It knows them by stream and time, not by filter, so a filter is checked and narrows nothing.
import * as z from "zod";
import { ok } from "../lib/result.ts";
import type { AskSettings } from "./graylog-ask.ts";
import type { Converse, GraylogCall } from "./graylog-client.ts";
import { graylogQuery } from "./graylog-query.ts";
import { timerange } from "./graylog-search.ts";
import { type Field, type ListFields, maxFields } from "./source.ts";

const fieldsAnswer = z.array(z.object({ name: z.string(), type: z.object({ type: z.string() }) }));

export const graylogFields =
  (converseWithin: (signal: AbortSignal) => Converse, { streams }: Pick<AskSettings, "streams">): ListFields =>
  async ({ filters, window }, signal) => {
    const query = graylogQuery(filters);
    if (!query.ok) return query;
    // Only with streams does it take a time.
    const call: GraylogCall =
      streams.length === 0
        ? { method: "GET", path: "views/fields" }
        : { method: "POST", path: "views/fields", body: { streams, timerange: timerange(window) } };
    const answer = await converseWithin(signal)(call, fieldsAnswer);
    if (!answer.ok) return answer;
    const fields = answer.value
      .filter(({ name }) => !isOwn(name))
      .map(({ name, type }): Field => ({ name, kind: kinds.get(type.type) ?? "unknown" }));
    return ok(fields.sort((a, b) => (a.name < b.name ? -1 : 1)).slice(0, maxFields));
  };

/** What Graylog writes for itself into every message. */
const isOwn = (name: string): boolean => name.startsWith("gl2_") || name === "streams";

const numbers = ["long", "int", "short", "byte", "double", "float"];
const kinds = new Map<string, Field["kind"]>([
  ["string", "text"],
  ["date", "date"],
  ["ip", "address"],
  ["boolean", "boolean"],
  ...numbers.map((type): [string, Field["kind"]] => [type, "number"]),
]);
