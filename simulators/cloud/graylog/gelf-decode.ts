// Reads one GELF message as Graylog does. In: JSON text. Out: its time and fields, or nothing where Graylog drops it silently.
import type { FieldValue } from "@logwatch/events";
import { storedField } from "../../../functions/lib/lucene.ts";
import { isRecord } from "./json-shape.ts";
import { addedFields } from "./message.ts";

/** `at` is epoch ms, null when the message tells no usable time: then it happened when it came. */
export type Gelf = { at: number | null; fields: Map<string, FieldValue> };

/** `remote` names the source of a message that names no host. */
export const decodeGelf = (text: string, remote: string): Gelf | undefined => {
  const gelf = parsed(firstLine(text));
  if (!gelf) return undefined;
  const message = textOf(gelf.short_message) ?? textOf(gelf.message);
  const source = gelf.host === undefined || gelf.host === null ? remote : textOf(gelf.host);
  if (message === undefined || source === undefined) return undefined;
  const fields = new Map<string, FieldValue>([
    ["source", source],
    ["message", message],
  ]);
  const full = textOf(gelf.full_message);
  if (full !== undefined) fields.set("full_message", full);
  const level = numberOf(gelf.level);
  if (level !== undefined) fields.set("level", Math.trunc(level));
  for (const [key, value] of Object.entries(gelf)) addField(fields, key, value);
  const seconds = numberOf(gelf.timestamp);
  const at = seconds === undefined || seconds <= 0 ? null : Math.round(seconds * 1000);
  return { at, fields };
};

/** Graylog's HTTP input keeps only the first of several messages in one body. */
const firstLine = (text: string): string => {
  const start = text.trimStart();
  return start.includes("}\n") ? (parsed(start) ? start : start.slice(0, start.indexOf("}\n") + 1)) : start;
};

const parsed = (text: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const ownNames = new Set(["version", "host", "short_message", "full_message", "timestamp", "level"]);

const addField = (fields: Map<string, FieldValue>, key: string, value: unknown): void => {
  if (ownNames.has(key)) return;
  const name = key.startsWith("_") ? key.slice(1) : key;
  if (name === "" || !/^[\w.-]+$/.test(name)) return;
  const stored = storedField(name);
  // What the message itself says, and what the server adds, is not overwritten.
  if (fields.has(stored) || Object.hasOwn(addedFields, stored)) return;
  const kept = fieldValue(value);
  if (kept !== undefined) fields.set(stored, kept);
};

/** Booleans and nulls are dropped, structures become JSON text, texts lose their outer blanks, empty ones are absent. */
const fieldValue = (value: unknown): FieldValue | undefined => {
  if (typeof value === "number") return value;
  if (typeof value === "string") return textOf(value);
  return typeof value === "object" && value !== null ? JSON.stringify(value) : undefined;
};

const textOf = (value: unknown): string | undefined => {
  const text = typeof value === "string" ? value.trim() : "";
  return text === "" ? undefined : text;
};

const numberOf = (value: unknown): number | undefined => {
  const number = typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
};
