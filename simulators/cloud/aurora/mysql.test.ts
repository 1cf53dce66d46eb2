// What MySQL 8 refuses, the stand-in refuses, in MySQL's words; what both understand is left alone.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createOpener } from "./test-client.ts";

const opener = createOpener();
let execute: Awaited<ReturnType<typeof opener.open>>["execute"];
beforeAll(async () => {
  execute = (await opener.open(":memory:")).execute;
  await execute(
    "CREATE TABLE t (id VARCHAR(5) NOT NULL PRIMARY KEY, n BIGINT, small SMALLINT, u INT UNSIGNED, d DOUBLE, note TEXT)",
  );
});
afterAll(opener.closeAll);

test.each([
  ["INSERT INTO t (id) VALUES ('sixsix')", "1406", "Data too long for column 'id'"],
  ["INSERT INTO t (id, n) VALUES ('a', 'abc')", "1366", "Incorrect integer value"],
  ["INSERT INTO t (id, small) VALUES ('a', 40000)", "1264", "Out of range value for column 'small'"],
  ["INSERT INTO t (id, u) VALUES ('a', -1)", "1264", "Out of range value for column 'u'"],
  ["INSERT INTO t (id, d) VALUES ('a', 'abc')", "1265", "Data truncated for column 'd'"],
  ["INSERT INTO t (n) VALUES (1)", "1048", "Column 'id' cannot be null"],
  ["INSERT INTO t (id, n) VALUES ('a')", "1136", "Column count"],
  ["INSERT INTO t (id) VALUES ('a') ON CONFLICT DO NOTHING", "1064", "ON CONFLICT"],
  ["INSERT OR IGNORE INTO t (id) VALUES ('a')", "1064", "INSERT OR"],
  ["DELETE FROM t RETURNING id", "1064", "RETURNING"],
  ["DELETE FROM t WHERE id IN (SELECT id FROM t WHERE n > 1)", "1093", "specify target table 't'"],
  ["UPDATE t SET n = (SELECT MAX(n) FROM t)", "1093", "specify target table 't'"],
  ["CREATE TABLE u (id INTEGER PRIMARY KEY AUTOINCREMENT)", "1064", "AUTOINCREMENT"],
  ["CREATE TABLE u (id VARCHAR NOT NULL)", "1064", "VARCHAR has a length"],
  ["CREATE TABLE u (id TEXT NOT NULL PRIMARY KEY)", "1170", "without a key length"],
  ["CREATE TABLE u (id INT, note TEXT NOT NULL DEFAULT '')", "1101", "can't have a default"],
  ["CREATE TABLE u (id INT, rank INT)", "1064", "RANK"],
  ["CREATE TABLE t (id INT)", "1050", "already exists"],
  ["CREATE INDEX IF NOT EXISTS t_n ON t (n)", "1064", "IF NOT EXISTS"],
  ["CREATE INDEX t_n ON t (n) WHERE n > 1", "1064", "all rows"],
  ["DROP INDEX t_n", "1064", "ON its table"],
  ["SELECT 'a' || 'b'", "1064", "CONCAT"],
  ['SELECT "a"', "1064", "double quotes"],
  ["SELECT 'a\\'", "1064", ""],
  ["SELECT MAX(1, 2)", "1064", "one argument"],
  ["SELECT GROUP_CONCAT(id, ',') FROM t", "1064", "second argument"],
  ["SELECT STRFTIME('%s', 'now')", "1064", "function"],
  ["SELECT id AS groups FROM t", "1064", "GROUPS"],
  ["SELECT n FROM (SELECT n FROM t) WHERE n = 1", "1248", "its own alias"],
  ["SELECT id FROM t WHERE n == 1", "1064", "use one ="],
  ["SELECT id FROM nowhere", "1146", "Table 'nowhere' doesn't exist"],
  ["SELECT hue FROM t", "1054", "Unknown column 'hue'"],
  ["SELECT FROM t", "1064", "near 'FROM'"],
])("%s is refused", async (sql, code, words) => {
  const message = expect.stringMatching(new RegExp(`^Database error code: ${code}\\. Message: .*${literally(words)}`));
  await expect(execute(sql)).rejects.toMatchObject({ name: "DatabaseErrorException", message });
});

const literally = (words: string): string => words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

test.each([
  ["SELECT 1; SELECT 2", "Multistatements"],
  ["SELECT :missing", "missing"],
  ["SELECT ?", "named"],
  ["BEGIN", "BEGIN"],
  ["PRAGMA journal_mode = DELETE", "PRAGMA"],
  ["ATTACH 'x' AS y", "ATTACH"],
  ["-- nothing", "empty"],
])("%s is a bad request", async (sql, words) => {
  const message = expect.stringContaining(words);
  await expect(execute(sql)).rejects.toMatchObject({ name: "BadRequestException", message });
});

test.each([
  "CREATE TABLE ok (a INT UNSIGNED NOT NULL, b DATETIME(3), c JSON, `rank` INT, d DECIMAL(10, 2), PRIMARY KEY (a), UNIQUE (b))",
  "CREATE INDEX ok_b ON ok (b DESC)",
  "DROP INDEX ok_b ON ok",
  "ALTER TABLE ok ADD COLUMN e VARCHAR(10)",
  "REPLACE INTO t (id, n) VALUES ('a', 1), ('b', 2)",
  "INSERT INTO t (id) SELECT 'c' FROM (SELECT 1 AS one) d WHERE NOT EXISTS (SELECT 1 FROM t x WHERE x.id = 'c')",
  "DELETE FROM t WHERE id IN (SELECT id FROM (SELECT id FROM t ORDER BY n LIMIT 1) d)",
  "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3) SELECT n FROM c",
  "SELECT n - (n % 60000) AS bucket, COUNT(*) AS total FROM t GROUP BY bucket HAVING total > 1 ORDER BY bucket DESC",
  "SELECT id, ROW_NUMBER() OVER (PARTITION BY n ORDER BY id) AS place FROM t WHERE (n, id) > (1, 'a') LIMIT 5 OFFSET 0",
  "SELECT 'it''s ; :fine -- #' AS quoted # a remark",
  "SELECT COALESCE((SELECT MIN(x.n) FROM t x WHERE x.id = t.id), 0) AS least FROM t",
])("%s is understood", async (sql) => {
  await expect(execute(sql)).resolves.toBeDefined();
});
