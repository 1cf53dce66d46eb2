// POST and GET /api/search/aggregate: groups and metrics as a table.
import type { Window } from "@logwatch/events";
import { type ApiAnswer, apiError, notEmpty, requestError } from "./api-answer.ts";
import { type ApiCall, bodyOf, checkProperties } from "./api-call.ts";
import { findMessages } from "./find-messages.ts";
import { groupMessages, isDate, type Level, type Order } from "./group-messages.ts";
import { isRecord, numberOr, property, textOr, textsOf } from "./json-shape.ts";
import { listOf, shortRange } from "./messages-api.ts";
import { checkMetric, type Metric, metricValue } from "./metrics.ts";
import { type Column, tableAnswer } from "./table-answer.ts";
import { autoInterval, intervalOf } from "./time-buckets.ts";
import { timeRange } from "./time-range.ts";

type Asked = {
  query: string;
  streams: readonly string[];
  window: Window;
  groups: readonly unknown[];
  metrics: readonly unknown[];
};

const noBody =
  'Cannot invoke "org.graylog.plugins.views.search.rest.scriptingapi.request.AggregationRequestSpec.metrics()" because "aggregationRequestSpec" is null';
const argument = "ScriptingApiResource.executeQuery.arg0";
const defaultLimit = 15;

export const postAggregate = (call: ApiCall): ApiAnswer => {
  const spec = bodyOf(call, noBody);
  checkProperties(spec, ["query", "streams", "stream_categories", "timerange", "group_by", "metrics"], call.body);
  return answer(call, {
    query: textOr(spec.query, "*"),
    streams: textsOf(spec.streams),
    window: timeRange(spec.timerange, call),
    groups: list(spec.group_by, `${argument}.groupings`),
    metrics: list(spec.metrics, `${argument}.metrics`),
  });
};

export const getAggregate = (call: ApiCall): ApiAnswer => {
  const { query } = call;
  const metrics = listOf(query.get("metrics")).map((text) => {
    const [name = "", field = ""] = text.split(":");
    return { function: name, ...(field === "" ? {} : { field }) };
  });
  return answer(call, {
    query: query.get("query") ?? "*",
    streams: listOf(query.get("streams")),
    window: shortRange(query.get("timerange"), call.now),
    groups: list(listOf(query.get("groups")), `${argument}.groupings`),
    metrics: list(metrics, `${argument}.metrics`),
  });
};

const list = (value: unknown, path: string): unknown[] => {
  if (!Array.isArray(value) || value.length === 0) return notEmpty(path, Array.isArray(value) ? "[]" : null);
  return value;
};

const answer = (call: ApiCall, asked: Asked): ApiAnswer => {
  const { store, accept } = call;
  const levels = asked.groups.map((group, index) => levelOf(call, group, index, asked.window));
  const metrics = asked.metrics.map((metric, index) => metricOf(call, metric, index));
  for (const { metric } of metrics) checkMetric(store, metric);
  const sorting = metrics.find(({ sort }) => sort !== null);
  const order: Order = sorting ? { metric: sorting.metric, descending: sorting.sort === "desc" } : null;
  const messages = findMessages(store, asked);
  const rows = groupMessages(store, messages, levels, order).map((group) => [
    ...group.keys,
    ...metrics.map(({ metric }) => metricValue(metric, group.messages, messages.length)),
  ]);
  const columns = [...levels.flatMap(groupColumns), ...metrics.map(({ metric }) => metricColumn(metric))];
  return tableAnswer(accept, { columns, rows, window: asked.window });
};

const groupColumns = (level: Level): Column[] =>
  (level.kind === "time" ? [level.field] : level.fields).map((field) => ({
    column_type: "grouping",
    type: "string",
    field,
    name: `grouping: ${field}`,
  }));

const metricColumn = ({ type, field }: Metric): Column => ({
  column_type: "metric",
  type: type === "latest" ? "string" : "numeric",
  function: type,
  ...(field === undefined ? {} : { field }),
  name: `metric: ${type}(${field ?? ""})`,
});

const levelOf = ({ version, body }: ApiCall, group: unknown, index: number, window: Window): Level => {
  const spec = typeof group === "string" ? { field: group } : group;
  const path = `group_by.[${index}]`;
  if (!isRecord(spec)) return requestError("Cannot construct a grouping", path, body, "group_by");
  const buckets = version === "7.0.1";
  checkProperties(spec, buckets ? ["field", "limit", "timeunit", "scaling"] : ["field", "limit"], body, path);
  const field = textOr(spec.field, "");
  if (field === "") apiError(400, "Field name cannot be empty");
  const { limit, timeunit, scaling } = spec;
  if ([limit, timeunit, scaling].filter((one) => one !== undefined && one !== null).length > 1) {
    requestError("Only one attribute out of 'limit', 'timeunit' or 'scaling' can be specified", path, body, "}");
  }
  if (typeof timeunit === "string") {
    const interval = intervalOf(timeunit);
    if (interval) return { kind: "time", field, interval };
    apiError(400, "Time unit must be {quantity}{unit}, where quantity is a positive number and unit [smhdwMy].");
  }
  if (typeof scaling === "number" || (buckets && typeof limit !== "number" && isDate(field))) {
    return { kind: "time", field, interval: autoInterval(window, numberOr(scaling, 1)) };
  }
  const most = numberOr(limit, 0);
  return { kind: "values", fields: [field], limit: most > 0 ? most : defaultLimit, skipEmpty: false };
};

const noConfiguration =
  'Cannot invoke "org.graylog.plugins.views.search.rest.scriptingapi.request.PercentileConfiguration.percentile()" because the return value of "org.graylog.plugins.views.search.rest.scriptingapi.request.Metric.configuration()" is null';

type Asking = { metric: Metric; sort: "asc" | "desc" | null };

const metricOf = ({ body }: ApiCall, given: unknown, index: number): Asking => {
  const path = `metrics.[${index}]`;
  const spec = typeof given === "string" ? { function: given } : given;
  if (!isRecord(spec)) return requestError("Cannot construct a metric", path, body, "metrics");
  checkProperties(spec, ["function", "field", "sort", "configuration"], body, path);
  const type = textOr(spec.function, "");
  const field = typeof spec.field === "string" ? spec.field : undefined;
  if (field === undefined && type !== "count" && type !== "percentage") {
    apiError(400, `${type} metric requires field name to be provided after a colon, i.e. ${type}:http_status_code`);
  }
  const percentile = property(spec.configuration, "percentile");
  if (type === "percentile" && typeof percentile !== "number") apiError(500, noConfiguration);
  const order = textOr(spec.sort, "").toLowerCase();
  const sort = order === "" ? null : order.startsWith("asc") ? "asc" : "desc";
  if (sort && (type === "latest" || type === "percentile")) apiError(400, `${type} metric cannot be sorted by`);
  return { metric: { id: `${type}(${field ?? ""})`, type, field, percentile: numberOr(percentile, 0) }, sort };
};
