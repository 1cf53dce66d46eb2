// History in memory: the windows of each job, oldest first. Results mostly come in order, so most go to the end.
import type { Labels } from "@logwatch/events";
import type { MeasurementStore, StoredMeasurement } from "./measurements.ts";
import { seriesOf } from "./measurements-series.memory.ts";
import {
  mergeWindows,
  newestRevisions,
  type StoredWindow,
  stepOf,
  stepsWithin,
  tierEnd,
  tiers,
} from "./thin-windows.ts";

type Kept = StoredWindow & { tier: number };

export const memoryMeasurements = (): MeasurementStore => {
  const byJob = new Map<string, Kept[]>();
  return {
    append: async (results) => {
      for (const result of results) {
        if (result.outcome !== "complete") continue;
        const { jobId, revision, measurements, window } = result;
        const windows = byJob.get(jobId) ?? [];
        byJob.set(jobId, windows);
        put(windows, { from: window.from, to: window.to, revision, measurements, tier: 0 });
      }
    },
    read: async ({ jobId, from, until, name }) => {
      const windows = byJob.get(jobId) ?? [];
      const found = windows.slice(firstAfter(windows, from), firstAfter(windows, until));
      return newestRevisions(found).flatMap((window) => toStored(jobId, window, name));
    },
    newest: async (jobId) => {
      const last = byJob.get(jobId)?.at(-1);
      if (!last) return undefined;
      const { from, to, revision, measurements } = structuredClone(last);
      return { from, to, revision, measurements };
    },
    series: async (query) => {
      const windows = byJob.get(query.jobId) ?? [];
      const found = windows.slice(firstAfter(windows, query.from), firstAfter(windows, query.until));
      return seriesOf(newestRevisions(found), query);
    },
    forgetJobs: async (jobIds) => {
      for (const jobId of jobIds) byJob.delete(jobId);
    },
    thin: async (now, limit) => {
      let rows = 0;
      for (const tier of tiers) {
        const until = tierEnd(now, tier);
        for (const [jobId, windows] of byJob) {
          if (rows >= limit) return rows;
          const old = windows.filter((one) => one.tier === tier.tier && one.to <= until);
          const size = tier.stepMs === null ? limit - rows : stepsWithin(old, tier.stepMs, limit - rows, rows === 0);
          const taken = new Set(old.slice(0, size));
          if (taken.size === 0) continue;
          const rest = windows.filter((one) => !taken.has(one));
          if (tier.stepMs !== null) for (const one of merge([...taken], tier.stepMs, tier.tier + 1)) put(rest, one);
          byJob.set(jobId, rest);
          rows += taken.size;
        }
      }
      return rows;
    },
  };
};

const order = (left: StoredWindow, right: StoredWindow): number => left.to - right.to || left.revision - right.revision;

/** In its place; in place of an equal one. */
const put = (windows: Kept[], window: Kept): void => {
  let index = windows.length;
  for (; index > 0; index -= 1) {
    const before = windows[index - 1];
    const compared = before ? order(before, window) : -1;
    if (compared === 0) {
      windows[index - 1] = window;
      return;
    }
    if (compared < 0) break;
  }
  if (index === windows.length) windows.push(window);
  else windows.splice(index, 0, window);
};

/** Index of the first window that ends after `at`. */
const firstAfter = (windows: readonly StoredWindow[], at: number): number => {
  let low = 0;
  let high = windows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((windows[middle]?.to ?? at) > at) high = middle;
    else low = middle + 1;
  }
  return low;
};

const toStored = (jobId: string, window: StoredWindow, name: string | undefined): StoredMeasurement[] =>
  window.measurements
    .filter((one) => name === undefined || one.name === name)
    .map((one) => ({
      jobId,
      from: window.from,
      to: window.to,
      revision: window.revision,
      name: one.name,
      labels: { ...one.labels } satisfies Labels,
      value: one.value,
      unit: one.unit,
    }));

const merge = (windows: readonly Kept[], stepMs: number, tier: number): Kept[] => {
  const steps = new Map<number, Kept[]>();
  for (const window of windows) {
    const step = stepOf(window.to, stepMs);
    const group = steps.get(step);
    if (group) group.push(window);
    else steps.set(step, [window]);
  }
  return [...steps.values()].flatMap((group) => {
    const merged = mergeWindows(group);
    return merged ? [{ ...merged, tier }] : [];
  });
};
