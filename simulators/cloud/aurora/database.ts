// The database behind the stand-in: statements outside transactions, transactions with a connection each, one writer at a time.
// Readers outside a transaction never see rows that are not committed; in memory they wait for its end.
import { randomUUID } from "node:crypto";
import { type Connection, openConnection, type Rows } from "./connection.ts";
import type { Bound } from "./field.ts";
import { refuse } from "./refusal.ts";
import type { Statement } from "./sql-text.ts";
import { createTurn } from "./turn.ts";

export type Done = Rows & { changed: number };

export type SqlDatabase = {
  execute: (statement: Statement, values: readonly Bound[], transactionId?: string) => Promise<Done>;
  /** Outside a transaction, what was written before a set fails stays. */
  batch: (statement: Statement, sets: readonly (readonly Bound[])[], transactionId?: string) => Promise<void>;
  begin: () => string;
  commit: (transactionId: string) => void;
  rollback: (transactionId: string) => void;
  close: () => void;
};

export type DatabaseLimits = { idleMs: number; lockWaitMs: number };

/** `end` is there while the transaction holds the writer's turn. */
type Transaction = { connection: Connection; idle: NodeJS.Timeout; end?: () => void };

const nothing: Rows = { columns: [], rows: [] };

export const openDatabase = (file: string, limits: DatabaseLimits): SqlDatabase => {
  const isMemory = file === ":memory:";
  const main = openConnection(file);
  const spare: Connection[] = [];
  const all = [main];
  const turn = createTurn(limits.lockWaitMs);
  const transactions = new Map<string, Transaction>();

  const connect = (): Connection => {
    if (isMemory) return main;
    const found = spare.pop();
    if (found) return found;
    const fresh = openConnection(file);
    all.push(fresh);
    return fresh;
  };
  const find = (id: string): Transaction => {
    const found = transactions.get(id);
    if (!found) throw refuse("TransactionNotFoundException", `Transaction ${id} is not found`);
    found.idle.refresh();
    return found;
  };
  const finish = (id: string, how: "COMMIT" | "ROLLBACK"): void => {
    const found = find(id);
    transactions.delete(id);
    clearTimeout(found.idle);
    try {
      if (found.end) found.connection.control(how);
    } finally {
      found.end?.();
      if (!isMemory) spare.push(found.connection);
    }
  };
  /** A transaction takes the writer's turn with its first statement and keeps it. */
  const enter = async (id: string): Promise<Connection> => {
    const found = find(id);
    if (found.end) return found.connection;
    const end = await turn.take();
    if (!transactions.has(id)) {
      end();
      throw refuse("TransactionNotFoundException", `Transaction ${id} is not found`);
    }
    found.end = end;
    found.connection.control("BEGIN IMMEDIATE");
    return found.connection;
  };
  /** MySQL commits what a transaction did before it defines something. */
  const define = async (statement: Statement, id: string | undefined): Promise<void> => {
    if (id !== undefined) {
      const found = find(id);
      if (found.end) found.connection.control("COMMIT");
      found.end?.();
      found.end = undefined;
    }
    await alone(() => main.change(statement, []));
    for (const one of all) one.forgetStatements();
  };
  const alone = async <Result>(work: () => Result): Promise<Result> => {
    const end = await turn.take();
    try {
      return work();
    } finally {
      end();
    }
  };

  return {
    execute: async (statement, values, id) => {
      if (statement.kind === "definition") {
        await define(statement, id);
        return { ...nothing, changed: 0 };
      }
      const run = (on: Connection): Done =>
        statement.kind === "query"
          ? { ...on.query(statement, values), changed: 0 }
          : { ...nothing, changed: on.change(statement, values) };
      if (id !== undefined) return run(await enter(id));
      return statement.kind === "query" && !isMemory ? run(main) : alone(() => run(main));
    },
    batch: async (statement, sets, id) => {
      if (id !== undefined) {
        const connection = await enter(id);
        for (const values of sets) connection.change(statement, values);
        return;
      }
      // One commit for all, for speed; it is also made when a set fails, because each set stands for itself.
      await alone(() => {
        main.control("BEGIN IMMEDIATE");
        try {
          for (const values of sets) main.change(statement, values);
        } finally {
          main.control("COMMIT");
        }
      });
    },
    begin: () => {
      const id = randomUUID();
      const idle = setTimeout(() => finish(id, "ROLLBACK"), limits.idleMs).unref();
      transactions.set(id, { connection: connect(), idle });
      return id;
    },
    commit: (id) => finish(id, "COMMIT"),
    rollback: (id) => finish(id, "ROLLBACK"),
    close: () => {
      for (const id of [...transactions.keys()]) finish(id, "ROLLBACK");
      for (const one of all) one.close();
    },
  };
};
