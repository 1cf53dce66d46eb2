// Apply step: parts secrets from other parameters. A field is secret when its schema says `.meta({ secret: true })`.
import type * as z from "zod";

/** Seals the JSON text of the secret fields. */
export type Sealing = (plain: string) => string;

/** `params` without the secret fields, and those sealed; an empty text when there are none. */
export const splitSecrets = (
  schema: z.ZodType | undefined,
  params: Record<string, unknown>,
  seal: Sealing,
): { params: Record<string, unknown>; secret: string } => {
  const isSecret = (field: string) => secretFields(schema).has(field);
  const secret = Object.fromEntries(Object.entries(params).filter(([field]) => isSecret(field)));
  const open = Object.fromEntries(Object.entries(params).filter(([field]) => !isSecret(field)));
  return { params: open, secret: Object.keys(secret).length === 0 ? "" : seal(JSON.stringify(secret)) };
};

/** A schema's JSON Schema is made once: the API asks for it with every source it shows. */
const known = new WeakMap<z.ZodType, ReadonlySet<string>>();

/** Names of the secret fields of an object schema, at its first level. */
export const secretFields = (schema: z.ZodType | undefined): ReadonlySet<string> => {
  const remembered = schema && known.get(schema);
  if (remembered) return remembered;
  const json = schema ? (schema.toJSONSchema?.({ io: "input", unrepresentable: "any" }) ?? {}) : {};
  const properties = objectOf(objectOf(json).properties);
  const fields = new Set(Object.keys(properties).filter((field) => objectOf(properties[field]).secret === true));
  if (schema) known.set(schema, fields);
  return fields;
};

const objectOf = (value: unknown): Record<string, unknown> =>
  value !== null && typeof value === "object" ? Object.fromEntries(Object.entries(value)) : {};
