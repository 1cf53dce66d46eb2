// Formats: the fields of a JSON object, flat, under dotted names. Bounded: a log line is anybody's, and so is its depth and size.
import type { FieldValue } from "@logwatch/events";

const maxDepth = 8;
/** OpenSearch refuses an index of more than 1,000 fields. */
const maxFields = 500;

/** Undefined when it is not one JSON object. */
export const flatFields = (line: string): Map<string, FieldValue> | undefined => {
  const value = parsed(line.charCodeAt(0) === 0xfeff ? line.slice(1) : line);
  if (!isObject(value)) return undefined;
  const fields = new Map<string, FieldValue>();
  collect(fields, "", value, 0);
  return fields;
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // Text that is not JSON, or nested deeper than the parser goes: either way it cannot be read.
    return undefined;
  }
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const collect = (
  fields: Map<string, FieldValue>,
  prefix: string,
  object: Record<string, unknown>,
  depth: number,
): void => {
  for (const [key, value] of Object.entries(object)) {
    if (fields.size >= maxFields) return;
    // GELF marks additional fields by an underscore; `__proto__` would be no field but a trap for whoever copies it.
    const bare = /^_[a-z]/.test(key) ? key.slice(1) : key;
    const name = prefix === "" ? bare : `${prefix}.${bare}`;
    if (key === "__proto__" || bare === "") continue;
    // Our own entries, and those of Rust's tracing, keep what is not common to all in `fields`.
    const within = name === "fields" ? "" : name;
    if (isObject(value) && depth < maxDepth) collect(fields, within, value, depth + 1);
    else {
      const simple = simpleValue(value);
      if (simple !== undefined && !fields.has(name)) fields.set(name, simple);
    }
  }
};

const simpleValue = (value: unknown): FieldValue | undefined => {
  if (value === null || value === undefined) return undefined;
  if (typeof value === "string") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "boolean") return String(value);
  return textOf(value);
};

const textOf = (value: unknown): string => {
  try {
    return JSON.stringify(value);
  } catch {
    // Nested deeper than it can be written again.
    return "(too deep)";
  }
};
