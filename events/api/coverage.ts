// Coverage of a job over a period: which of its slots have an answer, and the request to fill what has none.
import * as z from "zod";
import { instant } from "../instant.ts";
import { periodQuery } from "./history.ts";

const spanState = z.enum(["complete", "revised", "failed", "missing", "due"]);
const count = z.number().int().min(0);

export const coverageQuery = z.strictObject(periodQuery);

export const coverage = z.object({
  from: instant.meta({ description: "Where it begins: not before the job did." }),
  to: instant.meta({ description: "Where it ends. Earlier than asked for when there is more: ask again from here." }),
  more: z.boolean(),
  spans: z
    .array(
      z.object({
        from: instant,
        to: instant,
        state: spanState.meta({
          description:
            "`complete`; `revised`: asked again since; `failed`: no answer; `missing`: never asked; `due`: its time has not come, or its answer is on its way.",
        }),
        reason: z.string().meta({ description: "Why it failed or is missing; empty otherwise." }),
        retryAt: instant.nullable().meta({ description: "When it is asked again by itself." }),
      }),
    )
    .meta({ description: "Oldest first, without a hole." }),
  slots: z.object({ complete: count, revised: count, failed: count, missing: count, due: count }),
});

export const maxFilledSlots = 1000;

export const fillInput = z.strictObject({
  from: instant.meta({ description: "First moment inside." }),
  to: instant.meta({ description: "First moment after." }),
});

export const filled = z.object({
  asked: count.meta({ description: `Slots that are asked again now, oldest first; at most ${maxFilledSlots}.` }),
  left: count.meta({ description: "Slots of the period that are still without an answer and were not asked." }),
});
