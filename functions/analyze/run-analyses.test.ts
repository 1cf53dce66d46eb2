// Analyze over a log in memory: shared questions, failures as results, late logs.
import type { AnalysisFinished, AnalysisRequest, AnalysisRequested, Failure, LogEntry } from "@logwatch/events";
import { expect, test } from "vitest";
import * as analysisPlugins from "../analyses/index.ts";
import { registry } from "../lib/registry.ts";
import { fail, ok } from "../lib/result.ts";
import { openMemory } from "../sources/memory.ts";
import { memoryLog } from "../sources/memory-log.ts";
import type { OpenSource } from "../sources/source.ts";
import { type AnalyzePorts, runAnalyses } from "./run-analyses.ts";

const minute = 60_000;
const start = Date.UTC(2026, 10, 22, 12);

const request = (over: Partial<AnalysisRequest> = {}): AnalysisRequested => {
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
    startAt: start - 60 * minute,
    revision: 0,
    reason: "due",
    dueAt: window.to,
    ...over,
  };
  return { id: `${data.slotId}.${data.revision}`, type: "analysis.requested", at: window.to, cause: null, data };
};

const line = (at: number): LogEntry => ({
  at,
  service: "auth",
  host: "h",
  level: 6,
  message: "login failed",
  fields: {},
});

