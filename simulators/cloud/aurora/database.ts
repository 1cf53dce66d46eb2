// The database behind the stand-in: statements outside transactions, transactions with a connection each, one writer at a time.
// Readers outside a transaction never see rows that are not committed; in memory they wait for its end.
import { type Connection, openConnection, type Rows } from "./connection.ts";
import type { Bound } from "./field.ts";
import { inSmallSteps, patiently } from "./patience.ts";
import { explainSqlError } from "./sql-errors.ts";
import type { Statement } from "./sql-text.ts";
import { endOn, openTransactions } from "./transactions.ts";
import { createTurn } from "./turn.ts";

export type Done = Rows & { changed: number };
type Sets = readonly (readonly Bound[])[];

export type SqlDatabase = {
  execute: (statement: Statement, values: readonly Bound[], transactionId?: string) => Promise<Done>;
  /** Outside a transaction, what was written before a set fails stays. */
  batch: (statement: Statement, sets: Sets, transactionId?: string) => Promise<void>;
  begin: () => string;
  commit: (transactionId: string) => Promise<void>;
  rollback: (transactionId: string) => Promise<void>;
  close: () => void;
};

/** `maxFileBytes` plays a full disk. */
export type DatabaseLimits = { idleMs: number; lockWaitMs: number; maxFileBytes?: number };

/** @throws when the file cannot be opened for writing. */
export const openDatabase = (file: string, limits: DatabaseLimits): SqlDatabase => {
  const pool = openPool(file, limits.maxFileBytes);
  const { reader, writer, isShared } = pool;
  const turn = createTurn(limits.lockWaitMs);
  const transactions = openTransactions({ connect: pool.take, release: pool.giveBack, turn, ...limits });

  const alone = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    const end = await turn.take();
    try {
      return await work();
    } finally {
      end();
    }
  };
  const define = async (statement: Statement, id: string | undefined): Promise<Done> => {
    if (id !== undefined) await transactions.commitSoFar(id);
    await alone(() => patiently(limits.lockWaitMs, () => writer.change(statement, [])));
    pool.forgetStatements();
    return { ...nothing, changed: 0 };
  };
  const execute = (statement: Statement, values: readonly Bound[], id?: string): Promise<Done> => {
    if (statement.kind === "definition") return define(statement, id);
    if (id !== undefined) return transactions.use(id, (connection) => run(connection, statement, values));
    const isQuery = statement.kind === "query";
    const work = () => patiently(limits.lockWaitMs, () => run(isQuery ? reader : writer, statement, values));
    return isQuery && !isShared ? work() : alone(work);
  };
  const batch = (statement: Statement, sets: Sets, id?: string): Promise<void> => {
    const runSets = (connection: Connection) =>
      inSmallSteps(sets, (values) => {
        connection.change(statement, values);
      });
    if (id !== undefined) return transactions.use(id, runSets);
    return alone(async () => {
      await patiently(limits.lockWaitMs, () => writer.control("BEGIN IMMEDIATE"));
      try {
        await runSets(writer);
      } finally {
        // One commit for all, for speed; it is also made when a set fails, because each set stands for itself.
        endOn(writer, "COMMIT");
      }
    });
  };

  return {
    execute: (statement, values, id) => explained(execute(statement, values, id)),
    batch: (statement, sets, id) => explained(batch(statement, sets, id)),
    begin: transactions.begin,
    commit: (id) => explained(transactions.finish(id, "COMMIT")),
    rollback: (id) => explained(transactions.finish(id, "ROLLBACK")),
    close: () => {
      transactions.close();
      pool.close();
    },
  };
};

/** A reader, a writer, and one connection for each open transaction; in memory all of them are one. */
const openPool = (file: string, maxFileBytes: number | undefined) => {
  const isShared = file === ":memory:";
  const reader = openConnection(file, maxFileBytes);
  const writer = isShared ? reader : openConnection(file, maxFileBytes);
  const all = new Set([reader, writer]);
  const spare: Connection[] = [];
  return {
    reader,
    writer,
    isShared,
    take: (): Connection => {
      if (isShared) return reader;
      const connection = spare.pop() ?? openConnection(file, maxFileBytes);
      all.add(connection);
      return connection;
    },
    giveBack: (connection: Connection): void => {
      if (!isShared) spare.push(connection);
    },
    forgetStatements: (): void => {
      for (const one of all) one.forgetStatements();
    },
    close: (): void => {
      for (const one of all) one.close();
    },
  };
};

const nothing: Rows = { columns: [], rows: [] };

const run = (on: Connection, statement: Statement, values: readonly Bound[]): Done =>
  statement.kind === "query"
    ? { ...on.query(statement, values), changed: 0 }
    : { ...nothing, changed: on.change(statement, values) };

const explained = async <Result>(work: Promise<Result>): Promise<Result> => {
  try {
    return await work;
  } catch (error) {
    throw explainSqlError(error);
  }
};
