// Manual runs on their way through analyze, archive and snapshot: shared with a job's question, ended once, cancelled before or after.
import type { AnalysisFinished } from "@logwatch/events";
import { expect, test } from "vitest";
import { runJobId, runRequest } from "../lib/runs.ts";
import { requestFor } from "../lib/slots.ts";
import { openMemory } from "../sources/memory.ts";
import type { OpenSource } from "../sources/source.ts";
import { line, matches, minute, request, run, start } from "./test-run.ts";

const window = { from: start, to: start + minute };
const question = {
  name: "by hand",
  analysis: "log-search",
  params: {},
  sourceId: "source",
  serviceId: "auth",
  serviceName: "auth",
  filter: "service:auth",
  window,
};
const manual = (runId: string) => runRequest({ runId, ...question }, start + 2 * minute);
const resultOf = (finished: AnalysisFinished[], jobId: string) => finished.find((one) => one.data.jobId === jobId);

const counted = () => {
  const { ask } = openMemory([line(start), line(start + 1)]);
  let asked = 0;
  const source: OpenSource = {
    ask: (...args) => {
      asked += 1;
      return ask(...args);
    },
  };
  return { source, asked: () => asked };
};

test("a run and a job that ask the same thing share a partition and one question", async () => {
  const { source, asked } = counted();
  const job = { ...question, id: "job", everyMs: minute, windowMs: minute, delayMs: 0, cursor: start };
  const due = requestFor(job, window.to, "due", 0);
  const { key, event } = manual("1");
  const like = runRequest({ runId: "2", ...question }, start, { windowMs: minute, everyMs: minute });
  expect(like.key).toBe(key);
  const { finished } = await run([request(due), event], source);
  expect(asked()).toBe(1);
  expect([matches(resultOf(finished, "job")), matches(resultOf(finished, runJobId("1")))]).toEqual([2, 2]);
});

test("a run that was cancelled before it began is answered and not asked; its neighbours are", async () => {
  const { source, asked } = counted();
  const looked: (readonly string[])[] = [];
  const cancelledRuns = async (ids: readonly string[]) => {
    looked.push(ids);
    return new Set(["1"]);
  };
  const { finished } = await run([manual("1").event, request({ params: { filter: "" } }), manual("2").event], source, {
    cancelledRuns,
  });
  expect(looked).toEqual([["1", "2"]]);
  expect(asked()).toBe(2);
  expect(resultOf(finished, runJobId("1"))?.data).toMatchObject({ outcome: "failed", reason: "manual" });
  expect([matches(resultOf(finished, "job")), matches(resultOf(finished, runJobId("2")))]).toEqual([2, 2]);
});

test("nobody looks for cancelled runs in a batch without manual ones, and no job waits for a database that is gone", async () => {
  const { source } = counted();
  let looked = 0;
  const cancelledRuns = () => {
    looked += 1;
    return Promise.reject(new Error("no database"));
  };
  await run([request()], source, { cancelledRuns });
  expect(looked).toBe(0);
  const { finished } = await run([request(), manual("1").event], source, { cancelledRuns });
  expect(looked).toBe(1);
  expect(finished.map((one) => one.data.outcome)).toEqual(["complete", "complete"]);
});
