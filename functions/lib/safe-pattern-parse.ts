// Reads a pattern of `safe-pattern.ts`: signs, `.`, `\d \w \s`, classes, groups, `|`, and `* + ?` behind one of them. Positions
// count from 0 in UTF-16 units.
import { fail, ok, type Result } from "./result.ts";

export type PatternNode =
  | { kind: "one"; test: (codePoint: number) => boolean }
  | { kind: "sequence"; items: PatternNode[] }
  | { kind: "either"; items: PatternNode[] }
  | { kind: "repeat"; item: PatternNode; least: 0 | 1; most: 1 | "any" };

type Test = (codePoint: number) => boolean;
type Problem = { message: string; position: number };

const maxAlternatives = 50;

/** Where reading stands. `alternatives` counts those of the whole pattern. */
type Reader = { text: string; at: number; end: number; alternatives: number };

export const parsePattern = (text: string): Result<PatternNode, Problem> => {
  // It is anchored anyway: whoever writes the anchors means the same.
  const from = text.startsWith("^") ? 1 : 0;
  const to = /(?:^|[^\\])(?:\\\\)*\$$/.test(text) ? text.length - 1 : text.length;
  const reader: Reader = { text, at: from, end: Math.max(from, to), alternatives: 1 };
  try {
    const node = readEither(reader);
    if (reader.at < reader.end) return fail({ message: "This bracket closes nothing.", position: reader.at });
    return ok(node);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return fail({ message: error.message, position: error.position });
  }
};

const refuse = (message: string, position: number): never => {
  throw Object.assign(new Error(message), { position });
};

const isRefusal = (error: unknown): error is Error & { position: number } =>
  error instanceof Error && "position" in error;

const readEither = (reader: Reader): PatternNode => {
  const items = [readSequence(reader)];
  while (peek(reader) === "|") {
    reader.alternatives += 1;
    if (reader.alternatives > maxAlternatives)
      refuse(`A pattern has at most ${maxAlternatives} alternatives.`, reader.at);
    reader.at += 1;
    items.push(readSequence(reader));
  }
  return { kind: "either", items };
};

const readSequence = (reader: Reader): PatternNode => {
  const items: PatternNode[] = [];
  for (let sign = peek(reader); sign !== "" && sign !== "|" && sign !== ")"; sign = peek(reader)) {
    const item = readOne(reader);
    const repeat = peek(reader);
    if (repeat === "" || !"*+?".includes(repeat)) {
      items.push(item);
      continue;
    }
    reader.at += 1;
    const after = peek(reader);
    if (after !== "" && "*+?".includes(after)) refuse("A repeat cannot be repeated.", reader.at);
    items.push({ kind: "repeat", item, least: repeat === "+" ? 1 : 0, most: repeat === "?" ? 1 : "any" });
  }
  return { kind: "sequence", items };
};

const readOne = (reader: Reader): PatternNode => {
  const position = reader.at;
  const sign = take(reader);
  switch (sign) {
    case "(":
      return readGroup(reader, position);
    case "[":
      return { kind: "one", test: readClass(reader, position) };
    case ".":
      return { kind: "one", test: () => true };
    case "\\":
      return { kind: "one", test: readEscape(reader, position).test };
    case "*":
    case "+":
    case "?":
      return refuse("There is nothing to repeat before this.", position);
    case "^":
    case "$":
      return refuse(`A pattern matches the whole value anyway; for the sign itself write \\${sign}.`, position);
    case "{":
    case "}":
      return refuse(`Counted repeats are not known; for the sign itself write \\${sign}.`, position);
    default:
      return { kind: "one", test: equals(sign) };
  }
};

const readGroup = (reader: Reader, position: number): PatternNode => {
  if (peek(reader) === "?") refuse("Groups have no options here: nothing may begin with `(?`.", reader.at);
  const node = readEither(reader);
  if (take(reader) !== ")") refuse("This bracket is never closed.", position);
  return node;
};

const readClass = (reader: Reader, position: number): Test => {
  const isNegated = peek(reader) === "^";
  if (isNegated) reader.at += 1;
  if (peek(reader) === "]") refuse("A class needs a sign; for the bracket itself write \\].", reader.at);
  const tests: Test[] = [];
  for (let sign = peek(reader); sign !== "]"; sign = peek(reader)) {
    if (sign === "") refuse("This class is never closed.", position);
    tests.push(readRange(reader, position));
  }
  reader.at += 1;
  return (codePoint) => tests.some((test) => test(codePoint)) !== isNegated;
};

const readRange = (reader: Reader, classAt: number): Test => {
  const position = reader.at;
  const low = readClassSign(reader, classAt);
  // A dash at the end is one.
  if (peek(reader) !== "-" || reader.text[reader.at + 1] === "]") return low.test;
  reader.at += 1;
  const high = readClassSign(reader, classAt);
  if (low.sign === undefined || high.sign === undefined)
    return refuse("A range goes from one sign to another.", position);
  const [from, to] = [low.sign.codePointAt(0) ?? 0, high.sign.codePointAt(0) ?? 0];
  if (from > to) refuse("This range goes backwards.", position);
  return (codePoint) => codePoint >= from && codePoint <= to;
};

const readClassSign = (reader: Reader, classAt: number): { test: Test; sign?: string } => {
  const position = reader.at;
  const sign = take(reader);
  if (sign === "") return refuse("This class is never closed.", classAt);
  return sign === "\\" ? readEscape(reader, position) : { test: equals(sign), sign };
};

const isDigit: Test = (codePoint) => codePoint >= 48 && codePoint <= 57;
const isWord: Test = (codePoint) => /\w/.test(String.fromCodePoint(codePoint));
const isSpace: Test = (codePoint) => /\s/.test(String.fromCodePoint(codePoint));
const not =
  (test: Test): Test =>
  (codePoint) =>
    !test(codePoint);
const classes = new Map([
  ["d", isDigit],
  ["D", not(isDigit)],
  ["w", isWord],
  ["W", not(isWord)],
  ["s", isSpace],
  ["S", not(isSpace)],
]);
const controls = new Map([
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

const readEscape = (reader: Reader, position: number): { test: Test; sign?: string } => {
  const sign = take(reader);
  if (sign === "") refuse("A backslash needs a sign behind it.", position);
  const test = classes.get(sign);
  if (test) return { test };
  if (/[A-Za-z0-9]/.test(sign) && !controls.has(sign)) refuse(`\\${sign} has no meaning here.`, position);
  const meant = controls.get(sign) ?? sign;
  return { test: equals(meant), sign: meant };
};

const equals = (sign: string): Test => {
  const own = sign.codePointAt(0);
  return (codePoint) => codePoint === own;
};

const peek = ({ text, at, end }: Reader): string => (at < end ? String.fromCodePoint(text.codePointAt(at) ?? 0) : "");

const take = (reader: Reader): string => {
  const sign = peek(reader);
  reader.at += sign.length;
  return sign;
};
