// Reads one SQL statement as MySQL would: its kind, its named parameters as places, and what SQLite would take but MySQL would not.
import { refuse } from "./refusal.ts";

export type Statement = {
  /** Ready for SQLite: every `:name` is a `?`. */
  sql: string;
  /** The parameter of each `?`, in order. */
  names: readonly string[];
  kind: "query" | "change" | "definition";
};

/** One piece of a statement: quoted text, a comment, a parameter, a word, or any other character. */
const piece =
  /'(?:[^'\\]|''|\\[\s\S])*'|"(?:[^"\\]|""|\\[\s\S])*"|`(?:[^`]|``)*`|--[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\/|::|:\w+|[\p{L}_$][\w$]*|\|\||[\s\S]/gu;

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

/** Two words in a row, or one, that only SQLite knows. */
const foreign = [
  /\bON CONFLICT\b/,
  /\bRETURNING\b/,
  /\bAUTOINCREMENT\b/,
  /^(INSERT|UPDATE) OR\b/,
  /\bWITHOUT ROWID\b/,
  /^CREATE (UNIQUE )?INDEX IF\b/,
  /\bGLOB\b/,
];

/** @throws BadRequestException, DatabaseErrorException. */
export const readStatement = (text: string): Statement => {
  const names: string[] = [];
  const words: string[] = [];
  let sql = "";
  let isOver = false;
  for (const [part] of text.matchAll(piece)) {
    const isComment = part.startsWith("--") || part.startsWith("/*") || part.startsWith("#");
    if (isComment || /^\s$/.test(part)) {
      sql += isComment ? " " : part;
      continue;
    }
    if (isOver) throw refuse("BadRequestException", "Multistatements aren't supported.");
    if (part === ";") isOver = true;
    else if (part.length > 1 && part.startsWith(":") && part !== "::") {
      names.push(part.slice(1));
      sql += "?";
    } else {
      checkPart(part);
      if (/^[\p{L}_]/u.test(part)) words.push(part.toUpperCase());
      sql += part;
    }
  }
  return { sql, names, kind: kindOf(words) };
};

const checkPart = (part: string): void => {
  if (part === "?") throw refuse("BadRequestException", "Parameters are named: `:name`, not `?`.");
  if (part === "||") throw syntaxError("||", "`||` is a logical OR there, use CONCAT");
  if (part === "'" || part === '"' || part === "`") throw syntaxError(part, "the quote is not closed");
  if (part.startsWith('"')) throw syntaxError(part, "a text in double quotes means two things, bind it");
  if (part.startsWith("'") && part.includes("\\")) throw syntaxError(part, "a backslash means two things, bind it");
};

const kindOf = (words: readonly string[]): Statement["kind"] => {
  const [first = ""] = words;
  const sentence = words.join(" ");
  for (const one of foreign) {
    const found = one.exec(sentence);
    if (found) throw syntaxError(found[0], "only SQLite knows it");
  }
  const kind = Object.hasOwn(kinds, first) ? kinds[first] : undefined;
  if (!kind) throw refuse("BadRequestException", `A ${first || "n empty"} statement is not possible here.`);
  // A common table expression may stand before a change.
  if (first === "WITH" && /\b(INSERT|REPLACE INTO|UPDATE|DELETE)\b/.test(sentence)) return "change";
  return kind;
};

const syntaxError = (near: string, why: string) =>
  refuse(
    "DatabaseErrorException",
    `You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near '${near.slice(0, 80)}' (${why}).`,
  );
