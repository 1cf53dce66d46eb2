// The Data API stand-in through the AWS SDK's own client: what it promises, what it refuses, what stays after a restart.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RDSData, type SqlParameter } from "@aws-sdk/client-rds-data";
import { afterEach, describe, expect, test } from "vitest";
import { createFaults } from "../faults.ts";
import { startAurora } from "./aurora.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  while (closing.length > 0) await closing.pop()?.();
});

const target = { resourceArn: "arn:aws:rds:us-east-1:123456789012:cluster:a", secretArn: "arn:aws:s" };

const folder = () => {
  const path = mkdtempSync(join(tmpdir(), "aurora-"));
  closing.push(() => rmSync(path, { recursive: true }));
  return path;
};

const open = async (file: string, limits = { idleMs: 60_000, lockWaitMs: 5_000 }) => {
  const faults = createFaults();
  const { url, close } = await startAurora({ port: 0, file, faults, limits });
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new RDSData({ endpoint: url, region: "us-east-1", credentials, maxAttempts: 1 });
  closing.push(close, () => client.destroy());
  const execute = (sql: string, parameters?: SqlParameter[], transactionId?: string) =>
    client.executeStatement({ ...target, sql, parameters, transactionId });
  const rows = async (sql: string, transactionId?: string) => {
    const answer = await client.executeStatement({ ...target, sql, transactionId, formatRecordsAs: "JSON" });
    return JSON.parse(answer.formattedRecords ?? "");
  };
  return { client, execute, rows, faults, close };
};

const text = (name: string, stringValue: string): SqlParameter => ({ name, value: { stringValue } });
const long = (name: string, longValue: number): SqlParameter => ({ name, value: { longValue } });
const table = "CREATE TABLE t (id VARCHAR(5) NOT NULL PRIMARY KEY, n BIGINT, d DOUBLE, note TEXT)";

describe.each(["file", "memory"])("kept in %s", (kind) => {
  const start = async (limits?: { idleMs: number; lockWaitMs: number }) => {
    const opened = await open(kind === "memory" ? ":memory:" : join(folder(), "a.db"), limits);
    await opened.execute(table);
    return opened;
  };

  test("values go in and come out as fields of their column's type", async () => {
    const { client, execute } = await start();
    const parameters = [
      text("id", "a:'é"),
      long("0", 1_700_000_000_000),
      { name: "d", value: { doubleValue: 2 } },
      { name: "note", value: { isNull: true } },
    ];
    const { numberOfRecordsUpdated } = await execute("INSERT INTO t VALUES (:id, :0, :d, :note)", parameters);
    expect(numberOfRecordsUpdated).toBe(1);
    const sql = "SELECT id, n AS `at:n`, d, note, ':no' AS quoted -- :nor\n FROM t WHERE n = :0";
    const parts = { ...target, sql, parameters, includeResultMetadata: true };
    const { records, columnMetadata } = await client.executeStatement(parts);
    expect(records).toEqual([
      [
        { stringValue: "a:'é" },
        { longValue: 1_700_000_000_000 },
        { doubleValue: 2 },
        { isNull: true },
        { stringValue: ":no" },
      ],
    ]);
    expect(columnMetadata?.map(({ label, typeName }) => [label, typeName])).toEqual([
      ["id", "VARCHAR"],
      ["at:n", "BIGINT"],
      ["d", "DOUBLE"],
      ["note", "TEXT"],
      ["quoted", "VARCHAR"],
    ]);
  });

  test("nobody outside a transaction sees its rows before it commits", async () => {
    const { client, execute, rows } = await start();
    const { transactionId } = await client.beginTransaction(target);
    await execute("INSERT INTO t (id) VALUES ('a')", [], transactionId);
    expect(await rows("SELECT id FROM t", transactionId)).toEqual([{ id: "a" }]);
    const outside = rows("SELECT COUNT(*) AS n FROM t");
    if (kind === "file") expect(await outside).toEqual([{ n: 0 }]);
    await client.rollbackTransaction({ ...target, transactionId });
    expect(await outside).toEqual([{ n: 0 }]);
    await expect(execute("SELECT 1", [], transactionId)).rejects.toMatchObject({
      name: "TransactionNotFoundException",
    });
  });

  test("a writer waits for the transaction before it and then goes on", async () => {
    const { client, execute, rows } = await start();
    const { transactionId } = await client.beginTransaction(target);
    await execute("INSERT INTO t (id, n) VALUES ('a', 1)", [], transactionId);
    const second = execute("UPDATE t SET n = n + 1 WHERE id = 'a'");
    await client.commitTransaction({ ...target, transactionId });
    expect((await second).numberOfRecordsUpdated).toBe(1);
    expect(await rows("SELECT n FROM t")).toEqual([{ n: 2 }]);
  });

  test("a transaction left alone is rolled back and frees its locks", async () => {
    const { client, execute, rows } = await start({ idleMs: 30, lockWaitMs: 5_000 });
    const { transactionId } = await client.beginTransaction(target);
    await execute("INSERT INTO t (id) VALUES ('a')", [], transactionId);
    await execute("INSERT INTO t (id) VALUES ('b')");
    expect(await rows("SELECT id FROM t")).toEqual([{ id: "b" }]);
  });

  test("a batch without a transaction keeps what it wrote before a set failed; within one it does not", async () => {
    const { client, rows } = await start();
    const sets = ["a", "b", "a", "c"].map((id) => [text("id", id)]);
    const batch = { ...target, sql: "INSERT INTO t (id) VALUES (:id)", parameterSets: sets };
    await expect(client.batchExecuteStatement(batch)).rejects.toThrow(/Duplicate entry/);
    expect(await rows("SELECT id FROM t ORDER BY id")).toEqual([{ id: "a" }, { id: "b" }]);
    const { transactionId } = await client.beginTransaction(target);
    const inside = { ...batch, sql: "INSERT INTO t (id) VALUES (CONCAT('x', :id))", transactionId };
    await expect(client.batchExecuteStatement(inside)).rejects.toThrow(/Duplicate entry/);
    await client.rollbackTransaction({ ...target, transactionId });
    expect(await rows("SELECT COUNT(*) AS n FROM t")).toEqual([{ n: 2 }]);
  });
});

