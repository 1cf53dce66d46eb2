// MySQL refuses what does not fit a column; SQLite takes anything. So CREATE and ALTER TABLE get named checks for declared types,
// and a failed check is told in MySQL's words by its name.

const texts: Record<string, number> = { TINYTEXT: 255, TEXT: 65_535, MEDIUMTEXT: 16_777_215 };
const integers: Record<string, [string, string]> = {
  TINYINT: ["-128", "127"],
  SMALLINT: ["-32768", "32767"],
  INT: ["-2147483648", "2147483647"],
  INTEGER: ["-2147483648", "2147483647"],
  BIGINT: ["-9223372036854775808", "9223372036854775807"],
};

/** A column and its type, at the start of a definition or after ADD [COLUMN]. */
const column =
  /([(,]\s*|\bADD\s+(?:COLUMN\s+)?)(`[^`]+`|[a-z_]\w*)(\s+)(VARCHAR|CHAR|TINYTEXT|TEXT|MEDIUMTEXT|TINYINT|SMALLINT|INT|INTEGER|BIGINT)\b(\s*\(\s*(\d+)\s*\))?/gi;

/** The same definition with its checks; other statements unchanged. */
export const addColumnChecks = (sql: string): string =>
  /^\s*(CREATE\s+TABLE|ALTER\s+TABLE)\b/i.test(sql)
    ? sql.replace(column, (whole, _before, name: string, _space, type: string, _size, size?: string) => {
        const check = checkOf(name.replaceAll("`", ""), type.toUpperCase(), size);
        return check ? `${whole} ${check}` : whole;
      })
    : sql;

const checkOf = (name: string, type: string, size: string | undefined): string => {
  const range = integers[type];
  if (range) {
    const isInteger = `CONSTRAINT \`integer ${name}\` CHECK (typeof(\`${name}\`) IN ('integer', 'null'))`;
    // SQLite's own integers end where those of BIGINT do.
    if (type === "BIGINT") return isInteger;
    return `${isInteger} CONSTRAINT \`range ${name}\` CHECK (\`${name}\` BETWEEN ${range[0]} AND ${range[1]})`;
  }
  const bytes = texts[type];
  const measured = bytes ? `octet_length(\`${name}\`) <= ${bytes}` : `length(\`${name}\`) <= ${size ?? 1}`;
  return `CONSTRAINT \`length ${name}\` CHECK (${measured})`;
};

/** MySQL's words for a failed check of ours; undefined for a check of the schema's author. */
export const explainCheck = (constraint: string): string | undefined => {
  const [, kind, name] = /^(integer|range|length) (.+)$/.exec(constraint) ?? [];
  if (kind === "integer") return `Incorrect integer value for column '${name}' at row 1`;
  if (kind === "range") return `Out of range value for column '${name}' at row 1`;
  return kind === "length" ? `Data too long for column '${name}' at row 1` : undefined;
};
