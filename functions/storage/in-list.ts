// IN lists: the Data API binds no arrays, so each value gets a name of its own.
import type { SqlParams, SqlValue } from "./db.ts";

/** The names to write between the brackets, and their values. */
export const inList = (prefix: string, values: readonly SqlValue[]): { names: string; params: SqlParams } => {
  const params: Record<string, SqlValue> = {};
  values.forEach((value, index) => {
    params[`${prefix}${index}`] = value;
  });
  return { names: values.map((_, index) => `:${prefix}${index}`).join(","), params };
};

/** A parameter set holds at most 1,000 values; lists stay well below. */
export const maxListed = 500;

/** `items` in slices of at most `size`. */
export const slices = <Item>(items: readonly Item[], size: number): (readonly Item[])[] => {
  if (items.length <= size) return items.length === 0 ? [] : [items];
  const parts: (readonly Item[])[] = [];
  for (let start = 0; start < items.length; start += size) parts.push(items.slice(start, start + size));
  return parts;
};
