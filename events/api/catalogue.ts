// What can be chosen: every plug-in with what it takes.
import * as z from "zod";

const jsonSchema = z.record(z.string(), z.unknown()).meta({ description: "JSON Schema, draft 2020-12." });

/** A plug-in, as a form needs it. */
export const cataloguePlugin = z.object({
  id: z.string(),
  title: z.string(),
  description: z.string(),
  params: jsonSchema,
  defaults: z.record(z.string(), z.unknown()).meta({ description: "What its parameters are when they are left out." }),
});
export type CataloguePlugin = z.infer<typeof cataloguePlugin>;

export const catalogue = z.object({
  analyses: z.array(
    cataloguePlugin.extend({
      measures: z
        .record(z.string(), z.array(z.string()))
        .meta({ description: "The measurements it makes with its defaults, and the labels of each." }),
    }),
  ),
  sources: z.array(cataloguePlugin),
  ruleKinds: z.array(cataloguePlugin),
  channels: z.array(cataloguePlugin),
  formats: z.array(cataloguePlugin),
});
export type Catalogue = z.infer<typeof catalogue>;

export const instance = z.object({
  name: z.literal("LogWatch"),
  version: z.string(),
  registration: z.enum(["open", "invite", "closed"]).meta({ description: "Who may make an account." }),
});
