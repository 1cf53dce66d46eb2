// For tests of the analyze step: a minute's request, a log line, and a run over a source with what it published.
import type { AnalysisFinished, AnalysisRequest, AnalysisRequested, LogEntry } from "@logwatch/events";
import * as analysisPlugins from "../analyses/index.ts";
import { registry } from "../lib/registry.ts";
import { ok } from "../lib/result.ts";
import type { OpenSource } from "../sources/source.ts";
import { type AnalyzePorts, runAnalyses } from "./run-analyses.ts";

export const minute = 60_000;
export const start = Date.UTC(2026, 10, 22, 12);

export const request = (over: Partial<AnalysisRequest> = {}): AnalysisRequested => {
  const window = over.window ?? { from: start, to: start + minute };
  const data: AnalysisRequest = {
    slotId: `job@${window.to}`,
    jobId: "job",
    jobName: "matches",
    analysis: "log-search",
    params: {},
    sourceId: "source",
    serviceId: "auth",
    serviceName: "auth",
    filter: "service:auth",
    window,
    everyMs: minute,
    delayMs: 0,
    revision: 0,
    reason: "due",
    dueAt: window.to,
    ...over,
  };
  return { id: `${data.slotId}.${data.revision}`, type: "analysis.requested", at: window.to, cause: null, data };
};

export const line = (at: number): LogEntry => ({
  at,
  service: "auth",
  host: "h",
  level: 6,
  message: "login failed",
  fields: {},
});

export const run = async (requests: AnalysisRequested[], source: OpenSource, over: Partial<AnalyzePorts> = {}) => {
  const finished: AnalysisFinished[] = [];
  const again: AnalysisRequested[] = [];
  await runAnalyses(requests, {
    openSource: async () => ok(source),
    findAnalysis: registry("analysis", analysisPlugins).find,
    emit: async (_topic, events) => {
      for (const { event } of events) {
        if (event.type === "analysis.finished") finished.push(event);
        if (event.type === "analysis.requested") again.push(event);
      }
    },
    now: () => start + 10 * minute,
    maxConcurrent: 4,
    timeoutMs: 5_000,
    latenessMs: 60 * minute,
    searchLagMs: 0,
    onBlind: () => undefined,
    ...over,
  });
  return { finished, again };
};

/** Counts how often a source is asked. */

/** What `log-search` counted. */
export const matches = (event: AnalysisFinished | undefined): number | undefined =>
  event?.data.measurements.find((measurement) => measurement.name === "matches")?.value;
