// Thinning of old history: the windows of one minute (then one hour) become one. Pure.
// Additive units (count, bytes) are summed over windows that do not overlap; of others the last value stays.
// A label set that was absent from a window counts as nothing there. A count of distinct things becomes an upper bound.
import type { Measurement } from "@logwatch/events";
import { labelsKey } from "../lib/labels.ts";

/** All values of one window of one job, epoch ms. */
export type StoredWindow = { from: number; to: number; revision: number; measurements: Measurement[] };

const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;

/** Rows of a tier older than `keepMs` become the next one: one window for each `stepMs`; after the last tier they go. */
export const tiers = [
  { tier: 0, keepMs: 7 * dayMs, stepMs: minuteMs },
  { tier: 1, keepMs: 30 * dayMs, stepMs: hourMs },
  { tier: 2, keepMs: 396 * dayMs, stepMs: null },
] as const;

/** Everything that ends up to here is older than its tier allows; on a step's edge, so that no step is thinned in two halves. */
export const tierEnd = (now: number, { keepMs, stepMs }: (typeof tiers)[number]): number =>
  Math.floor((now - keepMs) / (stepMs ?? hourMs)) * (stepMs ?? hourMs);

/** The step a window's end falls into; a window that ends on the edge belongs to the step before it. */
export const stepOf = (to: number, stepMs: number): number => Math.ceil(to / stepMs);

/**
 * How many of these (of one job, oldest first) make whole steps within `limit`: a step is never thinned in two halves. One that
 * is longer than the limit is taken whole when it is the first thing to do, or it would never go.
 */
export const stepsWithin = (
  windows: readonly { to: number }[],
  stepMs: number,
  limit: number,
  isFirst: boolean,
): number => {
  if (windows.length <= limit) return windows.length;
  const stepAt = (index: number): number => stepOf(windows[index]?.to ?? 0, stepMs);
  let size = limit;
  while (size > 0 && stepAt(size - 1) === stepAt(size)) size -= 1;
  if (size > 0 || !isFirst) return size;
  while (size < windows.length && stepAt(size) === stepAt(0)) size += 1;
  return size;
};

const additive: ReadonlySet<string> = new Set(["count", "bytes"]);
/** Whether values of windows that tile add up. */
export const isAdditive = (unit: string): boolean => additive.has(unit);

/** One window in place of these (of one job and step, oldest first, each end and revision once). */
export const mergeWindows = (windows: readonly StoredWindow[]): StoredWindow | undefined => {
  const newest = newestRevisions(windows);
  const last = newest.at(-1);
  if (!last) return undefined;
  const kept = withoutOverlap(newest);
  const merged = new Map<string, Measurement>();
  for (const window of newest) {
    const counts = kept.has(window);
    for (const one of window.measurements) {
      if (additive.has(one.unit) && !counts) continue;
      const key = `${one.name}\n${labelsKey(one.labels)}`;
      const before = merged.get(key);
      const value = before && additive.has(one.unit) ? before.value + one.value : one.value;
      merged.set(key, { ...one, value });
    }
  }
  const from = [...kept].reduce((least, window) => Math.min(least, window.from), last.from);
  const revision = newest.reduce((most, window) => Math.max(most, window.revision), 0);
  return { from, to: last.to, revision, measurements: [...merged.values()] };
};

/** Of each window end only the highest revision, oldest first. */
export const newestRevisions = <Window extends StoredWindow>(windows: readonly Window[]): Window[] => {
  const byEnd = new Map<number, Window>();
  for (const window of windows) {
    const known = byEnd.get(window.to);
    if (!known || known.revision <= window.revision) byEnd.set(window.to, window);
  }
  return [...byEnd.values()].sort((left, right) => left.to - right.to);
};

/** Counted back from the newest, every window that ends where or before the one after it starts. */
const withoutOverlap = (windows: readonly StoredWindow[]): Set<StoredWindow> => {
  const kept = new Set<StoredWindow>();
  let open = Number.POSITIVE_INFINITY;
  for (const window of [...windows].reverse()) {
    if (window.to > open) continue;
    kept.add(window);
    open = window.from;
  }
  return kept;
};
