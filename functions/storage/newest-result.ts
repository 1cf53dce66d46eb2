// Which of two results of a job is the one to show: the newer window, and of equal windows the higher revision. Pure.
import type { AnalysisResult } from "@logwatch/events";

type Age = Pick<AnalysisResult, "revision"> & { window: Pick<AnalysisResult["window"], "to"> };

export const isNewer = (left: Age, right: Age): boolean =>
  left.window.to !== right.window.to ? left.window.to > right.window.to : left.revision > right.revision;

/** One result a job; of equally new ones the last. */
export const newestOfEach = (results: readonly AnalysisResult[]): AnalysisResult[] => {
  const newest = new Map<string, AnalysisResult>();
  for (const result of results) {
    const known = newest.get(result.jobId);
    if (!known || !isNewer(known, result)) newest.set(result.jobId, result);
  }
  return [...newest.values()];
};
