// Rules as the API takes and shows them: a rule kind with its limits and manners. They are part of their job.
import * as z from "zod";
import { durationText } from "../duration.ts";
import { ruleSettings } from "../rule-settings.ts";
import { id, name } from "./id.ts";
import { pluginId, pluginParams, storedDuration } from "./plugin-input.ts";

export const maxDestinations = 50;

const told = {
  destinationIds: z
    .array(id)
    .max(maxDestinations)
    .default([])
    .meta({ description: "Who is told: destinations of yours, or those that the job's rules name already." }),
  enabled: z.boolean().default(true).meta({ description: "Off: it is not judged." }),
};

/** What people set. */
export const ruleInput = z.strictObject({
  name: name.meta({ description: "What people call it; unique within its job." }),
  kind: pluginId.meta({ description: "Id of a rule kind: `threshold`, `absence`." }),
  params: pluginParams.meta({ description: "Limits, as the rule kind's own schema says." }),
  ...ruleSettings(durationText),
  ...told,
});
export type RuleInput = z.output<typeof ruleInput>;

/** A rule of a job that is there already. */
export const ruleChange = ruleInput.extend({
  id: id
    .optional()
    .meta({ description: "The rule's id, where it is renamed: by it or by its name a rule stays what it was." }),
});
export type RuleChange = z.output<typeof ruleChange>;

export const rule = z
  .object({
    id,
    name: z.string(),
    kind: z.string(),
    params: z.record(z.string(), z.unknown()),
    ...ruleSettings(storedDuration),
    destinationIds: z.array(id),
    enabled: z.boolean(),
  })
  .required();
export type RuleView = z.output<typeof rule>;
