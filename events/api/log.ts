// Log lines of a service as the API shows them, page by page.
import * as z from "zod";
import { instant } from "../instant.ts";
import { fieldValue } from "../log-entry.ts";

/** One log line. Text may be hostile: it is shown as text, never as markup. */
export const logLine = z.object({
  at: instant.meta({ description: "When it happened, by the log's own clock." }),
  service: z.string().meta({ description: "What wrote it; empty when unknown." }),
  host: z.string().meta({ description: "Where it was written; empty when unknown." }),
  level: z.number().nullable().meta({ description: "Syslog severity, 0 (emergency) to 7 (debug)." }),
  message: z.string(),
  fields: z.record(z.string(), fieldValue),
  cut: z.boolean().meta({ description: "True: the line is longer than shown, or has more fields." }),
});
export type LogLine = z.output<typeof logLine>;

export const logPage = z.object({
  from: instant.meta({ description: "The window that was searched; further pages keep it." }),
  to: instant,
  items: z.array(logLine).meta({ description: "Newest first." }),
  next: z
    .string()
    .nullable()
    .meta({ description: "Cursor of the next page; null at the end. It is good for this service and filter alone." }),
});
