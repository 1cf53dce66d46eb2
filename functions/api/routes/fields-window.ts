// The time that a question to a log store is about, from what a query says of it.

import type { Window } from "@logwatch/events";
import { maxLogWindowDays } from "@logwatch/events/api";
import { fail, ok, type Result } from "../../lib/result.ts";
import { type Refusal, unprocessable } from "../refusal.ts";

const maxWindowMs = maxLogWindowDays * 86_400_000;

/** Up to now, and `defaultMs` long, where nothing else is said. */
export const windowOf = (
  { from, to }: { from?: number | undefined; to?: number | undefined },
  now: number,
  defaultMs: number,
): Result<Window, Refusal> => {
  const end = to ?? now;
  const start = from ?? Math.max(0, end - defaultMs);
  if (start < 0 || end < 0) return refused(start < 0 ? "from" : "to", "must not be before 1970");
  if (start >= end) return refused("from", `must be before \`to\`, which is ${to === undefined ? "now" : "given"}`);
  if (end - start > maxWindowMs) return refused("from", `must be at most ${maxLogWindowDays} days before \`to\``);
  return ok({ from: start, to: end });
};

const refused = (name: "from" | "to", rule: string) => fail(unprocessable([{ path: `query.${name}`, rule }]));
