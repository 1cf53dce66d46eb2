// How a search comes back in its own answer: with every default written out.
import type { Window } from "@logwatch/events";
import type { ApiCall } from "./api-call.ts";
import { isRecord, numberOr, property, textOr, textsOf } from "./json-shape.ts";
import { defaultStream } from "./message.ts";
import { shownRange, timeRange } from "./time-range.ts";

type Json = Record<string, unknown>;

export const shownQuery = (query: Json, window: Window): Json => ({
  timerange: shownRange(window),
  filter: query.filter ?? { type: "or", filters: [{ type: "stream", id: defaultStream.id }] },
  filters: [],
  query: { type: "elasticsearch", query_string: textOr(property(query.query, "query_string"), "*") },
});

export const shownSearchType = (searchType: Json, call: ApiCall): Json => {
  const shared = {
    timerange: isRecord(searchType.timerange) ? shownRange(timeRange(searchType.timerange, call)) : null,
    query: searchType.query ?? null,
    streams: textsOf(searchType.streams),
    stream_categories: [],
    type: textOr(searchType.type, "messages"),
    id: textOr(searchType.id, ""),
    name: searchType.name ?? null,
    filter: null,
    filters: [],
  };
  if (searchType.type === "pivot") {
    return {
      ...shared,
      series: records(searchType.series).map(shownSeries),
      sort: records(searchType.sort),
      rollup: searchType.rollup === true,
      row_groups: records(searchType.row_groups).map(shownGroup),
      column_groups: records(searchType.column_groups).map(shownGroup),
    };
  }
  return {
    ...shared,
    limit: numberOr(searchType.limit, 150),
    offset: numberOr(searchType.offset, 0),
    sort: searchType.sort ?? null,
    fields: textsOf(searchType.fields),
    decorators: [],
  };
};

export const records = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isRecord) : []);

const withUnits = new Set(["avg", "min", "max", "sum", "stddev", "variance", "sumofsquares", "percentile", "latest"]);

const shownSeries = (series: Json): Json => ({
  ...series,
  field: series.field ?? null,
  ...(withUnits.has(textOr(series.type, "")) ? { whole_number: false } : {}),
});

const shownGroup = (group: Json): Json =>
  group.type === "values" ? { ...group, skip_empty_values: group.skip_empty_values === true } : group;
