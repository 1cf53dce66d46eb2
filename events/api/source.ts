// Sources as the API shows and takes them. Secrets go in and never come out.
import * as z from "zod";
import { failureKind } from "../analysis-finished.ts";
import { instant } from "../instant.ts";
import { id, name } from "./id.ts";

const params = z.record(z.string().max(100), z.unknown()).meta({
  description:
    "Settings of the source, as its kind's own schema says. Secret ones are written and never shown; left out of a change, they stay; null takes them away.",
});

/** What people set. */
export const sourceInput = z.strictObject({
  name,
  kind: z.string().max(100).meta({ description: "Id of a source plug-in, e.g. `graylog`." }),
  params,
});

/** Settings to be tried; nothing is stored. */
export const sourceSettings = sourceInput.omit({ name: true });

/** Whether a source answers. A source that does not is a good answer to the question. */
export const sourceTest = z.discriminatedUnion("ok", [
  z.object({
    ok: z.literal(true),
    product: z.string().meta({ description: "What the log store says it is." }),
    version: z.string(),
    detail: z.string().nullable().meta({ description: "What will not work with it, where there is something." }),
    tookMs: z.number().int(),
    messagesLastHour: z
      .number()
      .int()
      .nullable()
      .meta({ description: "How many logs of the last hour it finds; null when it did not say in time." }),
  }),
  z.object({
    ok: z.literal(false),
    kind: failureKind,
    reason: z.string().meta({ description: "What is wrong, in words." }),
    wayOut: z.string().meta({ description: "What to do about it." }),
    tookMs: z.number().int(),
  }),
]);
export type SourceTest = z.output<typeof sourceTest>;

export const source = z.object({
  id,
  name,
  kind: z.string(),
  params,
  secrets: z.array(z.string()).meta({ description: "Names of the secret settings that are set." }),
  version: z.number().int(),
  createdAt: instant,
  updatedAt: instant,
  managedByFile: z.boolean().meta({ description: "True: it is changed in the instance's watch file, not here." }),
});
export type SourceView = z.output<typeof source>;
