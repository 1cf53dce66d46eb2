// The pivot of a view: rows by groups, columns by groups, series in the cells, and the totals that tell whether rows were cut.
import { apiError, requestError } from "./api-answer.ts";
import type { ApiCall } from "./api-call.ts";
import { type Find, findMessages } from "./find-messages.ts";
import { groupMessages, type Level, type Order } from "./group-messages.ts";
import { numberOr, property, textOr, textsOf } from "./json-shape.ts";
import type { Message } from "./message.ts";
import { checkMetric, type Metric, metricValue } from "./metrics.ts";
import { autoInterval, intervalOf } from "./time-buckets.ts";
import { records } from "./views-shape.ts";

type Json = Record<string, unknown>;
type Pivot = { call: ApiCall; rows: Level[]; columns: Level[]; series: Metric[]; order: Order; total: number };

export const pivot = (call: ApiCall, searchType: Json, find: Find): Json => {
  const { store } = call;
  const series = records(searchType.series).map(metricOf);
  for (const metric of series) checkMetric(store, metric);
  const level = (group: Json) => levelOf(group, find, call);
  const rowLevels = records(searchType.row_groups).map(level);
  const columnLevels = records(searchType.column_groups).map(level);
  const found = findMessages(store, find);
  const asked: Pivot = {
    call,
    rows: rowLevels,
    columns: columnLevels,
    series,
    order: orderOf(records(searchType.sort), series),
    total: found.length,
  };
  const rollup = searchType.rollup === true;
  const rows: Json[] = [];
  for (const { keys, messages } of rowLevels.length > 0 ? groupMessages(store, found, rowLevels, asked.order) : []) {
    // A row without columns is its own summary, whether summaries were asked for or not.
    const own = rollup || columnLevels.length === 0 ? cells(asked, [], messages, true, "row-leaf") : [];
    rows.push({ key: keys, values: [...own, ...columnCells(asked, messages)], source: "leaf" });
  }
  if (rollup || rowLevels.length === 0) {
    const inner = rowLevels.length === 0 ? columnCells(asked, found) : [];
    rows.push({ key: [], values: [...cells(asked, [], found, true, "row-inner"), ...inner], source: "non-leaf" });
  }
  return { rows, column_names: columnNames(asked, found), total: found.length, type: "pivot" };
};

const cells = (asked: Pivot, key: readonly string[], messages: Message[], rollup: boolean, source: string): Json[] =>
  asked.series.map((metric) => ({
    key: [...key, metric.id],
    value: metricValue(metric, messages, asked.total),
    rollup,
    source,
  }));

const columnCells = (asked: Pivot, messages: Message[]): Json[] => {
  if (asked.columns.length === 0) return [];
  return groupMessages(asked.call.store, messages, asked.columns, asked.order).flatMap((group) =>
    cells(asked, group.keys, group.messages, false, "col-leaf"),
  );
};

const columnNames = ({ call, rows, columns, series }: Pivot, found: Message[]): string[] => {
  const names = rows.flatMap((level) => (level.kind === "time" ? [level.field] : level.fields));
  const ids = series.map(({ id }) => id);
  if (columns.length === 0) return [...names, ...ids];
  const keys = groupMessages(call.store, found, columns, null).map((group) => [...group.keys, ...ids].join(", "));
  return [...names, ...keys.sort()];
};

const metricOf = (series: Json): Metric => {
  const type = textOr(series.type, "");
  const field = typeof series.field === "string" ? series.field : undefined;
  const percentile = typeof series.percentile === "number" ? series.percentile : undefined;
  if (type === "percentile" && percentile === undefined) apiError(400, "Missing required properties: percentile");
  if (field === undefined && type !== "count" && type !== "percentage")
    apiError(400, "Missing required properties: field");
  const suffix = percentile === undefined ? "" : `,${percentile.toFixed(1)}`;
  return { id: textOr(series.id, `${type}(${field ?? ""}${suffix})`), type, field, percentile };
};

const defaultLimit = 15;

const levelOf = (group: Json, { window }: Find, { body }: ApiCall): Level => {
  const fields = typeof group.field === "string" ? [group.field] : textsOf(group.fields);
  const [field] = fields;
  if (field === undefined) return requestError("Missing required properties: fields", "row_groups", body, "fields");
  if (group.type === "values") {
    const limit = numberOr(group.limit, 0);
    return {
      kind: "values",
      fields,
      limit: limit > 0 ? limit : defaultLimit,
      skipEmpty: group.skip_empty_values === true,
    };
  }
  if (group.type !== "time")
    return requestError(`Could not resolve type id '${group.type}'`, "row_groups", body, "type");
  const unit = property(group.interval, "timeunit");
  if (typeof unit !== "string") {
    return { kind: "time", field, interval: autoInterval(window, numberOr(property(group.interval, "scaling"), 1)) };
  }
  const interval = intervalOf(unit);
  return interval
    ? { kind: "time", field, interval }
    : requestError(`Invalid timeunit: ${unit}`, "interval", body, unit);
};

const orderOf = ([first]: readonly Json[], series: readonly Metric[]): Order => {
  if (!first) return null;
  const descending = !textOr(first.direction, "Descending").toLowerCase().startsWith("asc");
  if (first.type === "pivot") return { key: true, descending };
  const metric = series.find(({ id }) => id === first.field);
  return metric ? { metric, descending } : null;
};
