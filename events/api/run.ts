// Manual runs as the API takes and shows them: one analysis, on one service, over one window.
import * as z from "zod";
import { durationText } from "../duration.ts";
import { instant, window } from "../instant.ts";
import { id } from "./id.ts";
import { shownFailure, shownResult } from "./result.ts";

/** Longest window of a run. */
export const maxRunDays = 31;
/** A gateway gives up after 30 s. */
const maxWaitMs = 25_000;

const wait = durationText(0, maxWaitMs).prefault("20s").meta({
  description: "How long to wait for the answer; after that it is a 202 and a place to look.",
});

export const runInput = z.strictObject({
  analysis: z.string().max(100).meta({ description: "Id of an analysis, e.g. `failed-logins`." }),
  params: z.record(z.string().max(100), z.unknown()).default({}).meta({
    description: "Parameters, as the analysis' own schema says.",
  }),
  from: instant.optional().meta({ description: "First moment inside." }),
  to: instant.optional().meta({
    description: `First moment after; at most ${maxRunDays} days after \`from\`, and not in the future. Now when absent.`,
  }),
  last: durationText(1000, maxRunDays * 86_400_000)
    .optional()
    .meta({ description: "In place of `from` and `to`: so long until now." }),
  wait,
});

export const jobRunInput = z.strictObject({ wait });

export const listedRun = z.object({
  id,
  serviceId: id,
  jobId: id.nullable().meta({ description: "The job it was run for." }),
  analysis: z.string(),
  params: z.record(z.string(), z.unknown()),
  window,
  state: z.enum(["queued", "finished", "failed", "cancelled"]),
  failure: shownFailure.nullable().meta({ description: "Set exactly when it failed." }),
  requestedAt: instant,
  finishedAt: instant.nullable(),
  cancelledAt: instant.nullable(),
});
export type ListedRun = z.output<typeof listedRun>;

export const shownRun = listedRun.extend({
  result: shownResult.nullable().meta({ description: "Set when it finished, for as long as its values are kept." }),
});
export type ShownRun = z.output<typeof shownRun>;
