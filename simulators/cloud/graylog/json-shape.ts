// Reading of JSON whose shape is not known: the stand-in answers to wrong shapes as Graylog does, so it looks itself.

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The own property of a record; undefined for anything else, and for null. */
export const property = (value: unknown, name: string): unknown =>
  isRecord(value) && Object.hasOwn(value, name) ? (value[name] ?? undefined) : undefined;

export const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];

export const numberOr = (value: unknown, otherwise: number): number => (typeof value === "number" ? value : otherwise);
export const textOr = (value: unknown, otherwise: string): string => (typeof value === "string" ? value : otherwise);
