// SQLite's errors in MySQL's words, as the Data API hands them on: callers can only tell them apart by their text.
import { explainCheck } from "./column-checks.ts";
import { isRefusal, type Refusal, refuse } from "./refusal.ts";

type Words = [pattern: RegExp, words: (match: RegExpExecArray) => string];

const dictionary: Words[] = [
  [/^UNIQUE constraint failed: (.+)$/, ([, key]) => `Duplicate entry for key '${key}'`],
  [/^NOT NULL constraint failed: (?:\w+\.)?(\w+)$/, ([, name]) => `Column '${name}' cannot be null`],
  [
    /^CHECK constraint failed: (.+)$/,
    ([, name = ""]) => explainCheck(name) ?? `Check constraint '${name}' is violated.`,
  ],
  [/^FOREIGN KEY constraint failed$/, () => "Cannot add or update a child row: a foreign key constraint fails"],
  [/^no such table: (?:main\.)?(\w+)/, ([, name]) => `Table '${name}' doesn't exist`],
  [/^table `?(\w+)`? already exists/, ([, name]) => `Table '${name}' already exists`],
  [/^index `?(\w+)`? already exists/, ([, name]) => `Duplicate key name '${name}'`],
  [/^no such column: (\S+)/, ([, name]) => `Unknown column '${name}' in 'field list'`],
  [/has no column named (\S+)/, ([, name]) => `Unknown column '${name}' in 'field list'`],
  [/^duplicate column name: (\S+)/, ([, name]) => `Duplicate column name '${name}'`],
  [/^no such function: (\S+)/, ([, name]) => `FUNCTION ${name} does not exist`],
  [/^\d+ values for \d+ columns$/, () => "Column count doesn't match value count at row 1"],
  [
    /^near "(.*)": syntax error|^incomplete input$/,
    ([, near = ""]) =>
      `You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near '${near}'`,
  ],
];

export const explainSqlError = (error: unknown): Refusal => {
  if (isRefusal(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  for (const [pattern, words] of dictionary) {
    const match = pattern.exec(message);
    if (match) return refuse("DatabaseErrorException", words(match), error);
  }
  return refuse("DatabaseErrorException", message, error);
};
