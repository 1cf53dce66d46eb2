// Silences: what people ask not to be told for a while, within one service. Written by the API, read by notify. Moments are epoch ms.

import * as z from "zod";
import { compileMatchers, type MatchedAlert, type Matcher, type Matches, matcher } from "../lib/silence-matchers.ts";

export type { Matcher };

/** Hides alerts in `[startsAt, endsAt)`. */
export type Silence = {
  id: string;
  serviceId: string;
  /** All must match; none match everything of the service. See lib/silence-matchers.ts. */
  matchers: Matcher[];
  startsAt: number;
  endsAt: number;
  authorId: string;
  authorName: string;
  comment: string;
  createdAt: number;
  updatedAt: number;
  /** 1 when made, one more with each change. */
  version: number;
  /** Somebody ended it before its time; `endsAt` is when. */
  endedEarly: boolean;
};

export const silence: z.ZodType<Silence> = z.object({
  id: z.string(),
  serviceId: z.string(),
  matchers: z.array(matcher),
  startsAt: z.number(),
  endsAt: z.number(),
  authorId: z.string(),
  authorName: z.string(),
  comment: z.string(),
  createdAt: z.number(),
  updatedAt: z.number(),
  version: z.number(),
  endedEarly: z.boolean(),
});

export type SilenceQuery = {
  serviceIds: readonly string[];
  /** Those that end after this moment; all when absent. */
  endsAfter?: number | undefined;
  before?: Pick<Silence, "createdAt" | "id"> | undefined;
  limit: number;
};

export type SilenceStore = {
  /** Newest first. */
  list: (query: SilenceQuery) => Promise<Silence[]>;
  find: (ids: readonly string[]) => Promise<Silence[]>;
  /** Those of these services that hide at this moment. */
  active: (serviceIds: readonly string[], now: number) => Promise<Silence[]>;
  /**
   * Writes a silence whose `version` is one more than `expectedVersion` (0: it must be new). False when somebody was faster. What the
   * service's silences hide is looked at again at once: a silence that was ended or changed may hide it no more.
   */
  put: (silence: Silence, expectedVersion: number) => Promise<boolean>;
  /** Deletes at most `limit` that ended before then. How many went. */
  forget: (before: number, limit: number) => Promise<number>;
};

export const isActive = ({ startsAt, endsAt }: Silence, now: number): boolean => startsAt <= now && now < endsAt;

/**
 * Finds the silence that hides an alert; of several the one that hides longest. One whose matchers are not understood any more hides
 * nothing.
 */
export const hiddenBy = (silences: readonly Silence[]) => {
  const longestFirst = [...silences].sort((left, right) => right.endsAt - left.endsAt);
  const compiled = longestFirst.flatMap((silence): { silence: Silence; matches: Matches }[] => {
    const matches = compileMatchers(silence.matchers);
    return matches.ok ? [{ silence, matches: matches.value }] : [];
  });
  return (alert: MatchedAlert & { serviceId: string }): Silence | undefined =>
    compiled.find(({ silence, matches }) => silence.serviceId === alert.serviceId && matches(alert))?.silence;
};
