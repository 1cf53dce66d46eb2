// Fields that logs have, to choose from: their names and kinds, and the values of one that are met most.
import * as z from "zod";
import { instant } from "../instant.ts";

/** As log stores keep them; `user.name` and `user_name` are the same field in some. */
export const fieldName = z
  .string()
  .regex(/^[A-Za-z0-9_@][A-Za-z0-9_.@-]{0,199}$/, "must be the name of a field: letters, digits and _.@-")
  .meta({ description: "Name of a field." });

/** Longest window that logs and fields are looked for in. */
export const maxLogWindowDays = 31;

/** The time that a question to a log store is about. */
export const windowQuery = {
  from: instant.optional().meta({ description: "First moment inside; a while before `to` when absent." }),
  to: instant.optional().meta({
    description: `First moment after; now when absent. At most ${maxLogWindowDays} days after \`from\`.`,
  }),
};

export const maxFilterLength = 4096;

/** Lucene's query language, as Graylog and OpenSearch read it. */
export const filterText = z
  .string()
  .max(maxFilterLength, `must have at most ${maxFilterLength} characters (at position ${maxFilterLength})`)
  .meta({
    description:
      "Which logs, in Lucene's query language. Empty and `*` mean all. No leading wildcards, no regular expressions.",
  });

export const field = z.object({
  name: z.string(),
  kind: z.enum(["text", "number", "date", "address", "boolean", "unknown"]),
});

export const fieldList = z.object({
  from: instant,
  to: instant,
  items: z.array(field).meta({
    description: "Sorted by name. A store that cannot tell them apart by filter or time lists those of all its logs.",
  }),
  truncated: z.boolean().meta({ description: "True: there are more fields than are listed." }),
});

export const fieldValues = z.object({
  from: instant,
  to: instant,
  field: z.string(),
  items: z.array(
    z.object({
      value: z.string().meta({ description: "Long ones are cut, and end with `…`." }),
      count: z.number().int().meta({ description: "How many logs have it." }),
    }),
  ),
  absent: z.number().int().meta({ description: "How many logs do not have the field." }),
  truncated: z.boolean().meta({ description: "True: there are more values than are listed." }),
});
