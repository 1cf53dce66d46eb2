// One migration at a time, though deploy and every start may want one: a row of the migrations table is the lock.
// A holder that died is waited for as long as its lease, which each step renews.
import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Db } from "./db.ts";

export type MigrateLock = {
  /** Says that the holder is alive, when it is time to. @throws when the lock was taken over meanwhile. */
  renew: () => Promise<void>;
  release: () => Promise<void>;
};

/** `leaseMs`: longer than one statement may run (45 s), as the lease is renewed between statements. */
export type LockLimits = { leaseMs: number; waitMs: number; pauseMs: number };

export const lockLimits: LockLimits = { leaseMs: 60_000, waitMs: 120_000, pauseMs: 100 };

const id = "(lock)";

/** @throws when another holds it for longer than `waitMs`. The table exists. */
export const takeMigrateLock = async (db: Db, limits: LockLimits = lockLimits): Promise<MigrateLock> => {
  // The table's own columns hold the lock: who has it, and since when.
  const token = randomInt(1, 2 ** 31);
  const giveUpAt = Date.now() + limits.waitMs;
  while (!(await tryTake(db, token, limits.leaseMs))) {
    if (Date.now() > giveUpAt) throw new Error("Another process is migrating the database and does not end.");
    await sleep(limits.pauseMs);
  }
  let renewedAt = Date.now();
  return {
    renew: async () => {
      if (Date.now() - renewedAt < limits.leaseMs / 10) return;
      renewedAt = Date.now();
      await db.execute("UPDATE migrations SET applied_at = :now WHERE id = :id AND statements_done = :token", {
        id,
        token,
        now: renewedAt,
      });
      if ((await holderOf(db)) !== token) throw new Error("Another process took the migration over.");
    },
    release: async () => {
      await db.execute("DELETE FROM migrations WHERE id = :id AND statements_done = :token", { id, token });
    },
  };
};

const tryTake = async (db: Db, token: number, leaseMs: number): Promise<boolean> => {
  const now = Date.now();
  const params = { id, token, now };
  await db
    .execute(
      `INSERT INTO migrations (id, statements_done, applied_at) SELECT :id, :token, :now FROM (SELECT 1 AS one) d
        WHERE NOT EXISTS (SELECT 1 FROM migrations m WHERE m.id = :id)`,
      params,
    )
    .catch((error: unknown) => {
      // On MySQL two may both find no row; the key then lets one in.
      if (!(error instanceof Error && /duplicate entry/i.test(error.message))) throw error;
    });
  await db.execute(
    "UPDATE migrations SET statements_done = :token, applied_at = :now WHERE id = :id AND applied_at < :dead",
    { ...params, dead: now - leaseMs },
  );
  return (await holderOf(db)) === token;
};

const holderOf = async (db: Db): Promise<number | undefined> => {
  const { rows } = await db.execute("SELECT statements_done FROM migrations WHERE id = :id", { id });
  return rows[0] ? Number(rows[0].statements_done) : undefined;
};
