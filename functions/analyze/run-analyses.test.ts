// Analyze over a log in memory: shared questions, failures as results, the order of results.
import type { Failure } from "@logwatch/events";
import { expect, test } from "vitest";
import { fail } from "../lib/result.ts";
import { openMemory } from "../sources/memory.ts";
import type { OpenSource } from "../sources/source.ts";
import { line, matches, minute, request, run, start } from "./test-run.ts";

const counted = (source: OpenSource): OpenSource & { asked: () => number } => {
  let asked = 0;
  const ask: OpenSource["ask"] = (question, signal) => {
    asked += 1;
    return source.ask(question, signal);
  };
  return { ...source, ask, asked: () => asked };
};

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

test("a fault of the bus is thrown, so that the batch is tried again", async () => {
  const emit = () => Promise.reject(new Error("broker gone"));
  await expect(run([request()], openMemory([]), { emit })).rejects.toThrow("broker gone");
});
