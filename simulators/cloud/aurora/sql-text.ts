// Reads one SQL statement as MySQL would: its kind, its named parameters as places, and what SQLite would take but MySQL would not.
import { refuseForeignSql, refuseSyntax } from "./foreign-sql.ts";
import { refuse } from "./refusal.ts";

export type Statement = {
  /** Ready for SQLite: every `:name` is a `?`. */
  sql: string;
  /** The parameter of each `?`, in order. */
  names: readonly string[];
  kind: "query" | "change" | "definition";
};

/** One piece of a statement: quoted text, a comment, a parameter, a word, a number, white space, or any other character. */
const piece =
  /'(?:[^'\\]|''|\\[\s\S])*'|"(?:[^"\\]|""|\\[\s\S])*"|`(?:[^`]|``)*`|--[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\/|::|:\w+|[\p{L}_$][\w$]*|\d+(?:\.\d+)?|\|\||\s+|[\s\S]/gu;

const kinds: Record<string, Statement["kind"]> = {
  SELECT: "query",
  WITH: "query",
  INSERT: "change",
  REPLACE: "change",
  UPDATE: "change",
  DELETE: "change",
  CREATE: "definition",
  ALTER: "definition",
  DROP: "definition",
};

/** @throws BadRequestException, DatabaseErrorException. */
export const readStatement = (text: string): Statement => {
  const names: string[] = [];
  const words: string[] = [];
  let sql = "";
  let isOver = false;
  for (const [part] of text.matchAll(piece)) {
    if (/^\s/.test(part)) sql += part;
    else if (isComment(part)) sql += " ";
    else if (isOver) throw refuse("BadRequestException", "Multistatements aren't supported.");
    else if (part === ";") isOver = true;
    else if (part.length > 1 && part.startsWith(":") && part !== "::") {
      names.push(part.slice(1));
      words.push("?");
      sql += "?";
    } else {
      checkPart(part);
      words.push(part.startsWith("'") ? "''" : part.toUpperCase());
      sql += part;
    }
  }
  const kind = kindOf(words);
  refuseForeignSql(words);
  return { sql: kind === "definition" ? withoutTable(sql) : sql, names, kind };
};

const isComment = (part: string): boolean => part.startsWith("--") || part.startsWith("/*") || part.startsWith("#");

const checkPart = (part: string): void => {
  if (part === "?") throw refuse("BadRequestException", "Parameters are named: `:name`, not `?`.");
  if (part === "||") throw refuseSyntax("||", "it is a logical OR there, use CONCAT");
  if (part === "'" || part === '"' || part === "`") throw refuseSyntax(part, "the quote is not closed");
  if (part.startsWith('"')) throw refuseSyntax(part, "a text in double quotes means two things, bind it");
  if (part.startsWith("'") && part.includes("\\")) throw refuseSyntax(part, "a backslash means two things, bind it");
};

const kindOf = (words: readonly string[]): Statement["kind"] => {
  const [first = ""] = words;
  const kind = Object.hasOwn(kinds, first) ? kinds[first] : undefined;
  if (!kind) throw refuse("BadRequestException", `${first || "An empty text"} is no statement that is possible here.`);
  // A common table expression may stand before a change.
  if (first !== "WITH") return kind;
  return /\) (?:INSERT|REPLACE|UPDATE|DELETE) /.test(words.join(" ")) ? "change" : kind;
};

/** MySQL's index belongs to a table and is dropped from it; SQLite's names are the database's. */
const withoutTable = (sql: string): string => {
  if (!/^\s*DROP\s+INDEX\b/i.test(sql)) return sql;
  const [, head] = /^(\s*DROP\s+INDEX\s+\S+)\s+ON\s+\S+\s*$/i.exec(sql) ?? [];
  if (!head) throw refuseSyntax("DROP INDEX", "an index is dropped ON its table");
  return head;
};
