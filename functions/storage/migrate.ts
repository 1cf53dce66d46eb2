// Brings the database to the shape this code needs: numbered migrations, each applied once, by deploy and by every start.
import type { Db } from "./db.ts";
import { type LockLimits, lockLimits, type MigrateLock, takeMigrateLock } from "./migrate-lock.ts";
import { watching } from "./migrations/0001-watching.ts";
import { accounts } from "./migrations/0002-accounts.ts";

/** Statements run one by one: MySQL commits each CREATE by itself, so there is no transaction to hold them together. */
export type Migration = { id: string; statements: readonly string[] };

/** In the order they are applied. Never change one that was released: add another. */
export const migrations: readonly Migration[] = [watching, accounts];

/** Byte-wise comparison, as everywhere else in the system: "VPN" and "vpn" are two ids. */
const mysqlTable = " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin";

/**
 * Applies what is missing; the ids of those. Repeating it does nothing; two at once take turns; one that was cut off goes on
 * where it stopped. @throws naming the migration and its statement.
 */
export const migrate = async (
  db: Db,
  all: readonly Migration[] = migrations,
  limits: LockLimits = lockLimits,
): Promise<string[]> => {
  const suffix = (await isMysql(db)) ? mysqlTable : "";
  await db.execute(
    `CREATE TABLE IF NOT EXISTS migrations (
      id VARCHAR(100) NOT NULL PRIMARY KEY, statements_done INT NOT NULL, applied_at BIGINT)${suffix}`,
  );
  if ((await missing(db, all)).length === 0) return [];
  const lock = await takeMigrateLock(db, limits);
  try {
    const applied = await missing(db, all);
    for (const { migration, done } of applied) await apply(db, migration, done, suffix, lock);
    await lock.release();
    return applied.map(({ migration }) => migration.id);
  } catch (error) {
    // What failed is what must be told; a lock that cannot be let go of ends with its lease.
    await lock.release().catch(() => undefined);
    throw error;
  }
};

/** Those not applied in full, and how many of their statements are done. */
const missing = async (db: Db, all: readonly Migration[]): Promise<{ migration: Migration; done: number }[]> => {
  const { rows } = await db.execute("SELECT id, statements_done, applied_at FROM migrations");
  return all.flatMap((migration) => {
    const row = rows.find((one) => one.id === migration.id);
    return row && row.applied_at !== null ? [] : [{ migration, done: Number(row?.statements_done ?? 0) }];
  });
};

const apply = async (db: Db, { id, statements }: Migration, start: number, suffix: string, lock: MigrateLock) => {
  for (let index = start; index < statements.length; index += 1) {
    const statement = statements[index] ?? "";
    try {
      // Only the first statement after a cut can have been done without being counted.
      await define(db, /^\s*CREATE TABLE\b/i.test(statement) ? `${statement}${suffix}` : statement, index === start);
      await note(db, id, index + 1, null);
      await lock.renew();
    } catch (error) {
      throw failed(id, index, error);
    }
  }
  await note(db, id, statements.length, Date.now());
};

const define = async (db: Db, statement: string, mayBeDone: boolean): Promise<void> => {
  try {
    await db.execute(statement);
  } catch (error) {
    if (!(mayBeDone && alreadyThere(error))) throw error;
  }
};

const failed = (id: string, index: number, cause: unknown): Error => {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new Error(`Migration ${id} stopped at its statement ${index + 1}: ${why}`, { cause });
};

const note = (db: Db, id: string, done: number, appliedAt: number | null) =>
  db.execute("REPLACE INTO migrations (id, statements_done, applied_at) VALUES (:id, :done, :appliedAt)", {
    id,
    done,
    appliedAt,
  });

/** SQLite and MySQL in their own words, for tables, indexes and columns. */
const alreadyThere = (error: unknown): boolean =>
  error instanceof Error && /already exists|duplicate (key|column) name/i.test(error.message);

/** Integers divide to a fraction on MySQL and MariaDB, to an integer on SQLite. */
const isMysql = async (db: Db): Promise<boolean> => {
  const { rows } = await db.execute("SELECT 7 / 2 AS half");
  return Number(rows[0]?.half) === 3.5;
};