test.each([
  ["INSERT INTO t (id) VALUES ('sixsix')", "DatabaseErrorException", "Data too long for column 'id'"],
  ["INSERT INTO t (id, n) VALUES ('a', 'abc')", "DatabaseErrorException", "Incorrect integer value"],
  ["INSERT INTO t (n) VALUES (1)", "DatabaseErrorException", "Column 'id' cannot be null"],
  ["INSERT INTO t (id) VALUES ('a') ON CONFLICT DO NOTHING", "DatabaseErrorException", "ON CONFLICT"],
  ["DELETE FROM t RETURNING id", "DatabaseErrorException", "RETURNING"],
  ["CREATE TABLE u (id INTEGER PRIMARY KEY AUTOINCREMENT)", "DatabaseErrorException", "AUTOINCREMENT"],
  ["SELECT 'a' || 'b'", "DatabaseErrorException", "CONCAT"],
  ["SELECT id FROM nowhere", "DatabaseErrorException", "Table 'nowhere' doesn't exist"],
  ["SELECT 1; SELECT 2", "BadRequestException", "Multistatements"],
  ["SELECT :missing", "BadRequestException", "missing"],
  ["BEGIN", "BadRequestException", "BEGIN"],
  ["PRAGMA journal_mode = DELETE", "BadRequestException", "PRAGMA"],
])("%s is refused", async (sql, name, words) => {
  const { execute } = await open(":memory:");
  await execute(table);
  await expect(execute(sql)).rejects.toMatchObject({ name, message: expect.stringContaining(words) });
});

test("an answer larger than the API gives is refused, and so is a row", async () => {
  const { execute, client, rows } = await open(":memory:");
  await execute("CREATE TABLE t (a TEXT, b TEXT)");
  const parameterSets = Array.from({ length: 30 }, () => [text("a", "é".repeat(20_000))]);
  await client.batchExecuteStatement({ ...target, sql: "INSERT INTO t (a) VALUES (:a)", parameterSets });
  await expect(rows("SELECT a FROM t")).rejects.toThrow(/response size limit/);
  await expect(rows("SELECT a, a AS b FROM t LIMIT 1")).rejects.toThrow(/64 KB/);
  await expect(execute("INSERT INTO t (a) VALUES (:a)", [text("a", "é".repeat(40_000))])).rejects.toThrow(/too long/);
});

test("what was committed is there after a restart", async () => {
  const file = join(folder(), "a.db");
  const first = await open(file);
  await first.execute(table);
  await first.execute("INSERT INTO t (id) VALUES ('a')");
  const { transactionId } = await first.client.beginTransaction(target);
  await first.execute("INSERT INTO t (id) VALUES ('b')", [], transactionId);
  await first.close();
  closing.splice(closing.indexOf(first.close), 1);
  expect(await (await open(file)).rows("SELECT id FROM t")).toEqual([{ id: "a" }]);
});

test("faults reach the client as its own exceptions", async () => {
  const { execute, faults } = await open(":memory:");
  faults.add({ target: "aurora", kind: "error", calls: 1 });
  await expect(execute("SELECT 1")).rejects.toMatchObject({ name: "ServiceUnavailableError" });
  faults.add({ target: "aurora", kind: "throttle", calls: 1 });
  await expect(execute("SELECT 1")).rejects.toMatchObject({ name: "ThrottlingException" });
  faults.add({ target: "aurora", kind: "refuse", calls: 1 });
  await expect(execute("SELECT 1")).rejects.toThrow(/ECONNRESET|socket hang up/);
  await expect(execute("SELECT 1 AS one")).resolves.toMatchObject({ records: [[{ longValue: 1 }]] });
});
