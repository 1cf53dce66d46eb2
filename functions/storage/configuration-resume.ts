// A job that is turned on again goes on from now: what was due while it was off is not asked, and its coverage says so. Pure.
import type { CoverageRange } from "./coverage.ts";

/** From the cursor of a job that was off to the end of its last slot that is over; undefined when no slot ended meanwhile. */
export const timeOff = (
  { id, cursor, everyMs }: { id: string; cursor: number; everyMs: number },
  now: number,
): CoverageRange | undefined => {
  const slots = Math.floor((now - cursor) / everyMs);
  if (slots <= 0) return undefined;
  return {
    jobId: id,
    from: cursor,
    to: cursor + slots * everyMs,
    state: "missing",
    revision: 0,
    reason: "not asked: the job was turned off",
    retryAt: null,
  };
};
