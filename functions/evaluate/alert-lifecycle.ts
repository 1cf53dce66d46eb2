// Evaluate step: the life of one alert, ok → pending → firing → resolved. Pure: one tick in, the next state out, and why it is
// or is not told. Moments are window ends (epoch ms), never the clock, so a back-test and a late run decide alike.
import type { ChangeKind } from "@logwatch/events";
import type { SuppressReason } from "../storage/notifications.ts";
import type { Rule, TrackedSeries } from "../storage/rule-states.ts";

/** What one window says of a label set. `gap`: nothing is known; `between`: past neither the limit nor the recovery limit. */
export type Signal = "breached" | "clear" | "between" | "gap";

/** One tick: the window's end, how many ms it is the only evidence for, and what was seen in it. */
export type Tick = { to: number; everyMs: number; signal: Signal; value: number | null; why: string };

/** The limits a life runs by. */
export type Manners = Pick<
  Rule,
  "holdMs" | "clearAfterMs" | "repeatMs" | "repeatGrowth" | "tellResolved" | "flappingChanges" | "flappingMs"
>;

/** `told`: what notify must pass on. `reason`: why a finding was not told; null when it was, or when there was none (a gap). */
export type Step = { next: TrackedSeries; told: ChangeKind | null; reason: SuppressReason | null };

/** However much it grows, a repeat comes at least this often. */
const longestRepeatMs = 86_400_000;

/** The next state of a label set after one window. */
export const advance = (series: TrackedSeries, tick: Tick, manners: Manners): Step => {
  const seen = tick.signal === "gap" ? series : { ...series, value: tick.value, why: tick.why };
  switch (series.state) {
    case "ok":
      return tick.signal === "breached" ? begin(seen, tick, manners) : still(seen, tick);
    case "pending":
      return whilePending(seen, tick, manners);
    case "firing":
      return whileFiring(seen, tick, manners);
    case "resolved":
      return whileResolvedUntold(seen, tick, manners);
  }
};

/** A new episode: fires at once, or waits for the breach to hold. */
const begin = (series: TrackedSeries, tick: Tick, manners: Manners): Step => {
  const episode: TrackedSeries = {
    ...series,
    // A letter first: fingerprints may begin with a dash, and ids are parts of addresses.
    alertId: `a-${series.fingerprint}@${new Date(tick.to).toISOString()}`,
    since: tick.to,
    episode: { openedAt: tick.to, firedAt: null, resolvedAt: null },
    lastBreachAt: tick.to,
    lastToldAt: null,
    repeats: 0,
    sequence: 0,
  };
  if (manners.holdMs === 0) return fire(episode, tick, manners);
  return { next: { ...episode, state: "pending" }, told: null, reason: "pending" };
};

const whilePending = (series: TrackedSeries, tick: Tick, manners: Manners): Step => {
  const since = series.since ?? tick.to;
  switch (tick.signal) {
    case "breached": {
      const breached = { ...series, lastBreachAt: tick.to };
      if (tick.to - since >= manners.holdMs) return fire(breached, tick, manners);
      return { next: breached, told: null, reason: "pending" };
    }
    case "clear":
      return { next: forgetEpisode(series), told: null, reason: "below-threshold" };
    // Unobserved time is not time it held.
    case "between":
      return { next: { ...series, since: since + tick.everyMs }, told: null, reason: "below-threshold" };
    case "gap":
      return { next: { ...series, since: since + tick.everyMs }, told: null, reason: null };
  }
};

const whileFiring = (series: TrackedSeries, tick: Tick, manners: Manners): Step => {
  const lastBreachAt = series.lastBreachAt ?? tick.to;
  switch (tick.signal) {
    case "breached":
      return repeatIfDue({ ...series, lastBreachAt: Math.max(lastBreachAt, tick.to) }, tick, manners);
    case "clear":
      if (tick.to - lastBreachAt < manners.clearAfterMs) return still(series, tick);
      return resolve(series, tick, manners);
    // Unobserved time is not time it was clear.
    case "between":
    case "gap":
      return still({ ...series, lastBreachAt: lastBreachAt + tick.everyMs }, tick);
  }
};

