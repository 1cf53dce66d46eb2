// A JSON Schema as people read it: a list of fields, each with what it takes and what it means.
import * as z from "zod";

const shape = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  description: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  items: z.unknown().optional(),
  additionalProperties: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  default: z.unknown().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  format: z.string().optional(),
});
type Schema = z.infer<typeof shape>;

/** As HTML. `html` makes text inert. */
export const schemaHtml = (schema: unknown, html: (text: string) => string): string => {
  const read = shape.parse(schema);
  const fields = fieldsOf(read, html);
  return fields === "" ? `<p>${html(sayType(read))}</p>` : fields;
};

/** The fields of an object, or of the objects in a list; nothing for whatever has none. */
const fieldsOf = (schema: Schema, html: (text: string) => string): string => {
  const inner = [schema.items, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].filter((one) => one !== undefined);
  const own = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const read = shape.parse(property);
    const isOptional = !schema.required?.includes(name) || read.default !== undefined;
    const standard = read.default === undefined ? "" : `, ${JSON.stringify(read.default)} when absent`;
    const type = `${sayType(read)}${isOptional && standard === "" ? ", optional" : standard}`;
    const says = read.description === undefined ? "" : ` ${html(read.description)}`;
    return `<li><code>${html(name)}</code> <em>${html(type)}</em>${says}${fieldsOf(read, html)}</li>`;
  });
  if (own.length > 0) return `<ul>${own.join("")}</ul>`;
  return inner.map((one) => fieldsOf(shape.parse(one), html)).join("");
};

/** In a few words: `text, 1 to 80 characters`. */
const sayType = (schema: Schema): string => {
  const { enum: options, anyOf, oneOf, type, format } = schema;
  if (options) return options.map((one) => JSON.stringify(one)).join(" | ");
  if ("const" in schema) return JSON.stringify(schema.const);
  const choices = anyOf ?? oneOf;
  if (choices) return [...new Set(choices.map((one) => sayType(shape.parse(one))))].join(" | ");
  if (type === "array")
    return `list of ${sayType(shape.parse(schema.items ?? {}))}${sayRange(schema.minItems, schema.maxItems, "")}`;
  if (type === "string")
    return `${format === "date-time" ? "moment" : (format ?? "text")}${sayRange(schema.minLength, schema.maxLength, " characters")}`;
  if (type === "integer" || type === "number") return `${type}${sayRange(schema.minimum, schema.maximum, "")}`;
  return Array.isArray(type) ? type.join(" | ") : (type ?? "anything");
};

const sayRange = (least: number | undefined, most: number | undefined, unit: string): string => {
  const [from, to] = [least, most].map((one) =>
    one === undefined || Math.abs(one) >= Number.MAX_SAFE_INTEGER ? undefined : one,
  );
  if (from === undefined && to === undefined) return "";
  if (from === undefined) return `, at most ${to}${unit}`;
  return to === undefined ? `, at least ${from}${unit}` : `, ${from} to ${to}${unit}`;
};
