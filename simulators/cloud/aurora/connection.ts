// One SQLite connection of the stand-in, with its prepared statements. In: a statement and its values. Out: rows, or how many changed.
import Database from "libsql";
import { addColumnChecks } from "./column-checks.ts";
import type { Bound, Value } from "./field.ts";
import { explainSqlError } from "./sql-errors.ts";
import type { Statement } from "./sql-text.ts";

export type Column = { name: string; column: string | null; table: string | null; type: string | null };
export type Rows = { columns: Column[]; rows: Value[][] };

export type Connection = {
  /** Runs BEGIN, COMMIT and the like. */
  control: (sql: string) => void;
  query: (statement: Statement, values: readonly Bound[]) => Rows;
  /** How many rows changed. */
  change: (statement: Statement, values: readonly Bound[]) => number;
  /** Prepared statements know the tables of their time. */
  forgetStatements: () => void;
  close: () => void;
};

/** Statements differ little in practice; texts made with values in them must not pile up. */
const maxPrepared = 500;

type Prepared = Database.Statement<unknown[]>;

export const openConnection = (file: string): Connection => {
  const db = new Database(file);
  db.prepare("PRAGMA journal_mode = WAL").get();
  db.prepare("PRAGMA synchronous = NORMAL").run();
  db.prepare("PRAGMA foreign_keys = ON").run();
  const prepared = new Map<string, Prepared>();

  const prepare = ({ sql, kind }: Statement): Prepared => {
    const known = prepared.get(sql);
    if (known) return known;
    const fresh = db.prepare(kind === "definition" ? addColumnChecks(sql) : sql);
    if (kind === "query") fresh.raw();
    if (prepared.size >= maxPrepared) prepared.clear();
    if (kind !== "definition") prepared.set(sql, fresh);
    return fresh;
  };
  return {
    control: (sql) => {
      db.exec(sql);
    },
    query: (statement, values) =>
      explained(() => {
        const ready = prepare(statement);
        return { columns: ready.columns(), rows: toRows(ready.all(...given(values))) };
      }),
    change: (statement, values) => explained(() => prepare(statement).run(...given(values)).changes),
    forgetStatements: () => prepared.clear(),
    close: () => {
      prepared.clear();
      db.close();
    },
  };
};

/** The driver takes an only argument that is an array as the values themselves. */
const given = (values: readonly Bound[]): unknown[] => [values];

const explained = <Result>(work: () => Result): Result => {
  try {
    return work();
  } catch (error) {
    throw explainSqlError(error);
  }
};

/** Raw mode gives arrays of SQLite's five kinds of value; the driver's type only says `unknown`. */
const toRows = (rows: unknown[]): Value[][] => rows as Value[][];
