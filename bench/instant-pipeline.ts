// The embedded pipeline of the benchmark: all steps on their topics over files in a folder, under a clock that runs as fast as they do.
import { join } from "node:path";
import { analysisRequested } from "@logwatch/events";
import * as analysisPlugins from "../functions/analyses/index.ts";
import { runAnalyses } from "../functions/analyze/run-analyses.ts";
import { archiveHandler } from "../functions/archive/handler.ts";
import { evaluateHandler } from "../functions/evaluate/handler.ts";
import { readConfig } from "../functions/lib/config.ts";
import { emitTo } from "../functions/lib/emit.ts";
import { type KafkaHandler, kafkaHandler } from "../functions/lib/lambda.ts";
import { openLog } from "../functions/lib/log.ts";
import type { Answer } from "../functions/lib/question.ts";
import { registry } from "../functions/lib/registry.ts";
import { ok } from "../functions/lib/result.ts";
import { notifyHandler } from "../functions/notify/handler.ts";
import { runTick, tickLimits } from "../functions/schedule/tick.ts";
import { snapshotHandler } from "../functions/snapshot/handler.ts";
import type { Configuration } from "../functions/storage/configuration.ts";
import { migrate } from "../functions/storage/migrate.ts";
import { openSqlStorage } from "../functions/storage/open-storage.ts";
import { startAurora } from "../simulators/cloud/aurora/aurora.ts";
import { openDatabaseAt } from "../simulators/cloud/aurora/open-database.ts";
import { createFaults } from "../simulators/cloud/faults.ts";
import { openKafka } from "../simulators/cloud/kafka/kafka.ts";
import { openRedis } from "../simulators/cloud/redis.ts";
import { connectSteps } from "../simulators/stack/connect-steps.ts";

export type Pipeline = {
  /** Runs whole slots of all jobs for about that long and waits until the last is judged, archived and kept; how many were judged. */
  runFor: (ms: number) => Promise<number>;
  close: () => Promise<void>;
};

const everyMs = 1000;

export const openPipeline = async (folder: string, jobs: number): Promise<Pipeline> => {
  const faults = createFaults();
  const aurora = await startAurora({ port: 0, file: join(folder, "aurora.db"), faults });
  const kafka = openKafka({ file: join(folder, "kafka.db"), faults });
  const redis = openRedis(faults);
  const db = openDatabaseAt(aurora.url);
  await migrate(db);
  const storage = openSqlStorage(db, redis);
  const clock = { now: 1_800_000_000_000 };
  await storage.configuration.apply("bench", configurationOf(jobs, clock.now));
  const config = readConfig({ LOGWATCH_SECRETS_KEY: Buffer.alloc(32).toString("base64") });
  const outside = { storage, emit: emitTo(kafka.publish), now: () => clock.now, log: openLog("warn"), config };
  const done = { evaluate: 0, archive: 0, snapshot: 0 };
  const counted =
    (step: keyof typeof done, handler: KafkaHandler): KafkaHandler =>
    async (event) => {
      const response = await handler(event);
      done[step] += Object.values(event.records).reduce((sum, records) => sum + records.length, 0);
      return response;
    };
  const analyze = kafkaHandler(analysisRequested, (events) =>
    runAnalyses(events, {
      openSource: async () => ok({ ask: async () => ok(instantAnswer) }),
      findAnalysis: registry("analysis", analysisPlugins).find,
      emit: outside.emit,
      now: outside.now,
      maxConcurrent: 8,
      timeoutMs: 10_000,
      latenessMs: 0,
      searchLagMs: 0,
      onBlind: () => undefined,
    }),
  );
  const mappings = connectSteps(kafka, {
    analyze,
    snapshot: counted("snapshot", snapshotHandler(outside)),
    archive: counted("archive", archiveHandler(outside)),
    evaluate: counted("evaluate", evaluateHandler(outside)),
    notify: notifyHandler(outside),
    deliver: {},
  });
  const tick = async (): Promise<number> => {
    let claims = 0;
    const newId = () => `${clock.now}-${claims++}`;
    const waitUntil = async () => true;
    return runTick(clock.now, { ...storage, ...outside, newId, waitUntil }, { ...tickLimits, aheadMs: 0 });
  };
  let asked = 0;
  const behind = () => asked - Math.min(done.evaluate, done.archive, done.snapshot);
  return {
    runFor: async (ms) => {
      const until = performance.now() + ms;
      const before = done.evaluate;
      while (performance.now() < until) {
        clock.now += everyMs;
        asked += await tick();
        // A few seconds of slots are under way at once, as when the schedule runs ahead of a busy pipeline; never more.
        while (behind() > 4 * jobs) await pause(1);
      }
      while (behind() > 0) await pause(1);
      return done.evaluate - before;
    },
    close: async () => {
      await Promise.all(mappings.map((mapping) => mapping.stop()));
      kafka.close();
      redis.disconnect();
      await aurora.close();
    },
  };
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What a log store would say of a minute with a few failed logins: counts, groups, an example. */
const instantAnswer: Answer = {
  truncated: false,
  parts: {
    matches: { kind: "count", count: 3 },
    examples: { kind: "messages", entries: [], next: null },
  },
};

const configurationOf = (jobs: number, now: number): Configuration => ({
  sources: [{ id: "instant", name: "instant", kind: "graylog", params: {}, secret: "" }],
  services: [{ id: "auth", name: "auth", sourceId: "instant", filter: "service:auth", colour: "#000000" }],
  destinations: [],
  jobs: Array.from({ length: jobs }, (_, index) => ({
    id: `job-${index}`,
    name: `job ${index}`,
    analysis: "log-search",
    // Distinct questions: nothing is shared between jobs.
    params: { filter: `user:user${index}` },
    serviceId: "auth",
    everyMs,
    windowMs: everyMs,
    delayMs: 0,
    enabled: true,
    ownerId: "bench",
    startAt: now,
  })),
  rules: Array.from({ length: jobs }, (_, index) => ({
    id: `rule-${index}`,
    jobId: `job-${index}`,
    name: "too many",
    kind: "threshold",
    // One in a hundred breaches: its state is kept, its findings booked.
    params: { measurement: "matches", op: "gt", limit: index % 100 === 0 ? 2 : 10 },
    severity: "warning" as const,
    holdMs: 0,
    clearAfterMs: 0,
    repeatMs: 0,
    repeatGrowth: 1,
    tellResolved: true,
    onFailure: "keep" as const,
    onNoData: "keep" as const,
    maxExamples: 10,
    maxTracked: 1000,
    flappingChanges: 0,
    flappingMs: 0,
    destinationIds: [],
    enabled: true,
  })),
});
