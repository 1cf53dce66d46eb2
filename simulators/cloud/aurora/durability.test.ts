// What the stand-in keeps and how it fails: restarts, kills, a full disk, files that cannot be used, other processes, long work.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import Database from "libsql";
import { afterEach, expect, test } from "vitest";
import { createFaults } from "../faults.ts";
import { startAurora } from "./aurora.ts";
import { createOpener, long, openClient, text } from "./test-client.ts";

const opener = createOpener();
afterEach(opener.closeAll);

const table = "CREATE TABLE t (id INT NOT NULL PRIMARY KEY, note TEXT)";
const insert = "INSERT INTO t (id, note) VALUES (:id, :note)";

test("what was committed is there after a restart, what was not is gone", async () => {
  const file = opener.file();
  const first = await opener.open(file);
  await first.execute(table);
  await first.execute("INSERT INTO t (id) VALUES (1)");
  const id = await first.begin();
  await first.execute("INSERT INTO t (id) VALUES (2)", [], id);
  await first.close();
  expect(await (await opener.open(file)).rows("SELECT id FROM t")).toEqual([{ id: 1 }]);
});

test("a kill in the middle of writing loses nothing that was answered", { timeout: 30_000 }, async () => {
  const file = opener.file();
  const script = `
    import { startAurora } from ${JSON.stringify(new URL("./aurora.ts", import.meta.url).href)};
    const faults = { take: () => undefined };
    console.log((await startAurora({ port: 0, file: ${JSON.stringify(file)}, faults })).url);`;
  const args = ["--import", "tsx", "--input-type=module", "-e", script];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [output] = await once(child.stdout, "data");
  const { client, execute, begin } = openClient(String(output).trim());
  await execute(table);
  const open = await begin();
  let answered = 0;
  const writing = (async () => {
    for (;;) {
      await execute(insert, [long("id", answered + 1), text("note", "x".repeat(500))]);
      answered += 1;
    }
  })();
  setTimeout(() => child.kill("SIGKILL"), 300);
  await expect(writing).rejects.toThrow();
  client.destroy();
  expect(open).not.toBe("");
  const kept = await (await opener.open(file)).rows("SELECT COUNT(*) AS n, MAX(id) AS most FROM t");
  // The last one may have been written without its answer getting through.
  expect([[{ n: answered, most: answered }], [{ n: answered + 1, most: answered + 1 }]]).toContainEqual(kept);
  expect(answered).toBeGreaterThan(10);
});

test("a full disk is one clear error, takes the whole transaction back, and reading goes on", async () => {
  const { execute, batch, begin, commit, rows } = await opener.open(opener.file(), { maxFileBytes: 200_000 });
  await execute(table);
  await execute("INSERT INTO t (id) VALUES (0)");
  const id = await begin();
  await execute("INSERT INTO t (id) VALUES (1)", [], id);
  const sets = Array.from({ length: 100 }, (_, index) => [long("id", index + 2), text("note", "x".repeat(10_000))]);
  const full = { name: "DatabaseErrorException", message: expect.stringMatching(/1114.*The table is full.*disk/) };
  await expect(batch(insert, sets, id)).rejects.toMatchObject(full);
  await expect(execute("INSERT INTO t (id) VALUES (1)", [], id)).rejects.toMatchObject({
    name: "TransactionNotFoundException",
  });
  await expect(commit(id)).rejects.toMatchObject({ name: "TransactionNotFoundException" });
  await expect(batch(insert, sets)).rejects.toMatchObject(full);
  expect(await rows("SELECT id FROM t")).toEqual([{ id: 0 }]);
  await execute("INSERT INTO t (id) VALUES (1)");
  expect(await rows("SELECT COUNT(*) AS n FROM t")).toEqual([{ n: 2 }]);
});

