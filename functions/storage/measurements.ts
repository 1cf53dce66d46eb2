// History: every measurement of every job, never lost. Written by archive in batches, thinned by expire.
import type { AnalysisResult, Labels } from "@logwatch/events";
import type { DownsampledSeries, SeriesQuery } from "./measurements-series.ts";
import type { StoredWindow } from "./thin-windows.ts";

/** One stored value. `[from, to)` is what it covers, epoch ms: its window, or after thinning the windows it sums up. */
export type StoredMeasurement = {
  jobId: string;
  from: number;
  to: number;
  revision: number;
  name: string;
  labels: Labels;
  value: number;
  unit: string;
};

export type MeasurementStore = {
  /** Upserts by (job, to, revision, name, labels): repeating a result changes nothing. Failed results have none. */
  append: (results: readonly AnalysisResult[]) => Promise<void>;
  /** Values with `from < to <= until`, oldest first; of each window only its newest revision. */
  read: (query: { jobId: string; from: number; until: number; name?: string }) => Promise<StoredMeasurement[]>;
  /** The values of the newest window, at its newest revision. */
  newest: (jobId: string) => Promise<StoredWindow | undefined>;
  /** A period as few points, however many windows it has: at most `maxPoints` a series, of the `maxSeries` label sets that matter. */
  series: (query: SeriesQuery) => Promise<DownsampledSeries>;
  /** Takes all values of these away. */
  forgetJobs: (jobIds: readonly string[]) => Promise<void>;
  /**
   * Deletes or thins rows older than their tier allows: raw 7 days, minutes 30 days, hours 13 months. At most `limit` of them,
   * unless one step (a minute, an hour) alone is longer: it is never thinned in two halves. How many rows went.
   */
  thin: (now: number, limit: number) => Promise<number>;
};
