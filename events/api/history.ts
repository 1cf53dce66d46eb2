// History of a job over a period, as few points as a chart can show.
import * as z from "zod";
import { instant } from "../instant.ts";
import { labels, unit } from "../measurement.ts";
import { queryInteger } from "./page.ts";

export const mostHistoryPoints = 500;
export const mostHistorySeries = 50;
/** Thirteen months: older measurements are gone. */
export const maxPeriodDays = 396;

export const periodQuery = {
  from: instant.optional().meta({ description: "First moment inside; a day before `to` when absent." }),
  to: instant.optional().meta({
    description: `First moment after; now when absent. At most ${maxPeriodDays} days after \`from\`.`,
  }),
};

export const historyQuery = z.strictObject({
  ...periodQuery,
  measurement: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: "One measurement alone, e.g. `failed_logins`." }),
  points: queryInteger(2, mostHistoryPoints).default(mostHistoryPoints).meta({ description: "Most points a series." }),
  series: queryInteger(1, mostHistorySeries).default(10).meta({ description: "Most series." }),
});

const point = z.object({
  at: instant.meta({ description: "Start of the bucket." }),
  from: instant.meta({ description: "What its windows cover." }),
  to: instant,
  value: z.number(),
  min: z.number().meta({ description: "Of its windows the least." }),
  max: z.number().meta({ description: "Of its windows the largest." }),
  windows: z.number().int().meta({ description: "How many windows this point stands for." }),
});

export const history = z.object({
  from: instant,
  to: instant,
  stepMs: z
    .number()
    .int()
    .meta({ description: "Length of a bucket. A bucket without any window has no point: a gap." }),
  series: z.array(
    z.object({
      name: z.string(),
      labels,
      unit: z.string().meta({ description: `One of ${unit.options.join(", ")}.` }),
      points: z.array(point).meta({
        description:
          "Oldest first. Counts and bytes are summed where windows tile; where they overlap, the largest window stands for the bucket. All else is the mean.",
      }),
    }),
  ),
  left: z.number().int().meta({ description: "How many more label sets were seen than are shown." }),
});
