// Brings the database to the shape this code needs: numbered migrations, each applied once, by deploy and by every start.
import type { Db } from "./db.ts";
import { watching } from "./migrations/0001-watching.ts";

/** Statements run one by one: MySQL commits each CREATE by itself, so there is no transaction to hold them together. */
export type Migration = { id: string; statements: readonly string[] };

/** In the order they are applied. Never change one that was released: add another. */
export const migrations: readonly Migration[] = [watching];

/** Byte-wise comparison, as everywhere else in the system: "VPN" and "vpn" are two ids. */
const mysqlTable = " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin";

/** Applies what is missing; the ids of those. Repeating it does nothing; one that was cut off goes on where it stopped. */
export const migrate = async (db: Db, all: readonly Migration[] = migrations): Promise<string[]> => {
  const suffix = (await isMysql(db)) ? mysqlTable : "";
  await db.execute(
    `CREATE TABLE IF NOT EXISTS migrations (
      id VARCHAR(100) NOT NULL PRIMARY KEY, statements_done INT NOT NULL, applied_at BIGINT)${suffix}`,
  );
  const applied: string[] = [];
  for (const migration of all) {
    if (await apply(db, migration, suffix)) applied.push(migration.id);
  }
  return applied;
};

const apply = async (db: Db, { id, statements }: Migration, suffix: string): Promise<boolean> => {
  const { rows } = await db.execute("SELECT statements_done, applied_at FROM migrations WHERE id = :id", { id });
  const [row] = rows;
  if (row && row.applied_at !== null) return false;
  const start = Number(row?.statements_done ?? 0);
  for (let index = start; index < statements.length; index += 1) {
    const statement = statements[index] ?? "";
    try {
      await db.execute(/^\s*CREATE TABLE\b/i.test(statement) ? `${statement}${suffix}` : statement);
    } catch (error) {
      // Only the first statement after a cut can have been done without being counted.
      if (!(index === start && alreadyThere(error))) throw error;
    }
    await note(db, id, index + 1, null);
  }
  await note(db, id, statements.length, Date.now());
  return true;
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
