// The numbers that can be computed over the messages of one group, with Graylog's odd answers where there is nothing.
import { allShardsFailed, apiError, openSearchError, searchProblem } from "./api-answer.ts";
import { addedFields, graylogTime, type Message, readField, shownField } from "./message.ts";
import type { MessageStore } from "./message-store.ts";

export type Metric = { id: string; type: string; field: string | undefined; percentile: number | undefined };
export type MetricValue = number | string;

const ofNumbers = new Set(["avg", "min", "max", "sum", "stddev", "variance", "sumofsquares", "percentile"]);
const ofAnything = new Set(["count", "card", "latest", "percentage"]);

/** @throws as Graylog refuses: an unknown function, or numbers asked of a text. */
export const checkMetric = (store: MessageStore, { type, field }: Metric): void => {
  if (!ofNumbers.has(type) && !ofAnything.has(type)) apiError(400, `Unrecognized metric : ${type}`);
  if (field === undefined || type === "latest") return;
  const kind = store.kindOf(field);
  if (kind === "text" && type !== "count" && field !== "source") searchProblem(allShardsFailed);
  if (!ofNumbers.has(type)) return;
  if (kind === "keyword" || kind === "text") {
    const reason = `Field [${field}] of type [${kind}] is not supported for aggregation [${type}]]`;
    searchProblem(openSearchError("illegal_argument_exception", reason).replace("]].", "]]."));
  }
};

/** `total` is how many messages the whole search found. */
export const metricValue = (metric: Metric, messages: readonly Message[], total: number): MetricValue => {
  const { type, field } = metric;
  if (type === "count") return field === undefined ? messages.length : present(messages, field).length;
  if (type === "percentage") return total === 0 ? 0 : messages.length / total;
  if (field === undefined) return 0;
  if (type === "latest") return latest(messages, field);
  if (type === "card") return new Set(present(messages, field)).size;
  return statistic(
    metric,
    present(messages, field).filter((value) => typeof value === "number"),
  );
};

const present = (messages: readonly Message[], field: string) => {
  const found = [];
  for (const message of messages) {
    const value = readField(message, field);
    if (value !== undefined) found.push(value);
  }
  return found;
};

/** `messages` come oldest first. */
const latest = (messages: readonly Message[], field: string): MetricValue => {
  const message = messages.findLast((one) => readField(one, field) !== undefined);
  if (!message) return "-";
  if (Object.hasOwn(addedFields, field) && field === "timestamp") return graylogTime(message.at);
  const value = shownField(message, field);
  return typeof value === "number" ? value : String(value);
};

const statistic = ({ type, percentile }: Metric, numbers: readonly number[]): MetricValue => {
  const count = numbers.length;
  if (type === "sum") return sum(numbers);
  if (type === "sumofsquares") return sum(numbers.map((value) => value * value));
  if (count === 0) return type === "max" ? "-Infinity" : type === "avg" || type === "min" ? "Infinity" : "NaN";
  const mean = sum(numbers) / count;
  const variance = () => sum(numbers.map((value) => (value - mean) ** 2)) / count;
  switch (type) {
    case "avg":
      return mean;
    case "min":
      return numbers.reduce((least, value) => Math.min(least, value));
    case "max":
      return numbers.reduce((most, value) => Math.max(most, value));
    case "variance":
      return variance();
    case "stddev":
      return Math.sqrt(variance());
    default:
      return quantile(numbers, (percentile ?? 50) / 100);
  }
};

const sum = (numbers: readonly number[]): number => numbers.reduce((all, value) => all + value, 0);

/** Between the two nearest values, as a t-digest does that holds every value. */
const quantile = (numbers: readonly number[], share: number): number => {
  const sorted = Float64Array.from(numbers).sort();
  const place = Math.min(sorted.length - 1, Math.max(0, share * sorted.length - 0.5));
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
};
