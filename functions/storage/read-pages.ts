// Reads that may be long: page by page behind the last row read, with smaller pages when rows are large (a response holds 1 MiB).
import { isResponseTooLarge, type Row, type Sql, type SqlParams } from "./db.ts";

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

/** Undefined when the page was too large. */
const readOnce = async (sql: Sql, text: string, params: SqlParams): Promise<Row[] | undefined> => {
  try {
    return (await sql.execute(text, params)).rows;
  } catch (error) {
    if (isResponseTooLarge(error)) return undefined;
    throw error;
  }
};
