// `analysis.requested`: schedule (or a user) asks for one run of an analysis over one window. Read by analyze.
import * as z from "zod";
import { envelope } from "./envelope.ts";
import { instant, window } from "./instant.ts";

/** Everything a run needs, so that analyze reads no job table. Durations are ms. */
export const analysisRequest = z.object({
  slotId: z.string().meta({ description: "`jobId@to`, derived: the same slot always has the same id." }),
  jobId: z.string(),
  jobName: z.string(),
  analysis: z.string().meta({ description: "Id of the analysis plug-in." }),
  params: z.record(z.string(), z.unknown()),
  sourceId: z.string(),
  serviceId: z.string(),
  serviceName: z.string(),
  filter: z.string().meta({ description: "The service's own filter, in the source's query language." }),
  window,
  everyMs: z.number().int().positive(),
  delayMs: z.number().int().min(0),
  revision: z
    .number()
    .int()
    .min(0)
    .meta({ description: "0 when first asked; higher when the same slot is asked again, in order of asking." }),
  reason: z.enum(["due", "catch-up", "retry", "late-logs", "manual"]).meta({ description: "Why it is asked now." }),
  dueAt: instant.meta({ description: "When it should be asked: window end plus delay." }),
});
export type AnalysisRequest = z.output<typeof analysisRequest>;

export const analysisRequested = envelope("analysis.requested", analysisRequest);
export type AnalysisRequested = z.output<typeof analysisRequested>;
