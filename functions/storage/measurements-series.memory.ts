// History as few points, from windows in memory. What `measurements-series.sql.ts` has the database do.
import { labelsKey } from "../lib/labels.ts";
import {
  type Bucket,
  bucketStart,
  type DownsampledSeries,
  pointOf,
  rankSeries,
  type SeriesKey,
  type SeriesQuery,
  stepFor,
  type Totals,
} from "./measurements-series.ts";
import type { StoredWindow } from "./thin-windows.ts";

/** `tier` 0 is as measured; thinned windows never overlap. */
type Tiered = StoredWindow & { tier: number };

/** `windows`: those of the period, oldest first, each end once. */
export const seriesOf = (windows: readonly Tiered[], query: SeriesQuery): DownsampledSeries => {
  const stepMs = stepFor(query.from, query.until, query.maxPoints);
  const groups = new Map<number, { bucket: Bucket; members: Tiered[] }>();
  let before: Tiered | undefined;
  for (const window of windows) {
    const at = bucketStart(window.to, stepMs);
    const overlaps = before !== undefined && window.tier === 0 && before.to > window.from;
    before = window;
    const group = groups.get(at);
    if (!group) {
      groups.set(at, { bucket: { at, from: window.from, to: window.to, windows: 1, overlaps }, members: [window] });
      continue;
    }
    group.members.push(window);
    const { bucket } = group;
    bucket.from = Math.min(bucket.from, window.from);
    bucket.to = Math.max(bucket.to, window.to);
    bucket.windows += 1;
    bucket.overlaps ||= overlaps;
  }
  const { chosen, left } = rankSeries(windows, query);
  const series = chosen.map((key) => ({
    ...key,
    points: [...groups.values()].flatMap(({ bucket, members }) => pointOf(bucket, key, totalsOf(members, key)) ?? []),
  }));
  return { stepMs, series, left };
};

const totalsOf = (windows: readonly StoredWindow[], key: SeriesKey): Totals | undefined => {
  const labels = labelsKey(key.labels);
  const values = windows.flatMap((window) =>
    window.measurements
      .filter((one) => one.name === key.name && labelsKey(one.labels) === labels)
      .map((one) => one.value),
  );
  if (values.length === 0) return undefined;
  return {
    windows: values.length,
    sum: values.reduce((sum, value) => sum + value, 0),
    min: Math.min(...values),
    max: Math.max(...values),
  };
};
