// Ids as they stand in a URL: no slash, nothing that a path or a log could take for something else.
import * as z from "zod";

/** An id of ours, made or derived. */
export const id = z
  .string()
  .regex(/^[A-Za-z0-9_-][A-Za-z0-9._@:~-]{0,250}$/, "must be an id: letters, digits and ._@:~-, no dot in front")
  .meta({ description: "An id." });

/** Text of one line that is read as it is written: no control characters, no marks that turn the direction of text. */
export const nameSigns = {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a control character forges a line of a header or a log.
  pattern: /^[^\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]*$/,
  rule: "must not contain control characters, or marks that turn the direction of text",
};

/** What people call a thing, as it reaches mail headers, logs and pages. */
export const name = z
  .string()
  .min(1)
  .max(80)
  .regex(nameSigns.pattern, nameSigns.rule)
  .refine((text) => text.trim() === text, "must not begin or end with a blank")
  .meta({ description: "What people call it." });
