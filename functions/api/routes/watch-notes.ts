// What the audit log holds of an applied watch file: an entry a thing, as if it had been changed by itself, without secrets. Pure.
import type { Difference, FieldChange } from "../../apply/compare-watch.ts";
import type { AuditNote } from "../route.ts";

const nouns = { sources: "source", services: "service", destinations: "destination", jobs: "job" } as const;
const past = { added: "created", changed: "changed", removed: "removed" } as const;

/** Rules belong to their jobs: what changed of them stands with the file's own entry. */
export const notesOf = (differences: readonly Difference[], userId: string): AuditNote[] => [
  {
    action: "watch.applied",
    kind: "watch",
    objectId: userId,
    after: { differences: differences.map(({ words }) => words) },
  },
  ...differences.flatMap(({ kind, id, name, change, fields }): AuditNote[] => {
    if (kind === "rules") return [];
    const noun = nouns[kind];
    const side = (which: "before" | "after") => ({ name, ...valuesOf(fields, which), by: "watch file" });
    return [
      {
        action: `${noun}.${past[change]}`,
        kind: noun,
        objectId: id,
        ...(change === "added" ? {} : { before: side("before") }),
        ...(change === "removed" ? {} : { after: side("after") }),
      },
    ];
  }),
];

const valuesOf = (fields: readonly FieldChange[], which: "before" | "after"): Record<string, unknown> =>
  Object.fromEntries(fields.map((field) => [field.field, field.isSecret ? "(secret)" : (field[which] ?? null)]));
