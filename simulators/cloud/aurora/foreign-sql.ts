// What SQLite takes and MySQL 8 refuses, or understands differently. In: the words and signs of a statement. Out: MySQL's refusal.
import { type Refusal, refuseSql } from "./refusal.ts";
import { reservedWords } from "./reserved-words.ts";
import { syntaxWords } from "./sql-errors.ts";

/** Patterns over the words of a statement in capitals, one blank between any two; a quoted text is `''`. */
const anywhere: [pattern: RegExp, why: string][] = [
  [/\bON CONFLICT\b/, "use REPLACE INTO or INSERT ... WHERE NOT EXISTS"],
  [/\bRETURNING\b/, "only SQLite knows it"],
  [/\bAUTOINCREMENT\b/, "only SQLite knows it"],
  [/^(?:INSERT|UPDATE) OR\b/, "use REPLACE INTO or INSERT ... WHERE NOT EXISTS"],
  [/\bWITHOUT ROWID\b|\) STRICT\b/, "only SQLite knows it"],
  [/^CREATE (?:UNIQUE )?INDEX IF\b/, "an index has no IF NOT EXISTS"],
  [/^CREATE (?:UNIQUE )?INDEX .* WHERE\b/, "an index covers all rows"],
  [/^CREATE (?:TEMP|VIRTUAL)\b/, "only SQLite knows it"],
  [
    /\bGLOB\b|\bDEFAULT VALUES\b|\bINDEXED BY\b|\bNULLS (?:FIRST|LAST)\b|\bFULL (?:OUTER )?JOIN\b/,
    "only SQLite knows it",
  ],
  [/\bCOLLATE (?:NOCASE|RTRIM|BINARY)\b|\bNOTNULL\b|\bISNULL\b(?! \()/, "only SQLite knows it"],
  [
    /\b(?:STRFTIME|JULIANDAY|UNIXEPOCH|PRINTF|TYPEOF|TOTAL|CHANGES|RANDOM|IIF|JSON_EACH|JSON_TREE|LAST_INSERT_ROWID) \(/,
    "only SQLite knows this function",
  ],
  [/\b(?:MAX|MIN) \( [^()]*,/, "it has one argument, use CASE"],
  [/\bGROUP_CONCAT \( [^()]*,/, "a second argument is joined to the first there"],
  [/\bVARCHAR (?!\()/, "VARCHAR has a length"],
  [/= =/, "use one ="],
  [/\bLIMIT -/, "a limit is not negative"],
  [/\[/, "names stand in backticks"],
];

/** @throws DatabaseErrorException. */
export const refuseForeignSql = (words: readonly string[]): void => {
  const sentence = words.join(" ");
  for (const [pattern, why] of anywhere) {
    const found = pattern.exec(sentence);
    if (found) throw refuseSyntax(found[0], why);
  }
  if (/\bTEXT(?: NOT NULL)? DEFAULT ''/.test(sentence)) {
    throw refuseSql(1101, "BLOB, TEXT, GEOMETRY or JSON column can't have a default value");
  }
  if (/\bTEXT(?: NOT NULL)? (?:PRIMARY KEY|UNIQUE)\b/.test(sentence)) {
    throw refuseSql(1170, "BLOB/TEXT column used in key specification without a key length");
  }
  refuseReservedNames(sentence);
  refuseNamelessTables(words);
  refuseReadingWhatIsChanged(sentence);
};

const refuseReservedNames = (sentence: string): void => {
  const isTable = /^(?:CREATE TABLE|ALTER TABLE)\b/.test(sentence);
  const names = isTable
    ? /(?:[(,]|\bADD(?: COLUMN)?) (\w+) (?:(?:VAR)?CHAR|\w*TEXT|\w*INT|DOUBLE|JSON)\b/g
    : /\bAS (\w+)/g;
  for (const [, name = ""] of sentence.matchAll(names)) {
    if (reservedWords.has(name)) throw refuseSyntax(name, "it is a reserved word there");
  }
};

/** `FROM (SELECT …)` needs a name after it. */
const refuseNamelessTables = (words: readonly string[]): void => {
  const isTable: boolean[] = [];
  words.forEach((word, index) => {
    if (word === "(") isTable.push(/^(?:FROM|JOIN)$/.test(words[index - 1] ?? "") && words[index + 1] === "SELECT");
    if (word !== ")" || !isTable.pop()) return;
    if (!/^[A-Z_`]/.test(words[index + 1] ?? "") || afterTable.has(words[index + 1] ?? "")) {
      throw refuseSql(1248, "Every derived table must have its own alias");
    }
  });
};

const afterTable = new Set([
  "WHERE",
  "GROUP",
  "ORDER",
  "LIMIT",
  "JOIN",
  "LEFT",
  "INNER",
  "CROSS",
  "ON",
  "UNION",
  "HAVING",
]);

/** A subquery of UPDATE or DELETE reads the changed table only through a derived table, which is made first. */
const refuseReadingWhatIsChanged = (sentence: string): void => {
  const [, name] = /^(?:UPDATE|DELETE FROM) (`?\w+`?)/.exec(sentence) ?? [];
  if (!name) return;
  const derived = /\b(?:FROM|JOIN) \( SELECT\b/.test(sentence);
  if (!derived && new RegExp(`\\( SELECT .*\\b(?:FROM|JOIN) ${name}(?= |$)`).test(sentence)) {
    throw refuseSql(1093, `You can't specify target table '${name.toLowerCase()}' for update in FROM clause`);
  }
};

export const refuseSyntax = (near: string, why: string): Refusal => refuseSql(1064, `${syntaxWords(near)} (${why})`);
