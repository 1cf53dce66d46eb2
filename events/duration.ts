// Durations as people write them: `30s`, `5m`, `1h`, `7d`, `250ms` on the wire; ms inside.
import * as z from "zod";

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const shape = /^(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h|d)$/;

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

/** A duration between two bounds (ms): text such as `5m` on the wire, ms in the program. */
export const durationText = (minMs: number, maxMs: number) =>
  z.codec(
    z.string().regex(shape, "must be a duration such as 30s, 5m, 1h or 1d"),
    z
      .number()
      .refine(
        (ms) => Number.isInteger(ms) && ms >= minMs && ms <= maxMs,
        `must be between ${formatDuration(minMs)} and ${formatDuration(maxMs)}`,
      ),
    { decode: (text) => parseDuration(text) ?? Number.NaN, encode: formatDuration },
  );
