// `analysis.finished`: what one run answered, or why it could not. Made by analyze; read by snapshot, archive and evaluate.
import * as z from "zod";
import { envelope } from "./envelope.ts";
import { instant, window } from "./instant.ts";
import { measurement } from "./measurement.ts";
import { view } from "./view.ts";

/** Why a source gave no answer (DESIGN §4). */
export const failureKind = z.enum(["unreachable", "refused", "timeout", "bad-query", "overloaded"]);
export type FailureKind = z.infer<typeof failureKind>;

export const failure = z.object({ kind: failureKind, message: z.string(), retryable: z.boolean() });
export type Failure = z.infer<typeof failure>;

export const analysisResult = z.object({
  slotId: z.string(),
  jobId: z.string(),
  jobName: z.string(),
  analysis: z.string(),
  serviceId: z.string(),
  serviceName: z.string(),
  window,
  everyMs: z.number().int().positive(),
  delayMs: z.number().int().min(0),
  revision: z.number().int().min(0),
  reason: z.enum(["due", "catch-up", "retry", "late-logs", "manual"]),
  outcome: z.enum(["complete", "failed"]),
  failure: failure.nullable().meta({ description: "Set exactly when `outcome` is `failed`." }),
  measurements: z.array(measurement),
  views: z.array(view),
  examples: z.array(z.string()).meta({ description: "A few log lines behind the numbers, newest first." }),
  truncated: z
    .array(z.string())
    .meta({ description: "Names of the measurements whose label sets are not complete: the source cut them." }),
  finishedAt: instant,
});
export type AnalysisResult = z.output<typeof analysisResult>;

export const analysisFinished = envelope("analysis.finished", analysisResult);
export type AnalysisFinished = z.output<typeof analysisFinished>;
