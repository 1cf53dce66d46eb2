// What changed since one looked last: cheap to ask every few seconds.
import * as z from "zod";
import { instant } from "../instant.ts";

export const changesQuery = z.strictObject({
  since: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .meta({ description: "`position` of the answer before; absent at first." }),
});

export const changes = z.object({
  changes: z
    .array(
      z.object({
        kind: z.enum(["snapshot", "alert", "run", "job", "service", "source", "destination", "silence"]).meta({
          description: "`snapshot`: the job has a newer result; all else: the thing itself.",
        }),
        id: z.string(),
        at: instant,
      }),
    )
    .meta({ description: "Oldest first; one a thing. Some may be told twice, none is left out." }),
  position: z.string().nullable().meta({ description: "What to ask with next; null: ask anew." }),
  reset: z.boolean().meta({ description: "True: something may have been missed. Look at everything once." }),
});
