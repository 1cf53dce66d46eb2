// Groups messages level by level: values by how frequent they are, times by their buckets. What lies beyond a limit vanishes
// without a sign, and those that lack the field come last, on top of the limit: as in Graylog.
import type { FieldValue } from "@logwatch/events";
import { allShardsFailed, openSearchError, searchProblem } from "./api-answer.ts";
import { textsOf } from "./json-shape.ts";
import { addedFields, isoTime, type Message, readField } from "./message.ts";
import type { MessageStore } from "./message-store.ts";
import { type Metric, type MetricValue, metricValue } from "./metrics.ts";
import { type Interval, timeBuckets } from "./time-buckets.ts";

export type Level =
  | { kind: "values"; fields: readonly string[]; limit: number; skipEmpty: boolean }
  | { kind: "time"; field: string; interval: Interval };

/** By a metric, by the group's own key, or (null) by count. */
export type Order = { metric: Metric; descending: boolean } | { key: true; descending: boolean } | null;

/** `keys` of all levels; a group of the innermost level. */
export type Group = { keys: string[]; messages: Message[] };

export const emptyValue = "(Empty Value)";

export const groupMessages = (
  store: MessageStore,
  messages: readonly Message[],
  levels: readonly Level[],
  order: Order,
): Group[] => {
  for (const level of levels) checkLevel(store, level);
  return nested(messages, levels, order);
};

const nested = (messages: readonly Message[], levels: readonly Level[], order: Order): Group[] => {
  const [level, ...inner] = levels;
  if (!level) return [{ keys: [], messages: [...messages] }];
  const groups =
    level.kind === "time"
      ? timeBuckets(messages, level.field, level.interval).map((one) => ({
          keys: [isoTime(one.at)],
          messages: one.messages,
        }))
      : byValues(messages, level, order);
  if (inner.length === 0) return groups;
  return groups.flatMap(({ keys, messages: own }) =>
    nested(own, inner, order).map((group) => ({ keys: [...keys, ...group.keys], messages: group.messages })),
  );
};

type Values = Extract<Level, { kind: "values" }>;
type Ranked = { sortKey: FieldValue; keys: string[]; messages: Message[] };

const byValues = (messages: readonly Message[], { fields, limit, skipEmpty }: Values, order: Order): Group[] => {
  const groups = new Map<FieldValue, Ranked>();
  const empty: Message[] = [];
  const [only] = fields;
  for (const message of messages) {
    const value = fields.length === 1 && only !== undefined ? groupValue(message, only) : combined(message, fields);
    if (value === undefined) {
      empty.push(message);
      continue;
    }
    const group = groups.get(value);
    if (group) group.messages.push(message);
    else groups.set(value, { sortKey: value, keys: keysOf(value, fields.length), messages: [message] });
  }
  const ranked = rankedBy([...groups.values()], order).slice(0, limit);
  const rows = ranked.map(({ keys, messages: own }) => ({ keys, messages: own }));
  if (empty.length > 0 && !skipEmpty) rows.push({ keys: fields.map(() => emptyValue), messages: empty });
  return rows;
};

/** The index holds the source in lower case; `streams.title` and its like are read from the ids. */
const groupValue = (message: Message, field: string): FieldValue | undefined => {
  if (field === "streams.title") return "Default Stream";
  if (field === "gl2_source_input.title") return message.input;
  const value = readField(message, field);
  if (typeof value === "number" && isDate(field)) return isoTime(value);
  return field === "source" && typeof value === "string" ? value.toLowerCase() : value;
};

/** Several fields in one group: a message that lacks one of them counts as lacking all. */
const combined = (message: Message, fields: readonly string[]): string | undefined => {
  const values = fields.map((field) => groupValue(message, field));
  return values.includes(undefined) ? undefined : JSON.stringify(values.map(String));
};

const keysOf = (value: FieldValue, fieldCount: number): string[] =>
  fieldCount === 1 ? [String(value)] : textsOf(JSON.parse(String(value)));

const rankedBy = (groups: Ranked[], order: Order): Ranked[] => {
  const keyOrder = (a: Ranked, b: Ranked): number => (a.sortKey < b.sortKey ? -1 : a.sortKey > b.sortKey ? 1 : 0);
  const sign = order && !order.descending ? 1 : -1;
  if (order && "key" in order) return groups.sort((a, b) => sign * keyOrder(a, b));
  const weight = (group: Ranked): number =>
    order ? numeric(metricValue(order.metric, group.messages, group.messages.length)) : group.messages.length;
  return groups
    .map((group) => ({ group, weight: weight(group) }))
    .sort((a, b) => (a.weight === b.weight ? keyOrder(a.group, b.group) : sign * (a.weight - b.weight)))
    .map(({ group }) => group);
};

const numeric = (value: MetricValue): number => (typeof value === "number" ? value : Number.NEGATIVE_INFINITY);

const checkLevel = (store: MessageStore, level: Level): void => {
  if (level.kind === "time") {
    const kind = store.kindOf(level.field);
    if (kind === "keyword") {
      const reason = `Field [${level.field}] of type [keyword] does not support custom formats`;
      searchProblem(openSearchError("illegal_argument_exception", reason));
    }
    if (kind === "text") searchProblem(allShardsFailed);
    return;
  }
  if (level.fields.some((field) => field === "message" || field === "full_message")) searchProblem(allShardsFailed);
};

export const isDate = (field: string): boolean =>
  Object.hasOwn(addedFields, field) &&
  ["timestamp", "gl2_receive_timestamp", "gl2_processing_timestamp"].includes(field);
