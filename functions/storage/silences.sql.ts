// Silences in SQL. Changing one looks again, in the same transaction, at what the service's silences hide.
import type { Db, Row, Sql, SqlParams } from "./db.ts";
import { inList, maxListed, slices } from "./in-list.ts";
import { jsonColumn } from "./json-column.ts";
import { type PagedRead, readPages } from "./read-pages.ts";
import { type Silence, type SilenceQuery, type SilenceStore, silence } from "./silences.ts";

export const silenceOf = jsonColumn(silence);

export const sqlSilences = (db: Db): SilenceStore => ({
  list: (query) => listOf(db, query),
  find: (ids) => readIn(db, "id", ids, "1 = 1", {}),
  active: (serviceIds, now) => readIn(db, "service_id", serviceIds, "starts_at <= :now AND ends_at > :now", { now }),
  put: (one, expectedVersion) =>
    db.transaction(async (sql) => {
      const { changed } = await write(sql, one, expectedVersion);
      if (changed === 0) return false;
      await sql.execute("UPDATE untold SET look_at = :now WHERE service_id = :serviceId AND look_at > :now", {
        now: one.updatedAt,
        serviceId: one.serviceId,
      });
      return true;
    }),
  forget: async (before, limit) => {
    const { changed } = await db.execute(
      `DELETE FROM silences WHERE id IN (SELECT id FROM
        (SELECT id FROM silences WHERE ends_at < :before ORDER BY ends_at LIMIT :limit) d)`,
      { before, limit },
    );
    return changed;
  },
});

const write = (sql: Sql, one: Silence, expectedVersion: number) => {
  const params = {
    id: one.id,
    serviceId: one.serviceId,
    startsAt: one.startsAt,
    endsAt: one.endsAt,
    createdAt: one.createdAt,
    version: one.version,
    body: JSON.stringify(one),
  };
  return expectedVersion === 0
    ? sql.execute(
        `INSERT INTO silences (id, service_id, starts_at, ends_at, created_at, version, body)
          SELECT :id, :serviceId, :startsAt, :endsAt, :createdAt, :version, :body FROM (SELECT 1 AS one) d
          WHERE NOT EXISTS (SELECT 1 FROM silences s WHERE s.id = :id)`,
        params,
      )
    : sql.execute(
        `UPDATE silences SET service_id = :serviceId, starts_at = :startsAt, ends_at = :endsAt, created_at = :createdAt,
          version = :version, body = :body WHERE id = :id AND version = :expectedVersion`,
        { ...params, expectedVersion },
      );
};

const newest: Pick<PagedRead, "order" | "behind" | "after"> = {
  order: "created_at DESC, id DESC",
  behind: "(created_at, id) < (:lastAt, :lastId)",
  after: (last) => ({ lastAt: last.created_at ?? 0, lastId: last.id ?? "" }),
};
const select = "SELECT id, created_at, body FROM silences";
const toSilence = (row: Row): Silence => silenceOf(String(row.body));

const listOf = async (db: Db, { serviceIds, endsAfter, before, limit }: SilenceQuery): Promise<Silence[]> => {
  const found: Silence[] = [];
  for (const part of slices([...new Set(serviceIds)], maxListed)) {
    const { names, params } = inList("s", part);
    const ends = endsAfter === undefined ? "" : " AND ends_at > :endsAfter";
    const behind = before === undefined ? "" : " AND (created_at, id) < (:beforeAt, :beforeId)";
    const rows = await readPages(db, {
      ...newest,
      sql: `${select} WHERE service_id IN (${names})${ends}${behind}`,
      params: {
        ...params,
        ...(endsAfter === undefined ? {} : { endsAfter }),
        ...(before === undefined ? {} : { beforeAt: before.createdAt, beforeId: before.id }),
      },
      limit,
    });
    found.push(...rows.map(toSilence));
  }
  return found.sort((left, right) => right.createdAt - left.createdAt || (left.id < right.id ? 1 : -1)).slice(0, limit);
};

const readIn = async (
  db: Db,
  column: string,
  values: readonly string[],
  condition: string,
  own: SqlParams,
): Promise<Silence[]> => {
  const found: Silence[] = [];
  for (const part of slices([...new Set(values)], maxListed)) {
    const { names, params } = inList("i", part);
    const sql = `${select} WHERE ${column} IN (${names}) AND ${condition}`;
    found.push(...(await readPages(db, { ...newest, sql, params: { ...params, ...own } })).map(toSilence));
  }
  return found;
};
