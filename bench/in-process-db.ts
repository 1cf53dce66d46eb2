// The database of the API's benchmark: the stores' own SQL on SQLite in this very process, as the peer has it, with no Data API between.
import Database from "libsql";
import type { Db, Row, Sql, SqlParams } from "../functions/storage/db.ts";
import { readStatement } from "../simulators/cloud/aurora/sql-text.ts";

/** One connection: transactions are those of one writer, which the benchmark is. */
export const openInProcessDb = (file: string): Db & { close: () => void } => {
  const database = new Database(file);
  database.exec("PRAGMA journal_mode = WAL");
  type Ready = { run: (params: SqlParams) => { rows: Row[]; changed: number } };
  const known = new Map<string, Ready>();
  const ready = (sql: string): Ready => {
    const found = known.get(sql);
    if (found) return found;
    const { sql: text, names, kind } = readStatement(sql);
    const prepared = database.prepare(text);
    const bind = (params: SqlParams) => names.map((name) => params[name] ?? null);
    const made: Ready = {
      run: (params) =>
        kind === "query"
          ? { rows: rowsOf(prepared.all(...bind(params))), changed: 0 }
          : { rows: [], changed: prepared.run(...bind(params)).changes },
    };
    if (kind !== "definition") known.set(sql, made);
    return made;
  };
  const sql: Sql = {
    execute: async (text, params = {}) => ready(text).run(params),
    batch: async (text, sets) => {
      for (const set of sets) ready(text).run(set);
    },
  };
  return {
    ...sql,
    transaction: async (work) => {
      database.exec("BEGIN IMMEDIATE");
      try {
        const value = await work(sql);
        database.exec("COMMIT");
        return value;
      } catch (error) {
        database.exec("ROLLBACK");
        throw error;
      }
    },
    close: () => database.close(),
  };
};

/** Safe: the stores' columns are texts, numbers and nulls, and every store parses its rows. */
const rowsOf = (rows: unknown[]): Row[] => rows as Row[];
