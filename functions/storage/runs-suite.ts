// What every store of runs promises: a run ends once, belongs to one user, and goes with its values.
import { expect, test } from "vitest";
import { runJobId } from "../lib/runs.ts";
import type { NewRun } from "./runs.ts";
import { type OpenStorage, result } from "./suite-samples.ts";

const run = (id: string, over: Partial<NewRun> = {}): NewRun => ({
  id,
  userId: "ann",
  serviceId: "auth",
  jobId: null,
  analysis: "log-search",
  params: { filter: 'user:"ro\'ot\\ 😀" :x' },
  window: { from: 1000, to: 61_000 },
  requestedAt: 5000,
  ...over,
});

const failure = { kind: "timeout", message: "It's late.", retryable: true } as const;

export const runsSuite = (open: OpenStorage): void => {
  test("a run comes back as it was made, once, and waits", async () => {
    const { runs } = await open();
    await runs.create(run("1"));
    await runs.create(run("1", { analysis: "other" }));
    const waiting = { state: "queued", failure: null, finishedAt: null, cancelledAt: null };
    expect(await runs.find(["1"])).toEqual([{ ...run("1"), ...waiting }]);
    expect(await runs.find(["2"])).toEqual([]);
  });

  test("it ends once: finished, failed or cancelled, whatever is said later", async () => {
    const { runs } = await open();
    for (const id of ["answered", "broken", "unwanted"]) await runs.create(run(id));
    expect(await runs.cancel("unwanted", 7000)).toBe(true);
    await runs.end([
      { id: "answered", failure: null, at: 8000 },
      { id: "broken", failure, at: 8000 },
      { id: "unwanted", failure: null, at: 8000 },
      { id: "none", failure: null, at: 8000 },
    ]);
    await runs.end([
      { id: "answered", failure, at: 9000 },
      { id: "broken", failure: null, at: 9000 },
    ]);
    await runs.end([]);
    expect([
      await runs.cancel("answered", 9000),
      await runs.cancel("unwanted", 9000),
      await runs.cancel("none", 1),
    ]).toEqual([false, false, false]);
    expect(await runs.find(["answered"])).toMatchObject([{ state: "finished", failure: null, finishedAt: 8000 }]);
    expect(await runs.find(["broken"])).toMatchObject([{ state: "failed", failure, finishedAt: 8000 }]);
    expect(await runs.find(["unwanted"])).toMatchObject([{ state: "cancelled", finishedAt: null, cancelledAt: 7000 }]);
    expect(await runs.cancelled(["answered", "unwanted", "none"])).toEqual(new Set(["unwanted"]));
    expect(await runs.cancelled([])).toEqual(new Set());
  });

  test("each user lists their own, newest first, page by page", async () => {
    const { runs } = await open();
    for (const id of ["1", "2", "3", "4"]) await runs.create(run(id, { userId: id === "3" ? "user002" : "ann" }));
    const ids = async (before?: string) => (await runs.list({ userId: "ann", before, limit: 2 })).map((one) => one.id);
    expect([await ids(), await ids("2"), await ids("1")]).toEqual([["4", "2"], ["1"], []]);
  });

  test("old runs go with their values, a bounded number at a time, and so do those of a user who goes", async () => {
    const { runs, measurements } = await open();
    for (let n = 1; n <= 5; n += 1) {
      await runs.create(run(`${n}`, { requestedAt: n * 1000, userId: n === 5 ? "user002" : "ann" }));
      await measurements.append([result(runJobId(`${n}`), 61_000)]);
    }
    const valuesOf = async () => {
      const kept: number[] = [];
      for (let n = 1; n <= 5; n += 1) if (await measurements.newest(runJobId(`${n}`))) kept.push(n);
      return kept;
    };
    expect([await runs.forget(3500, 2), await valuesOf()]).toEqual([2, [3, 4, 5]]);
    expect([await runs.forget(3500, 2), await runs.forget(3500, 2), await valuesOf()]).toEqual([1, 0, [4, 5]]);
    await runs.forgetUser("ann");
    expect([(await runs.find(["4", "5"])).map(({ id }) => id), await valuesOf()]).toEqual([["5"], [5]]);
  });
};
