// What every analysis returns, what rules judge and what charts draw: a named number with labels and a unit.
import * as z from "zod";

/** Units the dashboard knows how to write. */
export const unit = z.enum(["count", "ms", "bytes", "percent", "ratio"]);

/** Label names and values are plain text; hostile text is data here and is made inert where it is drawn. */
export const labels = z.record(z.string(), z.string());
export type Labels = z.infer<typeof labels>;

export const measurement = z.object({
  name: z.string().min(1).meta({ description: "What was measured, e.g. `failed_logins_by_user`." }),
  labels: labels.meta({ description: 'Which of them, e.g. `{user: "root"}`; empty for the whole.' }),
  value: z.number().meta({ description: "How much, in `unit`." }),
  unit,
});
export type Measurement = z.infer<typeof measurement>;
