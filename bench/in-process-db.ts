// The database of the API's benchmark: the stores' own SQL on SQLite in this very process, as the peer has it, with no Data API between.

import type { Db, Row, Sql, SqlParams, SqlValue } from "../functions/storage/db.ts";
import { openDatabase } from "../simulators/cloud/aurora/database.ts";
import { readStatement, type Statement } from "../simulators/cloud/aurora/sql-text.ts";

export const openInProcessDb = (file: string): Db & { close: () => void } => {
  const database = openDatabase(file, { idleMs: 60_000, lockWaitMs: 5_000 });
  const known = new Map<string, Statement>();
  const statementOf = (sql: string): Statement => {
    const statement = known.get(sql) ?? readStatement(sql);
    known.set(sql, statement);
    return statement;
  };
  const bound = ({ names }: Statement, params: SqlParams): SqlValue[] => names.map((name) => params[name] ?? null);
  const sqlIn = (transactionId?: string): Sql => ({
    execute: async (sql, params = {}) => {
      const statement = statementOf(sql);
      const { columns, rows, changed } = await database.execute(statement, bound(statement, params), transactionId);
      return { rows: rows.map((values) => rowOf(columns, values)), changed };
    },
    batch: async (sql, sets) => {
      const statement = statementOf(sql);
      await database.batch(
        statement,
        sets.map((set) => bound(statement, set)),
        transactionId,
      );
    },
  });
  return {
    ...sqlIn(),
    transaction: async (work) => {
      const id = database.begin();
      try {
        const value = await work(sqlIn(id));
        await database.commit(id);
        return value;
      } catch (error) {
        await database.rollback(id);
        throw error;
      }
    },
    close: database.close,
  };
};

const rowOf = (columns: readonly { name: string }[], values: readonly unknown[]): Row => {
  const row: Row = {};
  columns.forEach(({ name }, index) => {
    const value = values[index];
    row[name] =
      typeof value === "bigint" ? Number(value) : typeof value === "string" || typeof value === "number" ? value : null;
  });
  return row;
};