/** It ended while flapping, and nobody was told: it begins again without a word, or is told once it has been steady. */
const whileResolvedUntold = (series: TrackedSeries, tick: Tick, manners: Manners): Step => {
  if (tick.signal === "breached") return fire({ ...series, lastBreachAt: tick.to }, tick, manners);
  const steady = { ...series, turns: recentTurns(series.turns, tick.to, manners) };
  if (tick.signal !== "clear" || isFlapping(steady.turns, manners)) return still(steady, tick);
  return tellResolved(steady, manners);
};

const fire = (series: TrackedSeries, tick: Tick, manners: Manners): Step => {
  const turns = [...recentTurns(series.turns, tick.to, manners), tick.to];
  const times = timesOf(series, tick);
  const episode = { ...times, firedAt: times.firedAt ?? tick.to, resolvedAt: null };
  const next: TrackedSeries = { ...series, state: "firing", turns, episode };
  if (series.lastToldAt !== null) return { next, told: null, reason: "flapping" };
  const why = isFlapping(turns, manners) ? `${series.why} (flapping: ${turns.length} changes)` : series.why;
  return { next: { ...next, why, lastToldAt: tick.to, sequence: series.sequence + 1 }, told: "opened", reason: null };
};

const resolve = (series: TrackedSeries, tick: Tick, manners: Manners): Step => {
  const turns = [...recentTurns(series.turns, tick.to, manners), tick.to];
  const episode = { ...timesOf(series, tick), resolvedAt: tick.to };
  const next: TrackedSeries = { ...series, state: "resolved", turns, episode };
  if (isFlapping(turns, manners)) return { next, told: null, reason: "flapping" };
  return tellResolved(next, manners);
};

/** The end of the episode, told or not as the rule wants. The state stays `resolved` for this one tick. */
const tellResolved = (series: TrackedSeries, manners: Manners): Step => {
  const ended: TrackedSeries = { ...series, state: "resolved", lastToldAt: null, sequence: series.sequence + 1 };
  return manners.tellResolved
    ? { next: ended, told: "resolved", reason: null }
    : { next: ended, told: null, reason: "resolved-not-wanted" };
};

const repeatIfDue = (series: TrackedSeries, tick: Tick, manners: Manners): Step => {
  const gapMs = Math.min(longestRepeatMs, manners.repeatMs * manners.repeatGrowth ** series.repeats);
  const isDue = manners.repeatMs > 0 && tick.to - (series.lastToldAt ?? tick.to) >= Math.max(gapMs, manners.repeatMs);
  if (!isDue) return { next: series, told: null, reason: "not-due" };
  const next = { ...series, lastToldAt: tick.to, repeats: series.repeats + 1, sequence: series.sequence + 1 };
  return { next, told: "repeat", reason: null };
};

/** States stored before episodes had times begin theirs now. */
const timesOf = ({ episode }: TrackedSeries, tick: Tick): NonNullable<TrackedSeries["episode"]> =>
  episode ?? { openedAt: tick.to, firedAt: null, resolvedAt: null };

const still = (series: TrackedSeries, tick: Tick): Step => ({
  next: series,
  told: null,
  reason: tick.signal === "gap" ? null : "below-threshold",
});

/** True for the one tick in which an episode ends: it is over and need not be remembered as an episode. */
export const hasEnded = (series: TrackedSeries): boolean => series.state === "resolved" && series.lastToldAt === null;

/** The label set is ok again. Its turns are kept: they say whether it flaps. */
export const forgetEpisode = (series: TrackedSeries): TrackedSeries => ({
  ...series,
  state: "ok",
  alertId: null,
  since: null,
  episode: undefined,
  isProvisional: undefined,
  lastBreachAt: null,
  lastToldAt: null,
  repeats: 0,
  sequence: 0,
});

export const recentTurns = (turns: readonly number[], to: number, manners: Pick<Manners, "flappingMs">): number[] =>
  turns.filter((turn) => turn > to - manners.flappingMs);

export const isFlapping = (turns: readonly number[], manners: Pick<Manners, "flappingChanges">): boolean =>
  manners.flappingChanges > 0 && turns.length >= manners.flappingChanges;
