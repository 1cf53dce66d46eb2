// The Data API stand-in through the AWS SDK's own client: what it promises, and what the API itself refuses.
import { afterEach, describe, expect, test } from "vitest";
import { createOpener, long, target, text } from "./test-client.ts";

const opener = createOpener();
afterEach(opener.closeAll);

const table = "CREATE TABLE t (id VARCHAR(5) NOT NULL PRIMARY KEY, n BIGINT, d DOUBLE, note TEXT)";

describe.each(["file", "memory"])("kept in %s", (kind) => {
  const start = async (limits?: { idleMs: number; lockWaitMs: number }) => {
    const opened = await opener.open(kind === "memory" ? ":memory:" : opener.file(), limits);
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
    const { begin, rollback, execute, rows } = await start();
    const id = await begin();
    await execute("INSERT INTO t (id) VALUES ('a')", [], id);
    expect(await rows("SELECT id FROM t", id)).toEqual([{ id: "a" }]);
    const outside = rows("SELECT COUNT(*) AS n FROM t");
    if (kind === "file") expect(await outside).toEqual([{ n: 0 }]);
    await rollback(id);
    expect(await outside).toEqual([{ n: 0 }]);
    await expect(execute("SELECT 1", [], id)).rejects.toMatchObject({ name: "TransactionNotFoundException" });
  });

  test("a writer waits for the transaction before it and then goes on", async () => {
    const { begin, commit, execute, rows } = await start();
    const id = await begin();
    await execute("INSERT INTO t (id, n) VALUES ('a', 1)", [], id);
    const second = execute("UPDATE t SET n = n + 1 WHERE id = 'a'");
    await commit(id);
    expect((await second).numberOfRecordsUpdated).toBe(1);
    expect(await rows("SELECT n FROM t")).toEqual([{ n: 2 }]);
  });

  test("a writer that waits too long is told so, and the one before it goes on", async () => {
    const { begin, commit, execute, rows } = await start({ idleMs: 60_000, lockWaitMs: 50 });
    const id = await begin();
    await execute("INSERT INTO t (id) VALUES ('a')", [], id);
    await expect(execute("INSERT INTO t (id) VALUES ('b')")).rejects.toThrow(/1205.*Lock wait timeout/);
    await commit(id);
    expect(await rows("SELECT id FROM t")).toEqual([{ id: "a" }]);
  });

  test("statements sent at once within a transaction are all in it", async () => {
    const { begin, commit, execute, batch, rows } = await start();
    const id = await begin();
    const insert = "INSERT INTO t (id) VALUES (:id)";
    await Promise.all([
      execute(insert, [text("id", "a")], id),
      batch(insert, [[text("id", "b")], [text("id", "c")]], id),
      execute(insert, [text("id", "d")], id),
    ]);
    await commit(id);
    expect(await rows("SELECT COUNT(*) AS n FROM t")).toEqual([{ n: 4 }]);
  });

  test("a transaction left alone is rolled back and frees its locks", async () => {
    const { begin, execute, rows } = await start({ idleMs: 30, lockWaitMs: 5_000 });
    const id = await begin();
    await execute("INSERT INTO t (id) VALUES ('a')", [], id);
    await execute("INSERT INTO t (id) VALUES ('b')");
    expect(await rows("SELECT id FROM t")).toEqual([{ id: "b" }]);
  });

  test("a transaction that did nothing yet ends without touching another's work", async () => {
    const { begin, commit, rollback, execute, rows } = await start();
    const [idle, busy] = [await begin(), await begin()];
    await execute("INSERT INTO t (id) VALUES ('a')", [], busy);
    await rollback(idle);
    await commit(busy);
    expect(await rows("SELECT id FROM t")).toEqual([{ id: "a" }]);
  });

  test("a batch without a transaction keeps what it wrote before a set failed; within one it does not", async () => {
    const { begin, rollback, batch, rows } = await start();
    const sets = ["a", "b", "a", "c"].map((id) => [text("id", id)]);
    await expect(batch("INSERT INTO t (id) VALUES (:id)", sets)).rejects.toThrow(/Duplicate entry/);
    expect(await rows("SELECT id FROM t ORDER BY id")).toEqual([{ id: "a" }, { id: "b" }]);
    const id = await begin();
    await expect(batch("INSERT INTO t (id) VALUES (CONCAT('x', :id))", sets, id)).rejects.toThrow(/Duplicate entry/);
    await rollback(id);
    expect(await rows("SELECT COUNT(*) AS n FROM t")).toEqual([{ n: 2 }]);
  });

  test("a definition within a transaction commits what was done before it", async () => {
    const { begin, rollback, execute, rows } = await start();
    const id = await begin();
    await execute("INSERT INTO t (id) VALUES ('a')", [], id);
    await execute("ALTER TABLE t ADD COLUMN more INT", [], id);
    await execute("INSERT INTO t (id) VALUES ('b')", [], id);
    await rollback(id);
    expect(await rows("SELECT id, more FROM t")).toEqual([{ id: "a", more: null }]);
  });
});

test("an answer larger than the API gives is refused, and so is a row", async () => {
  const { execute, batch, rows } = await opener.open(":memory:");
  await execute("CREATE TABLE t (a TEXT, b TEXT)");
  const sets = Array.from({ length: 30 }, () => [text("a", "é".repeat(20_000))]);
  await batch("INSERT INTO t (a) VALUES (:a)", sets);
  await expect(rows("SELECT a FROM t")).rejects.toThrow(/response size limit/);
  await expect(rows("SELECT a, a AS b FROM t LIMIT 1")).rejects.toThrow(/64 KB/);
  await expect(execute("INSERT INTO t (a) VALUES (:a)", [text("a", "é".repeat(40_000))])).rejects.toThrow(/too long/);
});

test("a request larger than 4 MiB is refused", async () => {
  const { execute } = await opener.open(":memory:");
  const words = [text("a", "x".repeat(4 * 1024 * 1024))];
  await expect(execute("SELECT :a AS a", words)).rejects.toMatchObject({ name: "BadRequestException" });
});

test("faults reach the client as its own exceptions", async () => {
  const { execute, faults } = await opener.open(":memory:");
  faults.add({ target: "aurora", kind: "error", calls: 1 });
  await expect(execute("SELECT 1")).rejects.toMatchObject({ name: "ServiceUnavailableError" });
  faults.add({ target: "aurora", kind: "throttle", calls: 1 });
  await expect(execute("SELECT 1")).rejects.toMatchObject({ name: "ThrottlingException" });
  faults.add({ target: "aurora", kind: "refuse", calls: 1 });
  await expect(execute("SELECT 1")).rejects.toThrow(/ECONNRESET|socket hang up/);
  await expect(execute("SELECT 1 AS one")).resolves.toMatchObject({ records: [[{ longValue: 1 }]] });
});

test("what is not of the Data API is refused in its way", async () => {
  const { url, client } = await opener.open(":memory:");
  const post = async (path: string, body: string) => {
    const answer = await fetch(`${url}${path}`, { method: "POST", body });
    return [answer.status, answer.headers.get("x-amzn-errortype")];
  };
  expect(await post("/ExecuteSql", "{}")).toEqual([404, "NotFoundException"]);
  expect(await post("/Execute", "not json")).toEqual([400, "BadRequestException"]);
  expect(await post("/Execute", '{"sql":"SELECT 1"}')).toEqual([400, "BadRequestException"]);
  const unknown = { ...target, transactionId: "none" };
  await expect(client.commitTransaction(unknown)).rejects.toMatchObject({ name: "TransactionNotFoundException" });
});
