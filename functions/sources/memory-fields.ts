// Which fields lines of a log in memory have, and of what kind their values are. Pure.
import type { FieldValue } from "@logwatch/events";
import { type Line, valuesOf } from "./memory-log.ts";
import { type Field, maxFields } from "./source.ts";

export const memoryFields = (lines: readonly Line[]): Field[] => {
  const kinds = new Map<string, Field["kind"]>();
  for (const line of lines) {
    for (const [name, value] of valuesOf(line)) {
      const kind = kindOf(name, value);
      kinds.set(name, kinds.has(name) && kinds.get(name) !== kind ? "unknown" : kind);
    }
  }
  const fields = [...kinds].map(([name, kind]) => ({ name, kind }));
  return fields.sort((a, b) => (a.name < b.name ? -1 : 1)).slice(0, maxFields);
};

const kindOf = (name: string, value: FieldValue): Field["kind"] =>
  name === "timestamp" ? "date" : typeof value === "number" ? "number" : "text";
