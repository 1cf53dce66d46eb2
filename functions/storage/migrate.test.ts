// Migrations over the Data API: each is applied once, whoever else starts, however it was cut off.
import { afterEach, expect, test } from "vitest";
import { createStorageOpener } from "../../simulators/cloud/aurora/test-storage.ts";
import type { Db } from "./db.ts";
import { type Migration, migrate, migrations } from "./migrate.ts";

const opener = createStorageOpener();
afterEach(opener.closeAll);

const limits = { leaseMs: 60_000, waitMs: 10_000, pauseMs: 5 };
const first: Migration = { id: "0001-first", statements: ["CREATE TABLE a (id INT)", "CREATE INDEX a_id ON a (id)"] };
const second: Migration = { id: "0002-second", statements: ["ALTER TABLE a ADD COLUMN more INT"] };

const left = async (db: Db) => (await db.execute("SELECT id, statements_done FROM migrations ORDER BY id")).rows;

test("the whole schema is applied once; the second time nothing is left to do, in a few reads", async () => {
  const { db, calls } = await opener.openDatabase();
  expect(await migrate(db)).toEqual(migrations.map((one) => one.id));
  calls.made = 0;
  expect(await migrate(db)).toEqual([]);
  expect(calls.made).toBe(3);
  expect((await left(db)).map((row) => row.id)).toEqual(migrations.map((one) => one.id));
});

test("a migration that is added later is applied alone", async () => {
  const { db } = await opener.openDatabase();
  await migrate(db, [first]);
  expect(await migrate(db, [first, second])).toEqual(["0002-second"]);
  expect((await db.execute("SELECT id, more FROM a")).rows).toEqual([]);
});

test("three at once: one applies, the others wait and find it done", async () => {
  const { db } = await opener.openDatabase();
  const applied = await Promise.all([1, 2, 3].map(() => migrate(db, migrations, limits)));
  expect(applied.flat()).toEqual(migrations.map((one) => one.id));
});

test("one that fails is named with its statement, lets go of the lock, and goes on there when it is mended", async () => {
  const { db } = await opener.openDatabase();
  const broken: Migration = {
    id: "0003-broken",
    statements: ["CREATE TABLE b (id INT)", "ALTER TABLE none ADD COLUMN x INT"],
  };
  await expect(migrate(db, [first, broken])).rejects.toThrow(
    /^Migration 0003-broken stopped at its statement 2: .*Table 'none' doesn't exist/,
  );
  expect(await left(db)).toEqual([
    { id: "0001-first", statements_done: 2 },
    { id: "0003-broken", statements_done: 1 },
  ]);
  const mended = { ...broken, statements: ["CREATE TABLE b (id INT)", "ALTER TABLE b ADD COLUMN x INT"] };
  expect(await migrate(db, [first, mended], { ...limits, waitMs: 0 })).toEqual(["0003-broken"]);
});

test("a statement that was done but not counted when it was cut off is not stumbled over; any other is", async () => {
  const { db } = await opener.openDatabase();
  await migrate(db, [first]);
  await db.execute("ALTER TABLE a ADD COLUMN more INT");
  expect(await migrate(db, [first, second])).toEqual(["0002-second"]);
  const twice: Migration = { id: "0003-twice", statements: ["CREATE TABLE c (id INT)", "CREATE TABLE a (id INT)"] };
  await expect(migrate(db, [first, second, twice])).rejects.toThrow(/Table 'a' already exists/);
});

test("a long migration keeps its lock by renewing it, and stops when it lost it all the same", async () => {
  const { db } = await opener.openDatabase();
  const many = Array.from({ length: 12 }, (_, index) => `CREATE TABLE t${index} (id INT)`);
  const robbed: Db = {
    ...db,
    execute: async (sql, params) => {
      const done = await db.execute(sql, params);
      if (sql.startsWith("CREATE TABLE t5"))
        await db.execute("UPDATE migrations SET statements_done = 7 WHERE id = '(lock)'");
      return done;
    },
  };
  const renewing = { ...limits, leaseMs: 0 };
  await expect(migrate(robbed, [{ id: "0001-many", statements: many }], renewing)).rejects.toThrow(
    /took the migration over/,
  );
  expect(await left(db)).toMatchObject([
    { id: "(lock)", statements_done: 7 },
    { id: "0001-many", statements_done: 6 },
  ]);
});

test("a holder that died is waited for as long as its lease; one that lives is not pushed aside", async () => {
  const { db } = await opener.openDatabase();
  await migrate(db, [first]);
  const hold = (since: number) =>
    db.execute("REPLACE INTO migrations (id, statements_done, applied_at) VALUES ('(lock)', 7, :since)", { since });
  await hold(Date.now());
  await expect(migrate(db, [first, second], { ...limits, waitMs: 30 })).rejects.toThrow(/Another process is migrating/);
  expect(await migrate(db, [first, second], { ...limits, leaseMs: 50 })).toEqual(["0002-second"]);
  expect((await left(db)).map((row) => row.id)).toEqual(["0001-first", "0002-second"]);
});
