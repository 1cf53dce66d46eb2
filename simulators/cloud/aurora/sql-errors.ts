// SQLite's errors in MySQL's words, as the Data API hands them on: callers can only tell them apart by their text.
import { explainCheck } from "./column-checks.ts";
import { isRefusal, refuseSql } from "./refusal.ts";

type Words = [pattern: RegExp, code: number, words: (match: RegExpExecArray) => string];

const dictionary: Words[] = [
  [/^UNIQUE constraint failed: (.+)$/, 1062, ([, key]) => `Duplicate entry for key '${key}'`],
  [/^NOT NULL constraint failed: (?:\w+\.)?(\w+)$/, 1048, ([, name]) => `Column '${name}' cannot be null`],
  [/^CHECK constraint failed: (.+)$/, 3819, ([, name]) => `Check constraint '${name}' is violated.`],
  [/^FOREIGN KEY constraint failed$/, 1452, () => "Cannot add or update a child row: a foreign key constraint fails"],
  [/^no such table: (?:main\.)?(\w+)/, 1146, ([, name]) => `Table '${name}' doesn't exist`],
  [/^table `?(\w+)`? already exists/, 1050, ([, name]) => `Table '${name}' already exists`],
  [/^index `?(\w+)`? already exists/, 1061, ([, name]) => `Duplicate key name '${name}'`],
  [/^no such index: (\S+)/, 1091, ([, name]) => `Can't DROP '${name}'; check that column/key exists`],
  [/^(?:no such column: |.*has no column named )(\S+)/, 1054, ([, name]) => `Unknown column '${name}' in 'field list'`],
  [/^ambiguous column name: (\S+)/, 1052, ([, name]) => `Column '${name}' in field list is ambiguous`],
  [/^duplicate column name: (\S+)/, 1060, ([, name]) => `Duplicate column name '${name}'`],
  [/^no such function: (\S+)/, 1305, ([, name]) => `FUNCTION ${name} does not exist`],
  [
    /^wrong number of arguments to function (\w+)/,
    1582,
    ([, name]) => `Incorrect parameter count in the call to native function '${name}'`,
  ],
  [
    /^(?:table \w+ has \d+ columns but )?\d+ values (?:were supplied|for \d+ columns)$/,
    1136,
    () => "Column count doesn't match value count at row 1",
  ],
  [
    /^(?:near "(.*)": syntax error|incomplete input|unrecognized token: "(.*)")/,
    1064,
    ([, near, token]) => syntaxWords(near ?? token ?? ""),
  ],
  [
    /^(?:database is locked|database table is locked)/,
    1205,
    () => "Lock wait timeout exceeded; try restarting transaction",
  ],
  [/^database or disk is full/, 1114, () => "The table is full: the disk has no room left for the database file"],
  [
    /^(?:attempt to write a readonly database|disk I\/O error|unable to open database file)/,
    1030,
    ([words]) => `Got an error from the storage engine: the database file cannot be read or written (${words})`,
  ],
  [
    /^(?:database disk image is malformed|file is not a database)/,
    1034,
    ([words]) => `The database file is damaged (${words})`,
  ],
];

export const syntaxWords = (near: string): string =>
  `You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near '${near.slice(0, 80)}'`;

/** What a client is told of an error of the database; any other error stays what it is. */
export const explainSqlError = (error: unknown): unknown => {
  if (isRefusal(error) || !isSqlite(error)) return error;
  const { message } = error;
  const [, check] = /^CHECK constraint failed: (.+)$/.exec(message) ?? [];
  const known = check === undefined ? undefined : explainCheck(check);
  if (known) return refuseSql(known.code, known.words, error);
  for (const [pattern, code, words] of dictionary) {
    const match = pattern.exec(message);
    if (match) return refuseSql(code, words(match), error);
  }
  return refuseSql(1105, message, error);
};

/** Somebody else holds the file's lock; the statement did nothing and may be tried again. */
export const isBusy = (error: unknown): boolean => isSqlite(error) && error.code.startsWith("SQLITE_BUSY");

const isSqlite = (error: unknown): error is Error & { code: string } =>
  error instanceof Error && "code" in error && typeof error.code === "string" && error.code.startsWith("SQLITE_");
