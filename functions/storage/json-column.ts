// JSON kept in a text column: parsed with a schema on the way out, and remembered, because the same configuration is read again and again.
import * as z from "zod";

/** Texts remembered; beyond that it starts anew. Bounds memory, not correctness. */
const maxRemembered = 20_000;

/** Decodes a text column by `schema`; for values that differ from row to row. @throws when the text is not of that shape. */
export const jsonColumn =
  <Value>(schema: z.ZodType<Value>): ((text: string) => Value) =>
  (text) =>
    schema.parse(JSON.parse(text));

/** As `jsonColumn`, for values that many reads share: equal texts give the same frozen value. */
export const sharedJsonColumn = <Value>(schema: z.ZodType<Value>): ((text: string) => Value) => {
  const remembered = new Map<string, Value>();
  return (text) => {
    const known = remembered.get(text);
    if (known !== undefined) return known;
    const value = schema.parse(JSON.parse(text));
    freeze(value);
    if (remembered.size >= maxRemembered) remembered.clear();
    remembered.set(text, value);
    return value;
  };
};

/** A plain object with any content: parameters of plug-ins, which parse them themselves. */
export const plainObject = z.record(z.string(), z.unknown());

const freeze = (value: unknown): void => {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const inner of Object.values(value)) freeze(inner);
};
