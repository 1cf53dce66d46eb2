// A silence as people ask for it: its matchers compiled, its time made whole, or every reason why not. Pure.

import type { InputError } from "@logwatch/events/api";
import { maxSilenceDays, type SilenceInput } from "@logwatch/events/api";
import { fail, ok, type Result } from "../../lib/result.ts";
import { compileMatchers, type Matcher } from "../../lib/silence-matchers.ts";
import type { Silence } from "../../storage/silences.ts";
import { type Refusal, unprocessable } from "../refusal.ts";

const dayMs = 86_400_000;
const longestMs = maxSilenceDays * dayMs;
/** Nobody plans further; and a moment without end could not be written. */
const farthestStartMs = 366 * dayMs;

type Asked = Pick<Silence, "matchers" | "startsAt" | "endsAt" | "comment">;

/** `before`: the silence as it was, when one is changed. */
export const readSilence = (input: SilenceInput, before: Silence | undefined, now: number): Result<Asked, Refusal> => {
  const { startsAt, endsAt } = timeOf(input, before, now);
  const errors = [...matcherErrors(input.matchers), ...timeErrors(startsAt, endsAt, input, now)];
  if (errors.length > 0) return fail(unprocessable(errors));
  return ok({ matchers: input.matchers, startsAt, endsAt, comment: input.comment });
};

/** A pattern that is not understood, with its position. */
export const matcherErrors = (matchers: readonly Matcher[]): InputError[] => {
  const compiled = compileMatchers(matchers);
  if (compiled.ok) return [];
  const { index, message, position } = compiled.error;
  const rule = position === null ? message : `${message} (at position ${position})`;
  return [{ path: `body.matchers.${index}.value`, rule }];
};

/** Nothing is hidden after the fact: a start that is past is now, and one that was is kept. */
const timeOf = (
  { startsAt, endsAt, duration = 0 }: SilenceInput,
  before: Silence | undefined,
  now: number,
): Pick<Silence, "startsAt" | "endsAt"> => {
  const hasBegun = before !== undefined && before.startsAt <= now;
  const start = hasBegun ? before.startsAt : Math.max(now, startsAt ?? now);
  return { startsAt: start, endsAt: endsAt ?? Math.max(now, start) + duration };
};

const timeErrors = (startsAt: number, endsAt: number, { duration }: SilenceInput, now: number): InputError[] => {
  const at = duration === undefined ? "body.endsAt" : "body.duration";
  if (startsAt > now + farthestStartMs) return [{ path: "body.startsAt", rule: "must be at most 366 days from now" }];
  if (endsAt <= now) return [{ path: at, rule: "must be in the future" }];
  if (endsAt <= startsAt) return [{ path: at, rule: "must be after `startsAt`" }];
  if (endsAt - startsAt > longestMs)
    return [{ path: at, rule: `must be at most ${maxSilenceDays} days after it starts` }];
  return [];
};
