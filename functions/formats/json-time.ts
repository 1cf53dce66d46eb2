// Formats: times as JSON logs have them. In: text or a number. Out: epoch ms; undefined for what is no plausible time.
import type { FieldValue } from "@logwatch/events";
import { isoTime } from "./calendar.ts";

/** The last moment that an ISO time with four digits of a year can say; later ones cannot be written to a log store. */
const maxMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
// Epoch seconds of today have 10 digits, ms 13, µs 16 and ns 19: each unit is known by how large the number is.
const leastMs = 1e11;
const leastMicros = 1e14;
const leastNanos = 1e17;

export const jsonTime = (value: FieldValue): number | undefined => {
  const number = typeof value === "number" ? value : /^\d{9,20}(?:\.\d{1,9})?$/.test(value) ? Number(value) : undefined;
  if (number === undefined) return isoTime(String(value).trim());
  const ms =
    number >= leastNanos
      ? number / 1e6
      : number >= leastMicros
        ? number / 1e3
        : number >= leastMs
          ? number
          : number * 1e3;
  return ms >= 0 && ms <= maxMs ? Math.round(ms) : undefined;
};
