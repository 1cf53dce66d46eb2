// The transactions of the stand-in: each has a connection, holds the writer's turn from its first statement on, and is rolled back
// when nobody goes on with it.
import { randomUUID } from "node:crypto";
import type { Connection } from "./connection.ts";
import { patiently } from "./patience.ts";
import { type Refusal, refuse } from "./refusal.ts";
import { createTurn, type Turn } from "./turn.ts";

export type Transactions = {
  begin: () => string;
  /** Works within the transaction, one call after the other. */
  use: <Result>(id: string, work: (connection: Connection) => Result | Promise<Result>) => Promise<Result>;
  /** MySQL commits what a transaction did before it defines something; the transaction goes on. */
  commitSoFar: (id: string) => Promise<void>;
  finish: (id: string, how: "COMMIT" | "ROLLBACK") => Promise<void>;
  close: () => void;
};

export type TransactionParts = {
  connect: () => Connection;
  /** Gives a connection back. */
  release: (connection: Connection) => void;
  turn: Turn;
  idleMs: number;
  lockWaitMs: number;
};

/** `end` is there while the transaction holds the writer's turn; `own` keeps its calls apart. */
type Transaction = { connection: Connection; own: Turn; idle: NodeJS.Timeout; end?: () => void };

export const openTransactions = ({ connect, release, turn, idleMs, lockWaitMs }: TransactionParts): Transactions => {
  const open = new Map<string, Transaction>();

  const whenIdle = (id: string) =>
    setTimeout(() => {
      const left = open.get(id);
      if (left) leave(id, left, "ROLLBACK");
    }, idleMs).unref();

  /** Takes the transaction out of use, whatever comes of its last statement. */
  const leave = (id: string, one: Transaction, how: "COMMIT" | "ROLLBACK"): void => {
    open.delete(id);
    clearTimeout(one.idle);
    try {
      // Without a turn of its own it did nothing yet, and in memory the connection is everybody's.
      if (one.end) endOn(one.connection, how);
    } finally {
      one.end?.();
      release(one.connection);
    }
  };
  const alone = async <Result>(id: string, work: (one: Transaction) => Result | Promise<Result>): Promise<Result> => {
    const end = await (open.get(id) ?? refuseUnknown(id)).own.take();
    try {
      const one = open.get(id) ?? refuseUnknown(id);
      clearTimeout(one.idle);
      return await work(one);
    } finally {
      const still = open.get(id);
      if (still) still.idle = whenIdle(id);
      end();
    }
  };

  return {
    begin: () => {
      const id = randomUUID();
      open.set(id, { connection: connect(), own: createTurn(lockWaitMs), idle: whenIdle(id) });
      return id;
    },
    use: (id, work) =>
      alone(id, async (one) => {
        await enter(one, turn, lockWaitMs);
        try {
          return await work(one.connection);
        } finally {
          // A full disk ends the transaction; a statement after it would stand for itself.
          if (!one.connection.isInTransaction()) leave(id, one, "ROLLBACK");
        }
      }),
    commitSoFar: (id) =>
      alone(id, (one) => {
        if (one.end) endOn(one.connection, "COMMIT");
        one.end?.();
        one.end = undefined;
      }),
    finish: (id, how) => alone(id, (one) => leave(id, one, how)),
    close: () => {
      for (const [id, one] of open) leave(id, one, "ROLLBACK");
    },
  };
};

/** Takes the writer's turn with the first statement; the end of the transaction gives it back. */
const enter = async (one: Transaction, turn: Turn, lockWaitMs: number): Promise<void> => {
  if (one.end) return;
  const end = await turn.take();
  try {
    await patiently(lockWaitMs, () => one.connection.control("BEGIN IMMEDIATE"));
    one.end = end;
  } finally {
    if (!one.end) end();
  }
};

const refuseUnknown = (id: string): never => {
  throw refuseTransaction(id);
};

const refuseTransaction = (id: string): Refusal =>
  refuse("TransactionNotFoundException", `Transaction ${id} is not found`);

/** Ends what the connection has open, if anything. A commit that fails leaves nothing behind. */
export const endOn = (connection: Connection, how: "COMMIT" | "ROLLBACK"): void => {
  if (!connection.isInTransaction()) return;
  try {
    connection.control(how);
  } finally {
    if (connection.isInTransaction()) connection.control("ROLLBACK");
  }
};
