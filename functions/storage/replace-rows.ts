// Upserts of many rows in one call: REPLACE with several rows in each parameter set, so that neither calls nor statements add up.
import type { Sql, SqlValue } from "./db.ts";

/** A parameter set holds at most 1,000 values. */
const maxValues = 960;

/**
 * Writes every row, replacing those with an equal primary key; of equal keys the last wins.
 * One call; one statement (so all or nothing) while `rows × columns` is within `maxValues`.
 */
export const replaceRows = async (
  sql: Sql,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly SqlValue[])[],
): Promise<void> => {
  const last = rows.at(-1);
  if (!last) return;
  const sets = Math.ceil(rows.length / Math.floor(maxValues / columns.length));
  const perSet = Math.ceil(rows.length / sets);
  const text = `REPLACE INTO ${table} (${columns.join(", ")}) VALUES ${tuples(perSet, columns.length)}`;
  const params = Array.from({ length: sets }, (_, set) => {
    const values: Record<string, SqlValue> = {};
    for (let index = 0; index < perSet; index += 1) {
      // The last set is filled up with the last row: writing it twice changes nothing.
      const row = rows[set * perSet + index] ?? last;
      for (let column = 0; column < columns.length; column += 1) values[`v${index}_${column}`] = row[column] ?? null;
    }
    return values;
  });
  if (sets === 1) await sql.execute(text, params[0]);
  else await sql.batch(text, params);
};

const tuples = (rows: number, columns: number): string =>
  Array.from(
    { length: rows },
    (_, row) => `(${Array.from({ length: columns }, (_, column) => `:v${row}_${column}`).join(",")})`,
  ).join(",");
