// Jobs as the API takes and shows them: an analysis on a service that repeats, with its rules.
import * as z from "zod";
import { durationText } from "../duration.ts";
import { instant } from "../instant.ts";
import { jobTiming, windowCoversInterval, windowMessage } from "../job-timing.ts";
import { id, name } from "./id.ts";
import { pluginId, pluginParams, storedDuration } from "./plugin-input.ts";
import { rule, ruleChange, ruleInput } from "./rule.ts";

export const maxRules = 50;

const settings = z.strictObject({
  name: name.meta({ description: "What people call it; unique among the jobs of its owner." }),
  serviceId: id.meta({ description: "A service on which you are at least editor." }),
  analysis: pluginId.meta({ description: "Id of an analysis, e.g. `failed-logins`." }),
  params: pluginParams.default({}).meta({ description: "Parameters of the analysis, as its own schema says." }),
  ...jobTiming(durationText),
});

/** What people set. */
export const jobInput = settings
  .extend({
    enabled: z.boolean().default(true).meta({ description: "Off: it does not run." }),
    rules: z.array(ruleInput).max(maxRules).default([]).meta({ description: "What turns its results into alerts." }),
  })
  .refine(windowCoversInterval, windowMessage);
export type JobInput = z.output<typeof jobInput>;

/** All of a job as it is to be. What would be lost by being forgotten must be said. */
export const jobChange = settings
  .extend({
    enabled: z.boolean().meta({ description: "Off: it does not run." }),
    rules: z
      .array(ruleChange)
      .max(maxRules)
      .meta({ description: "All of its rules: one that is left out is removed, with its alerts' states." }),
  })
  .refine(windowCoversInterval, windowMessage);
export type JobChange = z.output<typeof jobChange>;

const shown = {
  id,
  name: z.string(),
  serviceId: z.string(),
  serviceName: z.string(),
  analysis: z.string(),
  every: storedDuration(),
  window: storedDuration(),
  delay: storedDuration(),
  enabled: z.boolean(),
  role: z.enum(["viewer", "editor", "owner"]).meta({ description: "Yours, on this job." }),
  ownerId: z.string().meta({ description: "Whose job it is." }),
  ownerName: z.string().nullable().meta({ description: "Null where no user owns it." }),
  ownerDisabled: z.boolean().meta({ description: "True: its owner's account is disabled, and so it does not run." }),
  version: z.number().int(),
  createdAt: instant,
  updatedAt: instant,
  managedByFile: z.boolean().meta({ description: "True: it is changed in the instance's watch file, not here." }),
};

/** A line of the list. */
export const jobLine = z.object({
  ...shown,
  ruleCount: z.number().int().meta({ description: "How many rules it has." }),
});
export type JobLineView = z.output<typeof jobLine>;

export const job = z.object({ ...shown, params: z.record(z.string(), z.unknown()), rules: z.array(rule) });
export type JobView = z.output<typeof job>;

export const jobCopyInput = z.strictObject({
  name: name.optional().meta({ description: "Of the copy; `… (copy)` when absent." }),
});

export const jobCopy = job.extend({
  destinationsLeftOut: z.array(z.object({ ruleName: z.string(), destinationId: id })).meta({
    description: "What the rules of the original name and the copy's do not: destinations that are not yours.",
  }),
});
export type JobCopyView = z.output<typeof jobCopy>;
