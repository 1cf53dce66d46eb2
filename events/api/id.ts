// Ids as they stand in a URL: no slash, nothing that a path or a log could take for something else.
import * as z from "zod";

/** An id of ours, made or derived. */
export const id = z
  .string()
  .regex(/^[A-Za-z0-9_-][A-Za-z0-9._@:~-]{0,250}$/, "must be an id: letters, digits and ._@:~-, no dot in front")
  .meta({ description: "An id." });

/** What people call a thing: one line, no control characters, as it reaches mail headers and logs. */
export const name = z
  .string()
  .min(1)
  .max(80)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a control character in a name forges a line of a header or a log.
  .regex(/^[^\u0000-\u001f\u007f]*$/, "must not contain control characters")
  .refine((text) => text.trim() === text, "must not begin or end with a blank")
  .meta({ description: "What people call it." });
