// What an analysis found, as the API shows it: of a job's newest window or of a manual run.
import * as z from "zod";
import { failure } from "../analysis-finished.ts";
import { instant, window } from "../instant.ts";
import { measurement } from "../measurement.ts";
import { view } from "../view.ts";

/** Pictures and values of one window. Text may be hostile: it is shown as text, never as markup. */
export const shownResult = z.object({
  window,
  revision: z.number().int().meta({ description: "Higher when the window was asked again." }),
  measurements: z.array(measurement),
  views: z.array(view),
  examples: z.array(z.string()).meta({ description: "A few log lines behind the numbers, newest first." }),
  truncated: z.array(z.string()).meta({ description: "Measurements whose label sets are not complete." }),
  finishedAt: instant.nullable().meta({ description: "When it was answered; null where only history is left." }),
  recomputed: z.boolean().meta({
    description:
      "True: the picture was lost and is drawn anew from stored values, by their shape; it has no log lines.",
  }),
});
export type ShownResult = z.output<typeof shownResult>;

export { failure as shownFailure };