const run = async (requests: AnalysisRequested[], source: OpenSource, over: Partial<AnalyzePorts> = {}) => {
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
const counted = (source: OpenSource): OpenSource & { asked: () => number } => {
  let asked = 0;
  const ask: OpenSource["ask"] = (question, signal) => {
    asked += 1;
    return source.ask(question, signal);
  };
  return { ...source, ask, asked: () => asked };
};

const matches = (event: AnalysisFinished | undefined): number | undefined =>
  event?.data.measurements.find((measurement) => measurement.name === "matches")?.value;

test("requests that ask the same thing are asked once, and each gets its own result", async () => {
  const source = counted(openMemory([line(start), line(start + 1)]));
  const requests = Array.from({ length: 50 }, (_, index) =>
    request({ jobId: `job-${index}`, slotId: `job-${index}@1` }),
  );
  const { finished } = await run(requests, source);
  expect(source.asked()).toBe(1);
  expect(finished.map((event) => [event.data.jobId, matches(event)])).toEqual(
    requests.map((one) => [one.data.jobId, 2]),
  );
});

test("another window, filter or parameter is another question", async () => {
  const source = counted(openMemory([]));
  const later = { from: start + minute, to: start + 2 * minute };
  await run(
    [request(), request({ window: later }), request({ filter: "service:dns" }), request({ params: { filter: "x:1" } })],
    source,
  );
  expect(source.asked()).toBe(4);
});

test.each(["unreachable", "refused", "timeout", "bad-query", "overloaded"] as const)(
  "a source that fails (%s) gives a failed result, never a zero",
  async (kind) => {
    const failure: Failure = { kind, message: "no", retryable: kind !== "bad-query" };
    const { finished } = await run([request()], { ask: async () => fail(failure) });
    expect(finished[0]?.data).toMatchObject({ outcome: "failed", failure, measurements: [], views: [] });
  },
);

test("an analysis that does not exist, or parameters it does not know, fail with the reason and are not asked", async () => {
  const source = counted(openMemory([]));
  const { finished } = await run([request({ analysis: "nothing" }), request({ params: { nonsense: 1 } })], source);
  expect(source.asked()).toBe(0);
  expect(finished.map((event) => event.data.failure?.kind)).toEqual(["bad-query", "bad-query"]);
});

test("a question that fails takes no neighbour with it", async () => {
  const memory = openMemory([line(start)]);
  const source: OpenSource = {
    ask: (question, signal) =>
      question.filters.includes("service:dns")
        ? Promise.resolve(fail({ kind: "timeout", message: "slow", retryable: true }))
        : memory.ask(question, signal),
  };
  const { finished } = await run([request(), request({ jobId: "other", filter: "service:dns" })], source);
  expect(finished.map((event) => [event.data.jobId, event.data.outcome]).sort()).toEqual([
    ["job", "complete"],
    ["other", "failed"],
  ]);
});

test("a slot already judged is asked again when logs arrive late for it", async () => {
  const log = memoryLog();
  // It happened in the first minute and arrived in the third.
  log.add([line(start + 30_000)], start + 2.5 * minute);
  const third = request({ window: { from: start + 2 * minute, to: start + 3 * minute } });
  const { again } = await run([third], openMemory(log));
  expect(again.map(({ data }) => [data.window, data.revision, data.reason])).toEqual([
    [{ from: start, to: start + minute }, 2, "late-logs"],
  ]);
  const revised = await run(again, openMemory(log));
  expect([matches(revised.finished[0]), revised.again]).toEqual([1, []]);
});

test("logs that arrived in time are not late", async () => {
  const log = memoryLog();
  log.add([line(start + minute - 1)], start + minute + 4_000);
  const second = request({ window: { from: start + minute, to: start + 2 * minute }, delayMs: 5_000 });
  expect((await run([second], openMemory(log))).again).toEqual([]);
});

test("looking for late logs tiles: each arrival is found by exactly one slot", async () => {
  const log = memoryLog();
  for (let arrived = start + 5 * minute; arrived < start + 8 * minute; arrived += 7_000)
    log.add([line(start + 10)], arrived);
  let found = 0;
  for (let slot = 2; slot < 12; slot += 1) {
    const window = { from: start + (slot - 1) * minute, to: start + slot * minute };
    found += (await run([request({ window, delayMs: 3_000 })], openMemory(log))).again.length;
  }
  // Arrivals from 5:00 to 8:00 fall into the looks of the slots that end at 5:00, 6:00, 7:00 and 8:00, shifted by the delay.
  expect(found).toBe(4);
});

test("a log that no search found yet when its slot looked is found by the next look, however late it shows", async () => {
  const log = memoryLog();
  log.add([line(start + 30_000)], start + 3 * minute + 25_000);
  // Found nine seconds after it was received: after the look of the slot that ends at 3:00, before that of the next.
  const slots = [3, 4].map((slot) =>
    request({ window: { from: start + (slot - 1) * minute, to: start + slot * minute }, delayMs: 30_000 }),
  );
  const found = await Promise.all(
    slots.map(async (slot) => {
      const source = openMemory(log, () => slot.data.window.to + slot.data.delayMs - 9_000);
      return (await run([slot], source, { searchLagMs: 10_000 })).again.map(({ data }) => data.window.from - start);
    }),
  );
  expect(found).toEqual([[], [0]]);
});

test("a delay shorter than the log store's lag loses nothing: the end of each window is asked once more", async () => {
  const log = memoryLog();
  // Received within the window, and found only nine seconds later: when its own slot asked, it was not there.
  log.add([line(start + 2.9 * minute)], start + 2.9 * minute);
  const windowOf = (slot: number) => ({ from: start + (slot - 1) * minute, to: start + slot * minute });
  const again = async (slot: number) =>
    (await run([request({ window: windowOf(slot), delayMs: 3_000 })], openMemory(log), { searchLagMs: 10_000 })).again;
  expect(await again(3)).toEqual([]);
  expect((await again(4)).map(({ data }) => (data.window.to - start) / minute)).toEqual([3]);
});

test("a slot that was answered sooner than the one before it waits for it: none is overtaken", async () => {
  const slots = [1, 2, 3, 4].map((slot) =>
    request({ window: { from: start + (slot - 1) * minute, to: start + slot * minute } }),
  );
  const other = request({ jobId: "other", filter: "service:dns" });
  const { ask } = openMemory([line(start + 90_000)]);
  const slow: OpenSource["ask"] = async (question, signal) => {
    if (question.window.to === start + 2 * minute) await new Promise((resolve) => setTimeout(resolve, 40));
    return ask(question, signal);
  };
  const { finished } = await run([...slots, other], { ask: slow }, { maxConcurrent: 8 });
  const ends = (jobId: string) =>
    finished.filter(({ data }) => data.jobId === jobId).map(({ data }) => (data.window.to - start) / minute);
  expect(ends("job")).toEqual([1, 2, 3, 4]);
  // A job that is quicker does not wait.
  expect(finished.findIndex(({ data }) => data.jobId === "other")).toBeLessThan(4);
});

test("a log store that cannot tell when logs arrived still answers; late ones are not noticed, and that is told", async () => {
  const told: string[] = [];
  const message = "it does not store when a message arrived";
  const arrivals: OpenSource["arrivals"] = async () => fail({ kind: "bad-query", message, retryable: false });
  const { ask } = openMemory([line(start + 30_000)]);
  const onBlind = (sourceId: string, failure: Failure) => void told.push(`${sourceId}: ${failure.message}`);
  const { finished } = await run([request()], { ask, arrivals }, { onBlind });
  expect(finished.map(({ data }) => data.outcome)).toEqual(["complete"]);
  expect(told).toEqual([`source: ${message}`]);
});

test("a look over a day of seconds asks for few enough buckets, and every late slot is still asked", async () => {
  const second = 1000;
  const log = memoryLog();
  const to = start + 24 * 60 * minute;
  log.add([line(start + 5 * second)], to - 500);
  const source = openMemory(log);
  let asked = 0;
  const arrivals: OpenSource["arrivals"] = (query, signal) => {
    asked = (query.happened.to - query.happened.from) / query.everyMs;
    return source.arrivals(query, signal);
  };
  const last = request({ window: { from: to - second, to }, everyMs: second, startAt: start });
  const { again } = await run([last], { ask: source.ask, arrivals }, { latenessMs: 24 * 60 * minute });
  expect(asked).toBeLessThanOrEqual(4000);
  expect(again.map(({ data }) => data.window.from)).toContain(start + 5 * second);
  expect(again.length).toBeLessThan(30);
});

test("where windows overlap, every window that holds the late log is asked again", async () => {
  const log = memoryLog();
  log.add([line(start + 30_000)], start + 5.5 * minute);
  const sixth = request({ window: { from: start + 3 * minute, to: start + 6 * minute } });
  const { again } = await run([sixth], openMemory(log));
  expect(again.map(({ data }) => (data.window.to - start) / minute)).toEqual([1, 2, 3]);
});

test("no slot before the job's first one is asked, however late its logs arrive; its first window looks further back", async () => {
  const log = memoryLog();
  log.add([line(start - 90_000), line(start - 10_000), line(start + 10_000)], start + 2.5 * minute);
  const windowOf = (slot: number, length = 1) => ({
    from: start + (slot - length) * minute,
    to: start + slot * minute,
  });
  const asked = async (over: Partial<AnalysisRequest>) =>
    (await run([request({ startAt: start, ...over })], openMemory(log))).again.map(
      ({ data }) => (data.window.to - start) / minute,
    );
  expect(await asked({ window: windowOf(3) })).toEqual([1]);
  // With windows of two minutes, the first slot's begins a minute before the job.
  log.add([line(start - 10_000)], start + 3.5 * minute);
  expect(await asked({ window: windowOf(4, 2) })).toEqual([1]);
});

test("the first slot of a job has nothing to look back to, and asks no second question", async () => {
  const source = openMemory([line(start)]);
  let looks = 0;
  const arrivals: OpenSource["arrivals"] = (query, signal) => {
    looks += 1;
    return source.arrivals(query, signal);
  };
  await run([request({ startAt: start })], { ask: source.ask, arrivals });
  expect(looks).toBe(0);
});

test("a slot is only complete when late logs were looked for", async () => {
  const memory = openMemory([line(start)]);
  const arrivals: OpenSource["arrivals"] = async () => fail({ kind: "overloaded", message: "503", retryable: true });
  const { finished } = await run([request()], { ask: memory.ask, arrivals });
  expect(finished[0]?.data.outcome).toBe("failed");
});

test("a fault of the bus is thrown, so that the batch is tried again", async () => {
  const emit = () => Promise.reject(new Error("broker gone"));
  await expect(run([request()], openMemory([]), { emit })).rejects.toThrow("broker gone");
});
