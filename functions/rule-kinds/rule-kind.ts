// The contract of a rule kind: judges the series of one measurement. Pure; alert states, hold and repeats are evaluate's.
import type { Labels, Measurement, Window } from "@logwatch/events";
import type * as z from "zod";

/** One window's value; `null` is a gap (the window failed or is missing), never a zero. */
export type Point = { window: Window; value: number | null };

/** One label set's values, oldest first; the last point is the window being judged. */
export type Series = {
  labels: Labels;
  /** End of the newest earlier-or-current window with a value above zero; null when there was none yet. */
  lastSeenAt: number | null;
  /** End of the first window in which this label set was known. */
  firstSeenAt: number;
  points: readonly Point[];
};

/**
 * `breached`: the limit is passed. `cleared`: it is safely back (past the recovery limit). Neither: between the two,
 * which starts nothing and ends nothing. `reason` says it in words, e.g. `12 > 10`. `excess`: how far past the limit a breach is
 * (0 when absent); the farthest are followed and named first where there are too many.
 */
export type Verdict = {
  labels: Labels;
  breached: boolean;
  cleared: boolean;
  value: number | null;
  reason: string;
  excess?: number;
};

export type RuleKind = {
  id: string;
  title: string;
  description: string;
  params: z.ZodType;
  /** Which measurements it judges: equal `name`, and every label of `where` equal. */
  watches: (params: unknown) => { name: string; where: Labels };
  /** How many earlier points `judge` wants, and whether quiet label sets are remembered (and for how long, ms). */
  memory: (params: unknown) => { points: number; quietMs: number };
  /** True when more late logs can only confirm a breach: then it may be judged at once and again when logs come late. */
  monotone: (params: unknown) => boolean;
  /** One verdict a series at most. `now` is the end of the judged window, epoch ms. */
  judge: (params: unknown, series: readonly Series[], now: number) => Verdict[];
};

/** True when a measurement is one that the rule watches. */
export const isWatched = ({ name, where }: { name: string; where: Labels }, measurement: Measurement): boolean =>
  measurement.name === name && Object.entries(where).every(([label, value]) => measurement.labels[label] === value);

/** Closes over the schema, so that outside every rule kind has the same type. */
export const defineRuleKind = <Params extends z.ZodType>(kind: {
  id: string;
  title: string;
  description: string;
  params: Params;
  watches: (params: z.output<Params>) => { name: string; where: Labels };
  memory: (params: z.output<Params>) => { points: number; quietMs: number };
  monotone: (params: z.output<Params>) => boolean;
  judge: (params: z.output<Params>, series: readonly Series[], now: number) => Verdict[];
}): RuleKind => ({
  ...kind,
  watches: (params) => kind.watches(kind.params.parse(params)),
  memory: (params) => kind.memory(kind.params.parse(params)),
  monotone: (params) => kind.monotone(kind.params.parse(params)),
  judge: (params, series, now) => kind.judge(kind.params.parse(params), series, now),
});
