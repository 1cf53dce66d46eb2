// Cuts a filter into the tokens of Lucene's classic query grammar, with positions, and refuses text that cannot be cut.
// In: text. Out: tokens. A break-out (open quote, trailing backslash, raw slash) is found here or by the parser.

/** `at` is the index of the token's first character; `text` is unescaped unless the kind says otherwise. */
export type Token = { at: number } & (
  | { kind: "and" | "or" | "not" | "plus" | "minus" | "(" | ")" | ":" | "star" | "end" }
  | { kind: "term"; text: string; comparison: boolean }
  | { kind: "quoted"; text: string }
  | { kind: "wild"; glob: Glob; leading: boolean }
  /** What follows `~` and `^`; empty when nothing does. */
  | { kind: "fuzzy" | "boost"; text: string }
  | { kind: "regex"; text: string }
  | { kind: "range"; from: string | null; to: string | null; includeFrom: boolean; includeTo: boolean }
);

/** UTF-16 code units of a word with wildcards, `anyRun` for `*` and `anyOne` for `?`. */
export type Glob = readonly number[];
export const anyRun = -1;
export const anyOne = -2;

/** Why a filter was refused; `position` is a character index, null when it is about the whole text. */
export type FilterProblem = { message: string; position: number | null };

/** Ends parsing; `parseFilter` turns it into a value. */
export const refuse = (message: string, position: number | null): never => {
  throw Object.assign(new Error(message), { position });
};

/** Lucene's own idea of blanks; a no-break space is a letter to it. */
const blanks = " \t\n\r\u3000";
const neverInTerm = `${blanks}!():^[]"{}~\\/`;
const words: Readonly<Record<string, "and" | "or" | "not">> = {
  AND: "and",
  "&&": "and",
  OR: "or",
  "||": "or",
  NOT: "not",
};
const wildcards: Readonly<Record<string, number>> = { "*": anyRun, "?": anyOne };
const signs: Readonly<Record<string, "(" | ")" | ":" | "not" | "plus" | "minus">> = {
  "(": "(",
  ")": ")",
  ":": ":",
  "!": "not",
  "+": "plus",
  "-": "minus",
};

export const isBlank = (char: string): boolean => char !== "" && blanks.includes(char);

export const tokens = (text: string): Token[] => {
  const found: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (isBlank(text.charAt(at))) {
      at += 1;
      continue;
    }
    const { token, end } = nextToken(text, at);
    found.push(token);
    at = end;
  }
  found.push({ kind: "end", at: text.length });
  return found;
};

type Cut = { token: Token; end: number };

const nextToken = (text: string, at: number): Cut => {
  const char = text.charAt(at);
  const sign = signs[char];
  if (sign) {
    // A sign that stands alone is a word, not an operator.
    const alone = "+-!".includes(char) && isBlank(text.charAt(at + 1));
    return { token: alone ? { kind: "term", text: char, comparison: false, at } : { kind: sign, at }, end: at + 1 };
  }
  switch (char) {
    case '"':
      return quoted(text, at);
    case "/":
      return regex(text, at);
    case "[":
    case "{":
      return range(text, at);
    case "~":
    case "^": {
      const [, suffix = ""] = /^.([\d.]*)/.exec(text.slice(at, at + 12)) ?? [];
      return { token: { kind: char === "~" ? "fuzzy" : "boost", text: suffix, at }, end: at + 1 + suffix.length };
    }
    case "]":
    case "}":
      return refuse(`There is a "${char}" that closes nothing.`, at);
    default:
      return term(text, at);
  }
};

/** The character behind a backslash; `\u` and four hex digits mean that character. */
const escaped = (text: string, at: number): { char: string; end: number } => {
  const char = text.charAt(at + 1);
  if (char === "") return refuse("A backslash at the end escapes nothing.", at);
  if (char !== "u") return { char, end: at + 2 };
  const hex = text.slice(at + 2, at + 6);
  if (!/^[0-9a-fA-F]{4}$/.test(hex)) return refuse("A \\u needs four hexadecimal digits.", at);
  return { char: String.fromCharCode(Number.parseInt(hex, 16)), end: at + 6 };
};

