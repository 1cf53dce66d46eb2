// Upserts of many rows: REPLACE with as many rows as a statement can bind. Equal values are bound once, because each
// parameter costs about ten microseconds on its way, and rows of one batch mostly share times, states and revisions.
import type { Sql, SqlValue } from "./db.ts";

/** A statement binds at most 1,000 values. */
const maxValues = 1000;
/** Rows in a statement, so that its text stays small and so does what it locks. */
const maxRows = 500;
/** A request holds 4 MiB; text counts three bytes a character at most here, as quotes are escaped. */
const maxCharacters = 1_000_000;

/** Writes every row, replacing those with an equal primary key; of equal keys the last wins. All or nothing only while one statement holds it. */
export const replaceRows = async (
  sql: Sql,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly SqlValue[])[],
): Promise<void> => {
  const head = `REPLACE INTO ${table} (${columns.join(", ")}) VALUES `;
  for (let start = 0; start < rows.length; ) {
    const { tuples, params } = bindRows(rows, start);
    await sql.execute(head + tuples.join(","), params);
    start += tuples.length;
  }
};

/** As many rows from `start` on as one statement holds, at least one. */
const bindRows = (rows: readonly (readonly SqlValue[])[], start: number) => {
  const names = new Map<SqlValue, string>();
  const params: Record<string, SqlValue> = {};
  const tuples: string[] = [];
  let characters = 0;
  for (let index = start; index < rows.length && tuples.length < maxRows; index += 1) {
    const row = rows[index] ?? [];
    const fresh = new Set(row.filter((value) => !names.has(value)));
    for (const value of fresh) characters += typeof value === "string" ? value.length : 0;
    if (tuples.length > 0 && (names.size + fresh.size > maxValues || characters > maxCharacters)) break;
    for (const value of fresh) {
      const name = `v${names.size}`;
      names.set(value, name);
      params[name] = value;
    }
    tuples.push(`(${row.map((value) => `:${names.get(value)}`).join(",")})`);
  }
  return { tuples, params };
};
