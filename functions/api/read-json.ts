// JSON from outside, read strictly (RFC 8259, I-JSON of RFC 7493): no key twice, no depth without end, no number that is none, no
// half of a character. What parsers disagree about is refused instead of guessed.
import { fail, ok, type Result } from "../lib/result.ts";

/** Deep enough for anything we take; a body of brackets alone ends here. */
const maxDepth = 32;

/** The value, or what is wrong with the text. */
export const readJson = (text: string): Result<unknown, string> => {
  const problem = scan(text);
  if (problem !== undefined) return fail(problem);
  try {
    const value: unknown = JSON.parse(text);
    const wrong = findWrong(value);
    return wrong === undefined ? ok(value) : fail(wrong);
  } catch {
    return fail("must be JSON");
  }
};

/** One pass over the text: how deep it goes, and keys that stand twice in one object. Says nothing of other mistakes of syntax. */
const scan = (text: string): string | undefined => {
  // A set of keys an object that is open, null an array.
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charCodeAt(at);
    if (sign === brace || sign === bracket) {
      if (open.length >= maxDepth) return `must not be nested deeper than ${maxDepth} levels`;
      open.push(sign === brace ? new Set() : null);
    } else if (sign === closingBrace || sign === closingBracket) open.pop();
    else if (sign === quote) {
      const end = stringEnd(text, at);
      const known = open.at(-1);
      if (known && isKey(text, end)) {
        const key = plainKey(text.slice(at, end));
        if (known.has(key)) return `must not have the key ${key.slice(0, 80)} twice`;
        known.add(key);
      }
      at = end - 1;
    }
  }
  return undefined;
};

const [brace, bracket, closingBrace, closingBracket, quote, backslash] = [123, 91, 125, 93, 34, 92];

/** Behind the closing quote of the string that begins here; the end of the text when there is none. */
const stringEnd = (text: string, start: number): number => {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== quote) at += text.charCodeAt(at) === backslash ? 2 : 1;
  return Math.min(at + 1, text.length);
};

const isKey = (text: string, end: number): boolean => {
  let at = end;
  while (at < text.length && " \t\r\n".includes(text.charAt(at))) at += 1;
  return text[at] === ":";
};

/** `"\u0061"` and `"a"` are one key. */
const plainKey = (token: string): string => {
  if (!token.includes("\\")) return token.slice(1, -1);
  try {
    return String(JSON.parse(token));
  } catch {
    return token;
  }
};

/** What JSON.parse lets through and nothing behind it can keep. The depth is bounded already. */
const findWrong = (value: unknown): string | undefined => {
  if (typeof value === "string") return isWellFormed(value) ? undefined : "must be well-formed Unicode";
  if (typeof value === "number") return Number.isFinite(value) ? undefined : "must not hold a number beyond 1.8e308";
  if (value === null || typeof value !== "object") return undefined;
  for (const [key, inner] of Object.entries(value)) {
    // Assigning through such a key would reach an object's prototype.
    if (key === "__proto__") return "must not have a key __proto__";
    const wrong = isWellFormed(key) ? findWrong(inner) : "must be well-formed Unicode";
    if (wrong !== undefined) return wrong;
  }
  return undefined;
};

const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const isWellFormed = (text: string): boolean => !loneSurrogate.test(text);