test("a file that cannot be used is named when it is opened", async () => {
  const start = (file: string) => startAurora({ port: 0, file, faults: createFaults() });
  await expect(start("/nowhere/at/all.db")).rejects.toThrow(
    /^The database file \/nowhere\/at\/all.db cannot be opened for writing/,
  );
  const folder = opener.file();
  mkdirSync(folder);
  await expect(start(folder)).rejects.toThrow(/cannot be opened for writing/);
  const other = opener.file();
  writeFileSync(other, "no database ".repeat(1000));
  await expect(start(other)).rejects.toThrow(/cannot be opened for writing: file is not a database/);
  const readable = opener.file();
  await (await opener.open(readable)).close();
  await expect(start(`file:${readable}?mode=ro`)).rejects.toThrow(/attempt to write a readonly database/);
});

test("another process that writes is waited for, and others are answered meanwhile", async () => {
  const file = opener.file();
  const { execute, rows } = await opener.open(file);
  await execute(table);
  const other = new Database(file);
  other.exec("BEGIN IMMEDIATE");
  other.exec("INSERT INTO t (id) VALUES (1)");
  const waiting = execute("INSERT INTO t (id) VALUES (2)");
  expect(await rows("SELECT COUNT(*) AS n FROM t")).toEqual([{ n: 0 }]);
  await sleep(50);
  other.exec("COMMIT");
  other.close();
  await waiting;
  expect(await rows("SELECT COUNT(*) AS n FROM t")).toEqual([{ n: 2 }]);
});

test("another process that never ends its transaction gives a lock wait time-out, not a stop", async () => {
  const file = opener.file();
  const { execute, begin, rows } = await opener.open(file, { lockWaitMs: 60 });
  await execute(table);
  const other = new Database(file);
  other.exec("BEGIN IMMEDIATE");
  await expect(execute("INSERT INTO t (id) VALUES (2)")).rejects.toThrow(/1205/);
  await expect(execute("INSERT INTO t (id) VALUES (2)", [], await begin())).rejects.toThrow(/1205/);
  other.close();
  await execute("INSERT INTO t (id) VALUES (2)");
  expect(await rows("SELECT COUNT(*) AS n FROM t")).toEqual([{ n: 1 }]);
});

test("a large batch lets others in while it runs, and they see none of it before its end", async () => {
  const { execute, batch, rows } = await opener.open(opener.file());
  await execute("CREATE TABLE wide (id INT NOT NULL PRIMARY KEY, a VARCHAR(50), b VARCHAR(50))");
  for (const column of ["a", "b"]) await execute(`CREATE INDEX wide_${column} ON wide (${column})`);
  const sets = Array.from({ length: 20_000 }, (_, id) => [long("id", id), text("a", `${(id * 7919) % 20_011}`)]);
  let isOver = false;
  const writing = batch("INSERT INTO wide (id, a, b) VALUES (:id, :a, :a)", sets).then(() => {
    isOver = true;
  });
  const seen = new Set<unknown>();
  while (!isOver) seen.add(JSON.stringify(await rows("SELECT COUNT(*) AS n FROM wide")));
  await writing;
  expect([...seen].slice(0, 1)).toEqual(['[{"n":0}]']);
  expect(seen.size).toBeLessThanOrEqual(2);
  expect(await rows("SELECT COUNT(*) AS n FROM wide")).toEqual([{ n: 20_000 }]);
});

test("a careless SELECT is refused before it has read everything, and holds nothing", async () => {
  const file = opener.file();
  const { execute, batch, rows } = await opener.open(file);
  await execute(table);
  const sets = Array.from({ length: 10_000 }, (_, id) => [long("id", id), text("note", "x".repeat(300))]);
  await batch(insert, sets);
  await expect(rows("SELECT id, note FROM t")).rejects.toThrow(/response size limit/);
  const other = new Database(file);
  other.prepare("DELETE FROM t WHERE id = ?").run(1);
  const [checkpoint] = other.prepare("PRAGMA wal_checkpoint(TRUNCATE)").all();
  other.close();
  expect(checkpoint).toMatchObject({ busy: 0, log: 0 });
});
