// When a job looks and at how much, in one place for watch files and the API. How a duration is written is theirs.
import type * as z from "zod";

const second = 1000;
const day = 86_400_000;

/** A duration between two bounds: however it is written, ms inside. */
type DurationSchema = (minMs: number, maxMs: number) => z.ZodType<number, string | number>;

const isWhole = (ms: number): boolean => ms % second === 0;
const wholeSeconds = "must be whole seconds: log stores cut time no finer";

/** Fields of an object schema; `windowCoversInterval` must hold of them too. */
export const jobTiming = (duration: DurationSchema) => ({
  every: duration(second, day)
    .refine(isWhole, wholeSeconds)
    .meta({ description: "How often, 1s to 1d, in whole seconds." }),
  window: duration(second, 7 * day)
    .refine(isWhole, wholeSeconds)
    .optional()
    .meta({ description: "How much time one run looks at; `every` when absent." }),
  delay: duration(0, 3_600_000).prefault("30s").meta({ description: "How long to wait for late logs before asking." }),
});

/** For `refine` of the object that holds the timing. */
export const windowCoversInterval = ({ every, window }: { every: number; window?: number | undefined }): boolean =>
  window === undefined || window >= every;
export const windowMessage = {
  path: ["window"],
  message: "must not be shorter than `every`: logs between two windows would never be seen",
};
