// Parameters that several analyses ask for, in the same words and with the same bounds.
import * as z from "zod";
import { duration } from "../lib/duration.ts";
import { parseFilter, storedField } from "../lib/lucene.ts";

type Words = { title: string; description: string };

/** A filter in the source's query language, refused where it is written and not when it is first asked. */
export const filterParam = (byDefault: string, words: Words) =>
  z
    .string()
    .max(4096)
    .superRefine((text, ctx) => {
      const parsed = parseFilter(text);
      if (parsed.ok) return;
      const { message, position } = parsed.error;
      ctx.addIssue({ code: "custom", message: position === null ? message : `${message} (at position ${position})` });
    })
    .default(byDefault)
    .meta(words);

const freeText = new Set(["message", "full_message"]);

/** Names of fields as log stores allow them; they are written into queries, so nothing else passes. */
const fieldName = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_@][\w.@-]*$/, "must be the name of a field: letters, digits, `_`, `.`, `@` and `-`")
  .refine((name) => !freeText.has(storedField(name)), "is free text, by which log stores cannot group");

export const fieldParam = (byDefault: string, words: Words) => fieldName.default(byDefault).meta(words);

/** A field that may be left out: "" is none. */
export const optionalFieldParam = (words: Words) =>
  z
    .union([z.literal(""), fieldName])
    .default("")
    .meta(words);

/** Groups cost memory in the log store; this many are more than anybody reads or sends. */
const mostGroups = 10_000;

export const maxGroupsParam = (byDefault = 1000) =>
  z.number().int().min(1).max(mostGroups).default(byDefault).meta({
    title: "Most groups",
    description: "Most groups counted one by one; when there are more, the result says that it was cut.",
  });

const secondMs = 1000;
const dayMs = 86_400_000;

export const bucketParam = () =>
  duration(secondMs, dayMs)
    .refine((ms) => ms % secondMs === 0, "must be whole seconds: log stores cut time no finer")
    // A default of what goes in, so that forms can show it: one of what comes out would be left out of the JSON Schema.
    .prefault("1m")
    .meta({
      title: "Bucket",
      description:
        "Length of one point in time, e.g. `1m`; the next longer one that fits evenly, and longer in a long window.",
    });

/** The clause `a OR A OR …`: log stores compare values with case, and services write them in any. */
export const anyCase = (words: readonly string[]): string => words.flatMap(casesOf).join(" OR ");

/** As written, lower, upper and capitalised, each once. */
export const casesOf = (word: string): string[] => {
  const lower = word.toLowerCase();
  return [...new Set([word, lower, word.toUpperCase(), lower.charAt(0).toUpperCase() + lower.slice(1)])];
};

/** How services say that something did not work. */
export const failureWords = anyCase(["failure", "failed", "fail", "denied", "error"]);
