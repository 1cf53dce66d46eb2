// The configuration read from SQL: whole, by ids, or page by page. Lists of ids are cut to what a statement can bind.
import type {
  AnyConfigurationQuery,
  Configuration,
  ConfigurationItems,
  ConfigurationKind,
  ConfigurationQuery,
  Stored,
} from "./configuration.ts";
import { type Kind, kinds, storedColumns, toStored } from "./configuration-rows.ts";
import type { Row, Sql, SqlParams } from "./db.ts";
import { inList, slices } from "./in-list.ts";
import { readPages } from "./read-pages.ts";

export const readAll = async (db: Sql, managedBy?: string): Promise<Configuration> => {
  const of = async <Item>(kind: Kind<Item>): Promise<Item[]> => {
    const [where, params] = managedBy === undefined ? ["1 = 1", {}] : ["managed_by = :managedBy", { managedBy }];
    return (await readRows(db, kind, where, params)).map(kind.fromRow);
  };
  return {
    sources: await of(kinds.sources),
    services: await of(kinds.services),
    jobs: await of(kinds.jobs),
    rules: await of(kinds.rules),
    destinations: await of(kinds.destinations),
  };
};

export const findStored = <Name extends ConfigurationKind>(
  db: Sql,
  name: Name,
  ids: readonly string[],
): Promise<Stored<ConfigurationItems[Name]>[]> =>
  listRows(db, kinds[name], { ids: [...new Set(ids)], limit: Number.POSITIVE_INFINITY });

export const listStored = <Name extends ConfigurationKind>(
  db: Sql,
  name: Name,
  query: ConfigurationQuery<Name>,
): Promise<Stored<ConfigurationItems[Name]>[]> => listRows(db, kinds[name], query);

const listColumns = {
  ids: "id",
  ownerIds: "managed_by",
  sourceIds: "source_id",
  serviceIds: "service_id",
  jobIds: "job_id",
} as const;
const listNames = ["ids", "ownerIds", "sourceIds", "serviceIds", "jobIds"] as const;
/** Three such lists fit into a statement, which binds at most 1,000 values. */
const maxOfList = 300;

const listRows = async <Item extends { id: string }>(
  db: Sql,
  kind: Kind<Item>,
  query: AnyConfigurationQuery,
): Promise<Stored<Item>[]> => {
  const long = listNames.find((name) => (query[name]?.length ?? 0) > maxOfList);
  if (long) {
    const found: Stored<Item>[] = [];
    for (const part of slices(query[long] ?? [], maxOfList)) {
      found.push(...(await listRows(db, kind, { ...query, [long]: part })));
    }
    return found.sort((left, right) => (left.item.id < right.item.id ? -1 : 1)).slice(0, query.limit);
  }
  if (query.limit <= 0 || listNames.some((name) => query[name]?.length === 0)) return [];
  const { where, params } = conditionsOf(query);
  return (await readRows(db, kind, where, params, query.limit)).map((row) => toStored(kind, row));
};

const conditionsOf = ({
  destinationId,
  after,
  ...query
}: AnyConfigurationQuery): { where: string; params: SqlParams } => {
  const conditions = ["1 = 1"];
  let params: SqlParams = {};
  const narrow = (condition: string, more: SqlParams): void => {
    conditions.push(condition);
    params = { ...params, ...more };
  };
  for (const name of listNames) {
    const listed = query[name];
    if (!listed) continue;
    const { names, params: values } = inList(name, listed);
    narrow(`${listColumns[name]} IN (${names})`, values);
  }
  if (after !== undefined) narrow("id > :after", { after });
  if (destinationId !== undefined) {
    narrow("id IN (SELECT rule_id FROM rule_destinations WHERE destination_id = :destinationId)", { destinationId });
  }
  return { where: conditions.join(" AND "), params };
};

const readRows = (
  db: Sql,
  kind: Pick<Kind<unknown>, "table" | "columns">,
  where: string,
  params: SqlParams,
  limit?: number,
): Promise<Row[]> =>
  readPages(db, {
    sql: `SELECT ${storedColumns(kind).join(", ")} FROM ${kind.table} WHERE ${where}`,
    params,
    order: "id",
    behind: "id > :lastId",
    after: (last) => ({ lastId: last.id ?? "" }),
    ...(limit === undefined ? {} : { limit }),
  });
