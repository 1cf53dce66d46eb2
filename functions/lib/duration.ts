// Durations in configuration: text such as `30s`, or a number of ms; ms inside.
import { formatDuration, parseDuration } from "@logwatch/events";
import * as z from "zod";

export { formatDuration, parseDuration } from "@logwatch/events";

const rule = "must be a duration such as 30s, 5m, 1h or 1d";

/** Schema of a duration between two bounds (ms): text such as `5m`, or a number of ms. */
export const duration = (minMs: number, maxMs: number) =>
  z
    .union([z.string(), z.number()], { error: ({ input }) => (input === undefined ? `is missing: ${rule}` : rule) })
    .transform((value, ctx) => {
      const ms = typeof value === "number" ? value : parseDuration(value);
      if (ms === undefined) {
        ctx.addIssue({ code: "custom", message: rule });
        return z.NEVER;
      }
      if (!Number.isInteger(ms) || ms < minMs || ms > maxMs) {
        ctx.addIssue({
          code: "custom",
          message: `must be between ${formatDuration(minMs)} and ${formatDuration(maxMs)}`,
        });
        return z.NEVER;
      }
      return ms;
    });
