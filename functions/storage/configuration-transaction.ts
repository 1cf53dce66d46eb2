// Transactions that may end with an answer instead of an error, and stores that take part in one that is open.
import type { Db, Sql } from "./db.ts";

/** As `db.transaction`; `undo` ends it with that value, and nothing it wrote stays. */
export const undoable = async <Value>(
  db: Db,
  work: (sql: Sql, undo: (value: Value) => never) => Promise<Value>,
): Promise<Value> => {
  const undone = new Map<unknown, Value>();
  const undo = (value: Value): never => {
    const mark = new Error("The transaction was undone.");
    undone.set(mark, value);
    throw mark;
  };
  try {
    return await db.transaction((sql) => work(sql, undo));
  } catch (error) {
    const value = undone.get(error);
    if (value === undefined) throw error;
    return value;
  }
};

/** An open transaction as a database, for stores that would open one of their own. */
export const within = (sql: Sql): Db => ({ ...sql, transaction: (work) => work(sql) });

/** Two that insert one id at once: the database lets the second wait, and then tells it so. */
export const isDuplicate = (error: unknown): boolean =>
  error instanceof Error && /duplicate entry/i.test(error.message);