const term = (text: string, start: number): Cut => {
  let at = start;
  let plain = "";
  const glob: number[] = [];
  while (at < text.length && (text.charAt(at) === "\\" || !neverInTerm.includes(text.charAt(at)))) {
    const one = text.charAt(at) === "\\" ? escaped(text, at) : { char: text.charAt(at), end: at + 1 };
    const wild = one.end > at + 1 ? undefined : wildcards[one.char];
    plain += one.char;
    glob.push(wild ?? one.char.charCodeAt(0));
    at = one.end;
  }
  const raw = text.slice(start, at);
  const word = Object.hasOwn(words, raw) ? words[raw] : undefined;
  if (word) return { token: { kind: word, at: start }, end: at };
  if (raw === "*") return { token: { kind: "star", at: start }, end: at };
  if (glob.some((unit) => unit < 0)) {
    return { token: { kind: "wild", glob, leading: (glob[0] ?? 0) < 0, at: start }, end: at };
  }
  return { token: { kind: "term", text: plain, comparison: /^[<>]./.test(raw), at: start }, end: at };
};

const quoted = (text: string, start: number): Cut => {
  const { value, end } = untilQuote(text, start);
  return { token: { kind: "quoted", text: value, at: start }, end };
};

const untilQuote = (text: string, start: number): { value: string; end: number } => {
  let value = "";
  let at = start + 1;
  while (at < text.length) {
    const char = text.charAt(at);
    if (char === '"') return { value, end: at + 1 };
    const one = char === "\\" ? escaped(text, at) : { char, end: at + 1 };
    value += one.char;
    at = one.end;
  }
  return refuse("A quotation mark is not closed.", start);
};

const regex = (text: string, start: number): Cut => {
  const [whole, source] = /^\/((?:[^/\\]|\\.)*)\//s.exec(text.slice(start)) ?? [];
  if (whole === undefined || source === undefined) return refuse("A slash must be quoted or escaped.", start);
  return { token: { kind: "regex", text: source, at: start }, end: start + whole.length };
};

const range = (text: string, start: number): Cut => {
  let at = skipBlanks(text, start + 1);
  const from = rangeEnd(text, at, start);
  at = skipBlanks(text, from.end);
  if (!/^TO[ \t\n\r\u3000]/.test(text.slice(at, at + 3))) return refuse('A range needs " TO " between its ends.', at);
  const to = rangeEnd(text, skipBlanks(text, at + 2), start);
  at = skipBlanks(text, to.end);
  const close = text.charAt(at);
  if (close !== "]" && close !== "}") return refuse("A range is not closed.", start);
  const token: Token = {
    kind: "range",
    from: from.value,
    to: to.value,
    includeFrom: text.charAt(start) === "[",
    includeTo: close === "]",
    at: start,
  };
  return { token, end: at + 1 };
};

const skipBlanks = (text: string, from: number): number => {
  let at = from;
  while (isBlank(text.charAt(at))) at += 1;
  return at;
};

/** One end of a range; `*` is open. */
const rangeEnd = (text: string, start: number, rangeAt: number): { value: string | null; end: number } => {
  if (text.charAt(start) === '"') return untilQuote(text, start);
  let value = "";
  let at = start;
  while (at < text.length && !`${blanks}]}`.includes(text.charAt(at))) {
    const char = text.charAt(at);
    const one = char === "\\" ? escaped(text, at) : { char, end: at + 1 };
    value += one.char;
    at = one.end;
  }
  if (at === start) return refuse("A range has an end too few, or is not closed.", rangeAt);
  return { value: value === "*" ? null : value, end: at };
};
