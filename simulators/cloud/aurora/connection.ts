// One SQLite connection of the stand-in, with its prepared statements. In: a statement and its values. Out: rows, or how many changed.
import Database from "libsql";
import { addColumnChecks } from "./column-checks.ts";
import type { Bound, Value } from "./field.ts";
import { rememberRecent } from "./recent.ts";
import { maxResponseBytes, refuseLongResponse } from "./response-limits.ts";
import { isBusy } from "./sql-errors.ts";
import type { Statement } from "./sql-text.ts";

export type Column = { name: string; column: string | null; table: string | null; type: string | null };
export type Rows = { columns: Column[]; rows: Value[][] };

/** What it throws is SQLite's own error, or a refusal. */
export type Connection = {
  /** Runs BEGIN, COMMIT and the like. */
  control: (sql: string) => void;
  /** False again when the database gave a transaction up by itself, as it does when the disk is full. */
  isInTransaction: () => boolean;
  query: (statement: Statement, values: readonly Bound[]) => Rows;
  /** How many rows changed. */
  change: (statement: Statement, values: readonly Bound[]) => number;
  /** Prepared statements know the tables of their time. */
  forgetStatements: () => void;
  close: () => void;
};

const maxPrepared = 300;
const pageBytes = 4096;

type Prepared = Database.Statement<unknown[]>;

/** @throws when the file cannot be opened, is none of a database, or cannot be written. `maxFileBytes` plays a full disk. */
export const openConnection = (file: string, maxFileBytes?: number): Connection => {
  const db = openFile(file);
  if (maxFileBytes !== undefined) db.prepare(`PRAGMA max_page_count = ${Math.ceil(maxFileBytes / pageBytes)}`).get();
  const prepared = rememberRecent<Prepared>(maxPrepared);

  const prepare = ({ sql, kind }: Statement): Prepared => {
    if (kind === "definition") return db.prepare(addColumnChecks(sql));
    return prepared.get(sql, () => (kind === "query" ? db.prepare(sql).raw() : db.prepare(sql)));
  };
  return {
    control: (sql) => {
      db.exec(sql);
    },
    isInTransaction: () => db.inTransaction,
    query: (statement, values) => {
      const ready = prepare(statement);
      return { columns: ready.columns(), rows: readRows(ready, values) };
    },
    change: (statement, values) => prepare(statement).run(...given(values)).changes,
    forgetStatements: prepared.clear,
    close: () => {
      prepared.clear();
      db.close();
    },
  };
};

const openFile = (file: string): Database.Database => {
  let db: Database.Database | undefined;
  try {
    db = new Database(file);
    // Readers go on while one writes, and what was committed is there after a kill.
    db.prepare("PRAGMA journal_mode = WAL").get();
    db.prepare("PRAGMA synchronous = NORMAL").run();
    db.prepare("PRAGMA foreign_keys = ON").run();
    probe(db);
    return db;
  } catch (error) {
    db?.close();
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`The database file ${file} cannot be opened for writing: ${why}`, { cause: error });
  }
};

/** A file that may only be read says so at the first write, which is taken back. That another writes right now is no fault of it. */
const probe = (db: Database.Database): void => {
  try {
    db.exec("BEGIN IMMEDIATE; PRAGMA user_version = 1; ROLLBACK");
  } catch (error) {
    if (!isBusy(error)) throw error;
  }
};

/** All rows, but no more than a response could hold, so that a careless SELECT does not hold up everybody. */
const readRows = (ready: Prepared, values: readonly Bound[]): Value[][] => {
  const rows: Value[][] = [];
  let bytes = 0;
  for (const row of ready.iterate(...given(values))) {
    const read = toRow(row);
    for (const value of read) bytes += typeof value === "string" || Buffer.isBuffer(value) ? value.length + 3 : 2;
    if (bytes > maxResponseBytes) {
      // Only running a statement to its end or for one row lets go of what it reads.
      ready.get(...given(values));
      throw refuseLongResponse();
    }
    rows.push(read);
  }
  return rows;
};

/** The driver takes an only argument that is an array as the values themselves. */
const given = (values: readonly Bound[]): unknown[] => [values];

/** Raw mode gives arrays of SQLite's five kinds of value; the driver's type only says `unknown`. */
const toRow = (row: unknown): Value[] => row as Value[];
