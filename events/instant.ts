// Time at a border: ISO-8601 with `Z` outside, epoch milliseconds (UTC) inside. A window is half-open: `from` included, `to` excluded.
import * as z from "zod";

/** A moment: ISO-8601 UTC text on the wire, epoch ms in the program. */
export const instant = z.codec(z.iso.datetime(), z.number(), {
  decode: (text) => Date.parse(text),
  encode: (ms) => new Date(ms).toISOString(),
});

/** `[from, to)`. */
export const window = z.object({
  from: instant.meta({ description: "First moment inside." }),
  to: instant.meta({ description: "First moment after." }),
});
/** `[from, to)` in epoch ms. */
export type Window = z.output<typeof window>;
