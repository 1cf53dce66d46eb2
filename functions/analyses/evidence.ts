// The way back from a measurement to its log lines: clauses of a filter that hold of exactly what was counted. Pure.
import type { Labels } from "@logwatch/events";
import { quote } from "../lib/lucene.ts";
import { jsonBytes } from "./cut-to-bytes.ts";

/** One clause a label that the measurement has; `fields` says in which field each label's value stands. */
export const labelClauses = (fields: Readonly<Record<string, string>>, labels: Labels): string[] =>
  Object.entries(fields).flatMap(([label, field]) =>
    Object.hasOwn(labels, label) ? [fieldIs(field, labels[label] ?? "")] : [],
  );

/**
 * An absent value is "" as a label. Of a value that was too long for a label only its beginning is known: the clause then holds of every
 * value that begins so.
 */
const fieldIs = (field: string, value: string): string => {
  if (value === "") return `NOT _exists_:${field}`;
  const [, beginning] = jsonBytes(value) > shortestCut ? (/^(.+)…[\w-]{22}$/s.exec(value) ?? []) : [];
  return beginning === undefined ? `${field}:${quote(value)}` : `${field}:(${quote(value)} OR ${escaped(beginning)}*)`;
};

/** In bytes of JSON: a label that was cut is nearly as long as labels may be. */
const shortestCut = 180;

const escaped = (text: string): string => text.replace(/[^A-Za-z0-9]/g, "\\$&");
