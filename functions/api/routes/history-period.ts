// The period that history and coverage are asked for.
import type { Window } from "@logwatch/events";
import { maxPeriodDays } from "@logwatch/events/api";
import { fail, ok, type Result } from "../../lib/result.ts";
import { type Refusal, unprocessable } from "../refusal.ts";

const dayMs = 86_400_000;

/** Up to now and a day long, where nothing else is said. `at`: where it stands in the input. */
export const periodOf = (
  { from, to }: { from?: number | undefined; to?: number | undefined },
  now: number,
  at: "query" | "body",
): Result<Window, Refusal> => {
  const end = to ?? now;
  const start = from ?? Math.max(0, end - dayMs);
  const refused = (name: "from" | "to", rule: string) => fail(unprocessable([{ path: `${at}.${name}`, rule }]));
  if (end < 0) return refused("to", "must not be before 1970");
  if (start < 0) return refused("from", "must not be before 1970");
  if (start >= end) return refused("from", `must be before \`to\`, which is ${to === undefined ? "now" : "given"}`);
  if (end - start > maxPeriodDays * dayMs)
    return refused("from", `must be at most ${maxPeriodDays} days before \`to\``);
  return ok({ from: start, to: end });
};
