// The Data API's Field union, both ways. In: parameters from the wire. Out: values of a row as fields or as JSON.
import { refuse } from "./refusal.ts";

/** What SQLite binds: a bigint is an integer, a number a double. */
export type Bound = string | number | bigint | Buffer | null;
/** What SQLite gives. */
export type Value = string | number | Buffer | null;

/** The values of a statement's places, from its named parameters. @throws BadRequestException. */
export const bindParameters = (names: readonly string[], parameters: readonly unknown[]): Bound[] => {
  const values = new Map<string, Bound>();
  for (const one of parameters) {
    if (!isRecord(one) || typeof one.name !== "string") throw refuse("BadRequestException", "A parameter has no name.");
    if (values.has(one.name)) throw refuse("BadRequestException", `Parameter '${one.name}' was set twice.`);
    values.set(one.name, boundOf(one.name, one.value));
  }
  return names.map((name) => {
    const value = values.get(name);
    if (value === undefined) throw refuse("BadRequestException", `Cannot find parameter: ${name}`);
    return value;
  });
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === "object" && !Array.isArray(value);

const boundOf = (name: string, field: unknown): Bound => {
  if (isRecord(field)) {
    const { isNull, booleanValue, longValue, doubleValue, stringValue, blobValue } = field;
    if (typeof stringValue === "string") return withoutNul(stringValue);
    if (typeof longValue === "number" && Number.isInteger(longValue)) return BigInt(longValue);
    if (typeof doubleValue === "number") return doubleValue;
    if (isNull === true) return null;
    if (typeof booleanValue === "boolean") return booleanValue ? 1n : 0n;
    if (typeof blobValue === "string") return Buffer.from(blobValue, "base64");
    if (field.arrayValue !== undefined) throw refuse("BadRequestException", "Array parameters are not supported.");
  }
  throw refuse("BadRequestException", `Parameter '${name}' has no value of a known type.`);
};

/** The SQLite driver cuts a text at U+0000, which MySQL would keep; a visible mark loses less. */
const withoutNul = (text: string): string => (text.includes("\0") ? text.replaceAll("\0", "\uFFFD") : text);

/** A value as the wire has it, by the declared type of its column. */
export const fieldOf = (value: Value, type: string): Record<string, unknown> => {
  if (value === null) return { isNull: true };
  if (typeof value === "string") return { stringValue: value };
  if (typeof value !== "number") return { blobValue: value.toString("base64") };
  if (/^(BOOL|TINYINT\s*\(1\)|BIT)/.test(type)) return { booleanValue: value !== 0 };
  if (/^(DEC|NUMERIC)/.test(type)) return { stringValue: String(value) };
  if (/^(DOUBLE|FLOAT|REAL)/.test(type) || !Number.isInteger(value)) return { doubleValue: value };
  return { longValue: value };
};

/** A value as `formattedRecords` has it. */
export const jsonOf = (value: Value): string | number | null =>
  Buffer.isBuffer(value) ? value.toString("base64") : value;

/** java.sql.Types by MySQL's name. */
const javaTypes: [RegExp, number, string][] = [
  [/^VARCHAR/, 12, "VARCHAR"],
  [/^CHAR/, 1, "CHAR"],
  [/TEXT$/, -1, "TEXT"],
  [/^BIGINT/, -5, "BIGINT"],
  [/^(INT|MEDIUMINT)/, 4, "INT"],
  [/^SMALLINT/, 5, "SMALLINT"],
  [/^TINYINT\s*\(1\)|^BOOL|^BIT/, -7, "BIT"],
  [/^TINYINT/, -6, "TINYINT"],
  [/^(DOUBLE|FLOAT|REAL)/, 8, "DOUBLE"],
  [/^(DEC|NUMERIC)/, 3, "DECIMAL"],
  [/BLOB$|BINARY/, -4, "BLOB"],
  [/^(DATETIME|TIMESTAMP)/, 93, "DATETIME"],
  [/^DATE/, 91, "DATE"],
];

/** `columnMetadata` of one column; a computed one has the type of its first value. */
export const metadataOf = (
  column: { name: string; column: string | null; table: string | null; type: string | null },
  first: Value | undefined,
) => {
  const computed = typeof first === "number" ? (Number.isInteger(first) ? "BIGINT" : "DOUBLE") : "VARCHAR";
  const declared = (column.type ?? computed).toUpperCase();
  const [, type, typeName] = javaTypes.find(([pattern]) => pattern.test(declared)) ?? [undefined, 12, "VARCHAR"];
  const isNumber = [-5, 4, 5, -6, 8, 3].includes(type);
  return {
    name: column.column ?? column.name,
    label: column.name,
    type,
    typeName,
    schemaName: "",
    tableName: column.table ?? "",
    isAutoIncrement: false,
    isSigned: isNumber && !declared.includes("UNSIGNED"),
    isCurrency: false,
    isCaseSensitive: !isNumber,
    nullable: 1,
    precision: Number(/\((\d+)/.exec(declared)?.[1] ?? 0),
    scale: 0,
    arrayBaseColumnType: 0,
  };
};
