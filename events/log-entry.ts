// One log message, as formats read it and sources return it. Times are epoch ms inside.
import * as z from "zod";
import { instant } from "./instant.ts";

/** A field value as log stores keep it. */
export const fieldValue = z.union([z.string(), z.number()]);
export type FieldValue = z.infer<typeof fieldValue>;

export const logEntry = z.object({
  at: instant.meta({ description: "When it happened, by the log's own clock." }),
  service: z.string().meta({ description: "What wrote it: a program or service name; empty when unknown." }),
  host: z.string().meta({ description: "Where it was written; empty when unknown." }),
  level: z
    .number()
    .int()
    .min(0)
    .max(7)
    .nullable()
    .meta({ description: "Syslog severity, 0 (emergency) to 7 (debug)." }),
  message: z.string(),
  fields: z.record(z.string(), fieldValue).meta({ description: "Named as in the Elastic Common Schema, dotted." }),
  repeats: z
    .number()
    .int()
    .min(1)
    .optional()
    .meta({ description: "How many equal messages this one stands for; 1 when absent." }),
});
export type LogEntry = z.output<typeof logEntry>;
