// Reads that may be long: page by page behind the last row read, with smaller pages when rows are large (a response holds 1 MiB).
import { isResponseTooLarge, type Row, type Sql, type SqlParams } from "./db.ts";
import { inList, maxListed, slices } from "./in-list.ts";

export type PagedRead = {
  /** An ordered SELECT up to its WHERE; `order` follows it. */
  sql: string;
  params: SqlParams;
  order: string;
  /** Condition that starts behind the last row, and its values. Left out of the first page, which is mostly the only one. */
  behind: string;
  after: (last: Row) => SqlParams;
  /** Most rows in all. */
  limit?: number;
};

const firstPageRows = 1000;

/** In order, all of them or at most `limit`. */
export const readPages = async (sql: Sql, read: PagedRead): Promise<Row[]> => {
  const limit = read.limit ?? Number.POSITIVE_INFINITY;
  const all: Row[] = [];
  let pageRows = firstPageRows;
  while (all.length < limit) {
    const page = Math.min(pageRows, limit - all.length);
    const last = all.at(-1);
    const text = `${read.sql} ${last ? `AND ${read.behind}` : ""} ORDER BY ${read.order} LIMIT :page`;
    const rows = await readOnce(sql, text, { ...read.params, ...(last ? read.after(last) : {}), page });
    if (rows) all.push(...rows);
    else if (page === 1) throw new Error("One row alone is more than a response can hold.");
    else pageRows = Math.ceil(page / 2);
    if (rows && rows.length < page) break;
  }
  return all;
};

/** Rows whose `column` is one of `ids`. `sql`: a SELECT up to where its next condition goes. */
export const readByIds = async (
  db: Sql,
  sql: string,
  ids: readonly string[],
  column: "id" | "j.id" = "id",
): Promise<Row[]> => {
  const all: Row[] = [];
  for (const part of slices(ids, maxListed)) {
    const { names, params } = inList("i", part);
    const rows = await readPages(db, {
      sql: `${sql} ${column} IN (${names})`,
      params,
      order: column,
      behind: `${column} > :lastId`,
      after: (last) => ({ lastId: last.id ?? "" }),
    });
    all.push(...rows);
  }
  return all;
};

/** Undefined when the page was too large. */
const readOnce = async (sql: Sql, text: string, params: SqlParams): Promise<Row[] | undefined> => {
  try {
    return (await sql.execute(text, params)).rows;
  } catch (error) {
    if (isResponseTooLarge(error)) return undefined;
    throw error;
  }
};
