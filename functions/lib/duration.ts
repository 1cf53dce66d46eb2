// Durations as people write them: `30s`, `5m`, `1h`, `7d`, `250ms`; ms inside.
import * as z from "zod";

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const shape = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** `1h30m` is not understood: one number, one unit. Undefined when the text is not a duration. */
export const parseDuration = (text: string): number | undefined => {
  const [, number, unit] = shape.exec(text.trim()) ?? [];
  return number && unit ? Math.round(Number(number) * unitMs[unit as keyof typeof unitMs]) : undefined;
};

/** The shortest way to write it: 90000 → `90s`. */
export const formatDuration = (ms: number): string => {
  for (const unit of ["d", "h", "m", "s"] as const) {
    if (ms !== 0 && ms % unitMs[unit] === 0) return `${ms / unitMs[unit]}${unit}`;
  }
  return ms === 0 ? "0s" : `${ms}ms`;
};

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
