// Archive over memory stores: what history and the ledger hold after results came, twice, failed, or late.
import type { AnalysisFinished, AnalysisResult, Failure } from "@logwatch/events";
import { expect, test } from "vitest";
import { runJobId } from "../lib/runs.ts";
import { openMemoryStorage } from "../storage/open-storage.ts";
import { archiveResults } from "./archive-results.ts";

const minute = 60_000;
const start = Date.UTC(2026, 10, 22, 12);

const finished = (slot: number, over: Partial<AnalysisResult> = {}): AnalysisFinished => {
  const to = start + slot * minute;
  const data: AnalysisResult = {
    slotId: `job@${to}`,
    jobId: "job",
    jobName: "failures",
    analysis: "failed-logins",
    serviceId: "auth",
    serviceName: "auth",
    window: { from: to - minute, to },
    everyMs: minute,
    delayMs: 0,
    revision: 0,
    reason: "due",
    outcome: "complete",
    failure: null,
    measurements: [{ name: "failures", labels: {}, value: slot, unit: "count" }],
    views: [],
    examples: [],
    truncated: [],
    finishedAt: to,
    ...over,
  };
  return { id: `${data.slotId}.${data.revision}.finished`, type: "analysis.finished", at: to, cause: null, data };
};

const unreachable: Failure = { kind: "unreachable", message: "connect ECONNREFUSED", retryable: true };
const failed = (slot: number, over: Partial<AnalysisResult> = {}) =>
  finished(slot, { outcome: "failed", failure: unreachable, measurements: [], ...over });

const open = () => {
  const storage = openMemoryStorage();
  const archive = (events: AnalysisFinished[], now = start) => archiveResults(events, { ...storage, now: () => now });
  const ledger = async () =>
    (await storage.coverage.read("job", 0, Number.MAX_SAFE_INTEGER)).map(
      ({ from, to, state }) => `${(from - start) / minute}-${(to - start) / minute} ${state}`,
    );
  const ranges = () => storage.coverage.read("job", 0, Number.MAX_SAFE_INTEGER);
  return { storage, archive, ledger, ranges };
};

test("windows that tile are one range of the ledger, never a row a slot", async () => {
  const { archive, ledger } = open();
  for (let slot = 1; slot <= 100; slot += 1) await archive([finished(slot)]);
  expect(await ledger()).toEqual(["0-100 complete"]);
});

test("a result that comes twice changes nothing", async () => {
  const { archive, ledger } = open();
  const batch = [finished(1), finished(2), failed(3)];
  await archive(batch);
  const once = await ledger();
  await archive(batch);
  expect(await ledger()).toEqual(once);
});

test("a failed window is a gap with its reason and a time to ask again, never a zero", async () => {
  const { archive, ledger, ranges, storage } = open();
  await archive([finished(1), failed(2), finished(3)], start + 2 * minute);
  expect(await ledger()).toEqual(["0-1 complete", "1-2 failed", "2-3 complete"]);
  const [, gap] = await ranges();
  expect(gap).toMatchObject({ reason: "unreachable: connect ECONNREFUSED", retryAt: start + 2 * minute + 30_000 });
  expect(await storage.coverage.retryable(start + 3 * minute, 10)).toHaveLength(1);
});

test("a failure that asking again cannot cure is not asked again", async () => {
  const { archive, storage } = open();
  await archive([failed(1, { failure: { kind: "bad-query", message: "no", retryable: false } })]);
  expect(await storage.coverage.retryable(Number.MAX_SAFE_INTEGER, 10)).toEqual([]);
});

test("a token that expired is put right some day: what was refused is asked again", async () => {
  const { archive, storage } = open();
  await archive([failed(1, { failure: { kind: "refused", message: "401", retryable: false } })]);
  expect(await storage.coverage.retryable(start + minute, 10)).toHaveLength(1);
});

test("the longer it fails, the longer is waited: 30 s at first, 15 min at most, given up after a day", async () => {
  const waits: (number | null)[] = [];
  for (const afterMs of [0, minute, 10 * minute, 3_600_000, 86_400_001]) {
    const { archive, ranges } = open();
    const now = start + minute + afterMs;
    await archive([failed(1)], now);
    const [gap] = await ranges();
    waits.push(gap?.retryAt ? gap.retryAt - now : null);
  }
  expect(waits).toEqual([30_000, minute, 10 * minute, 900_000, null]);
});

test("a failed window that is answered later is complete; one that late logs changed is revised", async () => {
  const { archive, ledger } = open();
  await archive([failed(1), finished(2)]);
  await archive([finished(1, { revision: 1, reason: "retry" }), finished(2, { revision: 1, reason: "late-logs" })]);
  expect(await ledger()).toEqual(["0-1 complete", "1-2 revised"]);
});

test("asking again in vain takes no answer away", async () => {
  const { archive, ledger } = open();
  await archive([finished(1)]);
  await archive([failed(1, { revision: 2, reason: "late-logs" })]);
  expect(await ledger()).toEqual(["0-1 complete"]);
});

test("overlapping windows answer for their own interval only", async () => {
  const { archive, ledger } = open();
  const wide = (slot: number) => {
    const to = start + slot * minute;
    return finished(slot, { window: { from: to - 5 * minute, to } });
  };
  await archive([wide(1), wide(2), wide(4)]);
  expect(await ledger()).toEqual(["0-2 complete", "3-4 complete"]);
});

test("a manual run ends with its result, keeps its values and leaves no trace in the ledger", async () => {
  const { archive, storage } = open();
  const window = { from: start, to: start + minute };
  const asked = { userId: "u", serviceId: "auth", jobId: null, analysis: "failed-logins", params: {}, window };
  for (const id of ["good", "bad", "late"]) await storage.runs.create({ ...asked, id, requestedAt: start });
  await storage.runs.cancel("late", start + 1);
  const manual = (id: string) => ({ jobId: runJobId(id), slotId: runJobId(id), reason: "manual" as const });
  const batch = [finished(1, manual("good")), failed(1, manual("bad")), finished(1, manual("late")), finished(1)];
  await archive(batch, start + 2 * minute);
  await archive(batch, start + 3 * minute);
  expect(await storage.runs.find(["good", "bad", "late"])).toMatchObject([
    { state: "finished", finishedAt: start + 2 * minute, failure: null },
    { state: "failed", finishedAt: start + 2 * minute, failure: unreachable },
    { state: "cancelled", finishedAt: null },
  ]);
  expect((await storage.measurements.newest(runJobId("good")))?.measurements[0]?.value).toBe(1);
  for (const id of ["good", "bad"]) expect(await storage.coverage.read(runJobId(id), 0, start * 2)).toEqual([]);
  expect(await storage.coverage.read("job", 0, start * 2)).toHaveLength(1);
});
