// How the dashboard draws a result. An analysis names a view and fills it with data; it never draws.
import * as z from "zod";
import { instant } from "./instant.ts";
import { labels } from "./measurement.ts";

const titled = {
  title: z.string(),
  truncated: z.boolean().optional().meta({ description: "True when there is more than is drawn." }),
};

/** The union of everything a result can be drawn as. Adding a kind is the one change that needs `web/`. */
export const view = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("stat"), ...titled, value: z.number(), unit: z.string() }),
  z.object({
    kind: z.literal("timeseries"),
    ...titled,
    series: z.array(z.object({ labels, points: z.array(z.object({ at: instant, value: z.number() })) })),
  }),
  z.object({ kind: z.literal("bar"), ...titled, bars: z.array(z.object({ label: z.string(), value: z.number() })) }),
  z.object({
    kind: z.literal("table"),
    ...titled,
    columns: z.array(z.string()),
    rows: z.array(z.array(z.union([z.string(), z.number()]))),
  }),
  z.object({
    kind: z.literal("geo"),
    ...titled,
    places: z.array(
      z.object({
        country: z.string().meta({ description: "ISO 3166-1 alpha-2, or `private` / `unknown`." }),
        name: z.string(),
        latitude: z.number().nullable(),
        longitude: z.number().nullable(),
        value: z.number(),
      }),
    ),
  }),
  z.object({
    kind: z.literal("patterns"),
    ...titled,
    patterns: z.array(z.object({ pattern: z.string(), count: z.number(), example: z.string() })),
  }),
]);
export type View = z.output<typeof view>;
