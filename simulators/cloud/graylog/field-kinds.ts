// Which type a field has: its first value decides, as in the real index. Later values are turned into it or the message is lost.
import type { FieldValue } from "@logwatch/events";
import { fail, ok, type Result } from "../../../functions/lib/result.ts";

export type FieldKind = "text" | "keyword" | "long" | "float";
export type FieldKinds = Map<string, FieldKind>;

/** What is searched, and what is shown where that differs. */
export type Indexed = { fields: Map<string, FieldValue>; shown: Map<string, FieldValue> | null };

/** OpenSearch keeps no longer term; UTF-8 bytes. */
export const maxTermBytes = 32_766;
/** Names the fields that were cut, on the message itself. */
export const markField = "gl2_processing_error";
const analysed = new Set(["message", "full_message", "source"]);

/** `overlong: "lose"` is what the real server does: the message is accepted and never seen again. */
export const indexFields = (
  kinds: FieldKinds,
  given: ReadonlyMap<string, FieldValue>,
  overlong: "cut" | "lose",
): Result<Indexed, string> => {
  const fields = new Map<string, FieldValue>();
  let shown: Map<string, FieldValue> | null = null;
  const cuts: string[] = [];
  for (const [name, value] of given) {
    const kind = kinds.get(name) ?? kindOf(name, value);
    const size = typeof value === "string" && kind === "keyword" ? sizeOver(value) : 0;
    if (size > 0 && overlong === "lose") return fail(immense(name, size));
    const own = size > 0 ? cutToTerm(String(value)) : value;
    if (size > 0) cuts.push(`${name} was cut from ${size} to ${Buffer.byteLength(String(own))} bytes`);
    const indexed = asKind(kind, own);
    if (indexed === undefined) return fail(unparsable(name, kind, own));
    fields.set(name, indexed);
    if (indexed !== own) {
      shown ??= new Map();
      shown.set(name, own);
    }
  }
  if (cuts.length > 0) fields.set(markField, cuts.join("; "));
  // Only now: a message that is lost decides nothing.
  for (const [name, value] of fields) if (!kinds.has(name)) kinds.set(name, kindOf(name, given.get(name) ?? value));
  return ok({ fields, shown });
};

const kindOf = (name: string, value: FieldValue): FieldKind => {
  if (analysed.has(name)) return "text";
  if (typeof value === "string") return name === "level" ? "long" : "keyword";
  return Number.isInteger(value) ? "long" : "float";
};

const asKind = (kind: FieldKind, value: FieldValue): FieldValue | undefined => {
  if (kind === "text" || kind === "keyword") return typeof value === "string" ? value : String(value);
  const number = typeof value === "number" ? value : value.trim() === "" ? Number.NaN : Number(value);
  if (!Number.isFinite(number)) return undefined;
  return kind === "long" ? Math.trunc(number) : Math.fround(number);
};

const sizeOver = (text: string): number => {
  if (text.length * 3 <= maxTermBytes) return 0;
  const size = Buffer.byteLength(text);
  return size > maxTermBytes ? size : 0;
};

/** Cuts between characters, never inside one. */
const cutToTerm = (text: string): string => {
  const bytes = Buffer.from(text);
  let end = maxTermBytes;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString("utf8", 0, end);
};

const wrapped = (type: string, reason: string): string =>
  `OpenSearchException[OpenSearch exception [type=${type}, reason=${reason}]];`;

const immense = (name: string, size: number): string =>
  wrapped(
    "illegal_argument_exception",
    `Document contains at least one immense term in field="${name}" (whose UTF8 encoding is longer than the max length ${maxTermBytes}): bytes can be at most ${maxTermBytes} in length; got ${size}`,
  );

const unparsable = (name: string, kind: FieldKind, value: FieldValue): string =>
  wrapped(
    "mapper_parsing_exception",
    `failed to parse field [${name}] of type [${kind}]. Preview of field's value: '${String(value).slice(0, 100)}'`,
  );
