// MySQL refuses what does not fit a column; SQLite takes anything. So CREATE and ALTER TABLE get named checks for declared types,
// and a failed check is told in MySQL's words by its name.

const texts: Record<string, number> = { TINYTEXT: 255, TEXT: 65_535, MEDIUMTEXT: 16_777_215 };
const integers: Record<string, { bits: number }> = {
  TINYINT: { bits: 8 },
  SMALLINT: { bits: 16 },
  MEDIUMINT: { bits: 24 },
  INT: { bits: 32 },
  INTEGER: { bits: 32 },
  BIGINT: { bits: 64 },
};
const numbers = new Set(["DOUBLE", "FLOAT"]);

/** A column and its type, at the start of a definition or after ADD [COLUMN]. */
const column =
  /([(,]\s*|\bADD\s+(?:COLUMN\s+)?)(`[^`]+`|[a-z_]\w*)(\s+)(VARCHAR|CHAR|(?:TINY|MEDIUM)?TEXT|(?:TINY|SMALL|MEDIUM|BIG)?INT|INTEGER|DOUBLE|FLOAT|JSON)\b(\s*\(\s*(\d+)\s*\))?(\s+UNSIGNED\b)?/gi;

/** The same definition with its checks; other statements unchanged. */
export const addColumnChecks = (sql: string): string =>
  /^\s*(CREATE\s+TABLE|ALTER\s+TABLE)\b/i.test(sql)
    ? sql.replace(
        column,
        (whole, _before, name: string, _space, type: string, _brackets, size?: string, sign?: string) => {
          const check = checkOf(name.replaceAll("`", ""), type.toUpperCase(), size, sign !== undefined);
          return `${whole} ${check}`;
        },
      )
    : sql;

const checkOf = (name: string, type: string, size: string | undefined, isUnsigned: boolean): string => {
  const check = (kind: CheckKind, condition: string) => `CONSTRAINT \`${kind} ${name}\` CHECK (${condition})`;
  const integer = integers[type];
  if (integer) {
    const isInteger = check("integer", `typeof(\`${name}\`) IN ('integer', 'null')`);
    const [least, most] = rangeOf(integer.bits, isUnsigned);
    // SQLite's own integers end where those of BIGINT do.
    if (integer.bits === 64 && !isUnsigned) return isInteger;
    return `${isInteger} ${check("range", `\`${name}\` BETWEEN ${least} AND ${most}`)}`;
  }
  if (numbers.has(type)) return check("number", `typeof(\`${name}\`) IN ('real', 'null')`);
  if (type === "JSON") return check("json", `json_valid(\`${name}\`)`);
  const bytes = texts[type];
  return check("length", bytes ? `octet_length(\`${name}\`) <= ${bytes}` : `length(\`${name}\`) <= ${size ?? 1}`);
};

const rangeOf = (bits: number, isUnsigned: boolean): [bigint, bigint] => {
  // Of BIGINT UNSIGNED, SQLite holds the lower half.
  const half = 2n ** BigInt(bits - 1);
  if (isUnsigned) return [0n, bits === 64 ? half - 1n : 2n * half - 1n];
  return [-half, half - 1n];
};

type CheckKind = "integer" | "range" | "number" | "json" | "length";
type Explanation = { code: number; words: string };

/** MySQL's words for a failed check of ours; undefined for a check of the schema's author. */
export const explainCheck = (constraint: string): Explanation | undefined => {
  const [, kind, name] = /^(integer|range|number|json|length) (.+)$/.exec(constraint) ?? [];
  switch (kind) {
    case "integer":
      return { code: 1366, words: `Incorrect integer value for column '${name}' at row 1` };
    case "range":
      return { code: 1264, words: `Out of range value for column '${name}' at row 1` };
    case "number":
      return { code: 1265, words: `Data truncated for column '${name}' at row 1` };
    case "json":
      return { code: 3140, words: `Invalid JSON text in value for column '${name}'.` };
    case "length":
      return { code: 1406, words: `Data too long for column '${name}' at row 1` };
    default:
      return undefined;
  }
};
