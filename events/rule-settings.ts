// What a rule may be told beside its kind and limits, in one place for watch files and the API. How a duration is written is theirs.
import * as z from "zod";
import { severity } from "./alert-updated.ts";

const second = 1000;
const day = 86_400_000;

/** All of them may change in one evaluation, and its `alert.updated` must fit into one record of Kafka (1 MiB). */
export const mostTracked = 1000;

export const gapPolicy = z.enum(["keep", "alert", "ok"]);

/** A duration between two bounds: however it is written, ms inside. */
type DurationSchema = (minMs: number, maxMs: number) => z.ZodType<number, string | number>;

/** Fields of an object schema. */
export const ruleSettings = (duration: DurationSchema) => ({
  severity: severity.default("warning").meta({ description: "How bad it is; told with every message." }),
  hold: duration(0, 7 * day)
    .prefault("0s")
    .meta({ description: "Must breach for this long before it fires." }),
  clearAfter: duration(0, 7 * day)
    .prefault("0s")
    .meta({ description: "Must be clear for this long before it is resolved." }),
  repeat: duration(0, 7 * day)
    .prefault("4h")
    .meta({ description: "Tell again while it fires; 0s: never." }),
  repeatGrowth: z
    .number()
    .min(1)
    .max(10)
    .default(2)
    .meta({ description: "Each repeat gap is this many times the last, up to a day." }),
  tellResolved: z.boolean().default(true).meta({ description: "Tell too when it is over." }),
  onFailure: gapPolicy.default("keep").meta({ description: "When the source gave no answer." }),
  onNoData: gapPolicy.default("keep").meta({ description: "When the answer holds no measurement at all." }),
  maxExamples: z
    .number()
    .int()
    .min(1)
    .max(50)
    .default(10)
    .meta({ description: "Most label sets spelled out in one message." }),
  maxTracked: z
    .number()
    .int()
    .min(1)
    .max(mostTracked)
    .default(mostTracked)
    .meta({ description: "Most label sets followed at once; further ones are counted as `capped`." }),
  flapping: z
    .strictObject({
      changes: z.number().int().min(0).max(1000).default(6).meta({ description: "How many turns; 0: off." }),
      within: duration(second, 7 * day)
        .prefault("1h")
        .meta({ description: "In how much time." }),
    })
    .prefault({})
    .meta({
      description: "This many turns within this time: told once, then quiet until it is steady. 0 changes: off.",
    }),
});

/** Settings as they come out of the schema; durations are ms. */
export type RuleSettings = z.output<z.ZodObject<ReturnType<typeof ruleSettings>>>;
