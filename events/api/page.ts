// Lists come in pages: a bounded number of items and a cursor that belongs to whoever got it.
import * as z from "zod";

/** A whole number in a query: digits on the wire. */
export const queryInteger = (min: number, max: number) =>
  z
    .codec(
      z.string().regex(/^-?\d{1,15}$/, "must be a whole number"),
      z.number().int().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`),
      { decode: Number, encode: String },
    )
    .meta({ wire: { type: "integer", minimum: min, maximum: max } });

/** `true` or `false` in a query. */
export const queryFlag = z
  .codec(z.enum(["true", "false"]), z.boolean(), {
    decode: (text) => text === "true",
    encode: (is) => (is ? "true" : "false"),
  })
  .meta({ wire: { type: "boolean" } });

export const maxPage = 200;

/** The query parameters of every list. */
export const pageQuery = {
  limit: queryInteger(1, maxPage).default(50).meta({ description: "Most items of this page." }),
  cursor: z.string().min(1).max(600).optional().meta({ description: "`next` of the page before." }),
};

/** One page. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item),
    next: z.string().nullable().meta({ description: "Cursor of the next page; null at the end." }),
  });
