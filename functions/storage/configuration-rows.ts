// How each configured thing lies in its table: columns beside its id, owner and version, in the order of their values.
import * as z from "zod";
import type {
  ConfigurationItems,
  ConfigurationKind,
  DestinationRecord,
  JobRecord,
  RuleRecord,
  ServiceRecord,
  SourceRecord,
  Stored,
} from "./configuration.ts";
import type { Row, SqlValue } from "./db.ts";
import { jsonColumn, plainObject, sharedJsonColumn } from "./json-column.ts";
import { ruleOf } from "./rule-state-columns.ts";

export type Kind<Item> = {
  table: string;
  columns: readonly string[];
  toValues: (item: Item) => SqlValue[];
  fromRow: (row: Row) => Item;
  /** Column that names a row of another table, which must be there. */
  refersTo?: { table: string; column: string };
  /** Where it is named; while it is, it cannot go. */
  usedBy?: { table: string; column: string };
};

const objectOf = sharedJsonColumn(plainObject);
const flag = (value: boolean): number => (value ? 1 : 0);

const sourceRow = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.string(),
  params: z.string(),
  secret: z.string(),
});
const sources: Kind<SourceRecord> = {
  table: "sources",
  usedBy: { table: "services", column: "source_id" },
  columns: ["name", "kind", "params", "secret"],
  toValues: (one) => [one.name, one.kind, JSON.stringify(one.params), one.secret],
  fromRow: (raw) => {
    const row = sourceRow.parse(raw);
    return { ...row, params: objectOf(row.params) };
  },
};

const serviceRow = z.object({
  id: z.string(),
  name: z.string(),
  source_id: z.string(),
  filter_text: z.string(),
  colour: z.string(),
});
const services: Kind<ServiceRecord> = {
  table: "services",
  refersTo: { table: "sources", column: "source_id" },
  usedBy: { table: "jobs", column: "service_id" },
  columns: ["name", "source_id", "filter_text", "colour"],
  toValues: (one) => [one.name, one.sourceId, one.filter, one.colour],
  fromRow: (raw) => {
    const { id, name, source_id, filter_text, colour } = serviceRow.parse(raw);
    return { id, name, sourceId: source_id, filter: filter_text, colour };
  },
};

const jobRow = z.object({
  id: z.string(),
  owner_id: z.string(),
  name: z.string(),
  enabled: z.number(),
  analysis: z.string(),
  params: z.string(),
  service_id: z.string(),
  every_ms: z.number(),
  window_ms: z.number(),
  delay_ms: z.number(),
  start_at: z.number(),
});
const jobs: Kind<JobRecord> = {
  table: "jobs",
  refersTo: { table: "services", column: "service_id" },
  columns: [
    "owner_id",
    "name",
    "enabled",
    "analysis",
    "params",
    "service_id",
    "every_ms",
    "window_ms",
    "delay_ms",
    "start_at",
  ],
  toValues: (one) => [
    one.ownerId,
    one.name,
    flag(one.enabled),
    one.analysis,
    JSON.stringify(one.params),
    one.serviceId,
    one.everyMs,
    one.windowMs,
    one.delayMs,
    one.startAt,
  ],
  fromRow: (raw) => {
    const row = jobRow.parse(raw);
    return {
      id: row.id,
      ownerId: row.owner_id,
      name: row.name,
      enabled: row.enabled === 1,
      analysis: row.analysis,
      params: objectOf(row.params),
      serviceId: row.service_id,
      everyMs: row.every_ms,
      windowMs: row.window_ms,
      delayMs: row.delay_ms,
      startAt: row.start_at,
    };
  },
};

const ruleRow = z.object({ enabled: z.number(), body: z.string() });
const rules: Kind<RuleRecord> = {
  table: "rules",
  refersTo: { table: "jobs", column: "job_id" },
  columns: ["job_id", "name", "enabled", "body"],
  toValues: ({ enabled, ...rule }) => [rule.jobId, rule.name, flag(enabled), JSON.stringify(rule)],
  fromRow: (raw) => {
    const row = ruleRow.parse(raw);
    return { ...ruleOf(row.body), enabled: row.enabled === 1 };
  },
};

const destinationRow = z.object({
  id: z.string(),
  name: z.string(),
  channel: z.string(),
  address: z.string(),
  secret: z.string(),
  enabled: z.number(),
  max_per_hour: z.number(),
  confirmed_at: z.number().nullable(),
  agreed: z.string().nullish(),
});
const agreedOf = jsonColumn(z.array(z.string()));
const destinations: Kind<DestinationRecord> = {
  table: "destinations",
  usedBy: { table: "rule_destinations", column: "destination_id" },
  columns: ["name", "channel", "address", "secret", "enabled", "max_per_hour", "confirmed_at", "agreed"],
  toValues: (one) => [
    one.name,
    one.channel,
    JSON.stringify(one.address),
    one.secret,
    flag(one.enabled),
    one.maxPerHour,
    one.confirmedAt,
    one.agreed ? JSON.stringify(one.agreed) : null,
  ],
  fromRow: (raw) => {
    const row = destinationRow.parse(raw);
    const { id, name, channel, secret } = row;
    return {
      id,
      name,
      channel,
      secret,
      address: objectOf(row.address),
      enabled: row.enabled === 1,
      maxPerHour: row.max_per_hour,
      confirmedAt: row.confirmed_at,
      ...(row.agreed ? { agreed: agreedOf(row.agreed) } : {}),
    };
  },
};

export const kinds: { [Name in ConfigurationKind]: Kind<ConfigurationItems[Name]> } = {
  sources,
  services,
  jobs,
  rules,
  destinations,
};

/** Every column of a record and of how it is kept. */
export const storedColumns = ({ columns }: Pick<Kind<unknown>, "columns">): string[] => [
  ...["id", "managed_by", "version", "created_at", "updated_at"],
  ...columns,
];

const storedRow = z.object({
  managed_by: z.string(),
  version: z.number(),
  created_at: z.number(),
  updated_at: z.number(),
});

/** A row of `storedColumns`. */
export const toStored = <Item>(kind: Kind<Item>, raw: Row): Stored<Item> => {
  const { managed_by, version, created_at, updated_at } = storedRow.parse(raw);
  return { item: kind.fromRow(raw), ownerId: managed_by, version, createdAt: created_at, updatedAt: updated_at };
};

/** Values of a record under the names of its columns. */
export const namedValues = <Item extends { id: string }>(kind: Kind<Item>, item: Item): Record<string, SqlValue> => {
  const values = kind.toValues(item);
  return { id: item.id, ...Object.fromEntries(kind.columns.map((column, index) => [column, values[index] ?? null])) };
};
