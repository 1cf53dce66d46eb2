// For tests of the API: what it published is worked off by the pipeline's own cores (analyze, snapshot, archive) over a log in memory.
import { type AnalysisFinished, type AnalysisRequested, analysisRequested, type Failure } from "@logwatch/events";
import * as analysisPlugins from "../../functions/analyses/index.ts";
import { runAnalyses } from "../../functions/analyze/run-analyses.ts";
import { archiveResults } from "../../functions/archive/archive-results.ts";
import { registry } from "../../functions/lib/registry.ts";
import { fail, ok } from "../../functions/lib/result.ts";
import { keepSnapshots } from "../../functions/snapshot/keep-snapshots.ts";
import { openMemory } from "../../functions/sources/memory.ts";
import type { MemoryLog } from "../../functions/sources/memory-log.ts";
import { job as sampleJob } from "../../functions/storage/suite-samples.ts";
import { type Identity, start, type TestApi } from "./test-api.ts";

const minute = 60_000;

/** Work that was published, done when `work` is called; `asked` counts questions. Set `failure` to have the source refuse. */
export const openPipeline = (api: TestApi, log: MemoryLog) => {
  const source = openMemory(log, () => api.clock.now);
  const state: { asked: number; failure: Failure | undefined } = { asked: 0, failure: undefined };
  const now = () => api.clock.now;
  const requests = (): AnalysisRequested[] =>
    api.published
      .splice(0)
      .filter(({ topic }) => topic === "logwatch.analysis.requested")
      .map(({ value }) => analysisRequested.parse(JSON.parse(value)));
  const work = async (events = requests()): Promise<number> => {
    if (events.length === 0) return 0;
    await runAnalyses(events, {
      openSource: async () =>
        ok({
          ...source,
          ask: async (question, signal) => {
            state.asked += 1;
            return state.failure ? fail(state.failure) : source.ask(question, signal);
          },
        }),
      findAnalysis: registry("analysis", analysisPlugins).find,
      cancelledRuns: api.storage.runs.cancelled,
      emit: async (_topic, keyed) => {
        const finished: AnalysisFinished[] = [];
        for (const { event } of keyed) if (event.type === "analysis.finished") finished.push(event);
        await keepSnapshots(finished, { ...api.storage, now, log: () => undefined });
        await archiveResults(finished, { ...api.storage, now });
      },
      now,
      maxConcurrent: 4,
      timeoutMs: 5000,
      latenessMs: 0,
      searchLagMs: 0,
      onBlind: () => undefined,
    });
    return events.length;
  };
  /** Works as it comes in, while `call` is under way. */
  const during = async <Value>(call: Promise<Value>): Promise<Value> => {
    let isOver = false;
    const ended = call.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      await work();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return ended;
  };
  return { state, work, during, requests };
};

/** A service `auth` of this owner with a job `logins` each minute, for an hour now. */
export const watchAuth = async ({ storage }: TestApi, { user }: Identity): Promise<void> => {
  const { configuration, members } = storage;
  const source = { id: "source", name: "our store", kind: "graylog", params: {}, secret: "" };
  const service = { id: "auth", name: "sign-ins", sourceId: "source", filter: "service:auth", colour: "#000000" };
  await configuration.put("sources", user.id, source, 0, start);
  await configuration.put("services", user.id, service, 0, start);
  await members.put("auth", user.id, "owner", start);
  const timing = { everyMs: minute, windowMs: 2 * minute, delayMs: 30_000, startAt: start - 60 * minute };
  const job = sampleJob("logins", { name: "logins", analysis: "log-search", params: {}, ownerId: user.id, ...timing });
  if (!(await configuration.putJob(user.id, job, [], 0, start))) throw new Error("The job was not made.");
};
