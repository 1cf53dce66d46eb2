// Snapshots: the newest complete result of each job, and nothing else suffers when Redis is gone.
import type { AnalysisFinished, AnalysisResult } from "@logwatch/events";
import { expect, test } from "vitest";
import { memoryChanges } from "../storage/changes.memory.ts";
import { memorySnapshots } from "../storage/snapshots.memory.ts";
import { keepSnapshots } from "./keep-snapshots.ts";

const finished = (jobId: string, to: number, over: Partial<AnalysisResult> = {}): AnalysisFinished => ({
  id: `${jobId}@${to}`,
  type: "analysis.finished",
  at: to,
  cause: null,
  data: {
    slotId: `${jobId}@${to}`,
    jobId,
    jobName: jobId,
    analysis: "log-search",
    serviceId: "s",
    serviceName: "s",
    window: { from: to - 1000, to },
    everyMs: 1000,
    delayMs: 0,
    revision: 0,
    reason: "due",
    outcome: "complete",
    failure: null,
    measurements: [],
    views: [],
    examples: [],
    truncated: [],
    finishedAt: to,
    ...over,
  },
});

const log = () => undefined;
const now = () => 5000;
const outside = () => ({ changes: memoryChanges(), log, now });

test("the newest window is kept, whatever order results come in; at equal windows the later revision", async () => {
  const snapshots = memorySnapshots();
  await keepSnapshots([finished("a", 3000), finished("a", 2000), finished("b", 1000)], { snapshots, ...outside() });
  await keepSnapshots([finished("a", 1000), finished("b", 1000, { revision: 1 })], { snapshots, ...outside() });
  expect((await snapshots.get("a"))?.window.to).toBe(3000);
  expect((await snapshots.get("b"))?.revision).toBe(1);
});

test("a failed window leaves the last good picture standing", async () => {
  const snapshots = memorySnapshots();
  const failure = { kind: "timeout", message: "", retryable: true } as const;
  await keepSnapshots([finished("a", 1000)], { snapshots, ...outside() });
  await keepSnapshots([finished("a", 2000, { outcome: "failed", failure })], { snapshots, ...outside() });
  expect((await snapshots.get("a"))?.window.to).toBe(1000);
});

test("Redis gone: the step goes on, says so, and keeps the next one", async () => {
  const kept = memorySnapshots();
  const said: string[] = [];
  let isGone = true;
  const put: typeof kept.put = (results, ttlMs) =>
    isGone ? Promise.reject(new Error("Connection is closed.")) : kept.put(results, ttlMs);
  const ports = { ...outside(), snapshots: { put }, log: (_level: string, text: string) => void said.push(text) };
  await keepSnapshots([finished("a", 1000)], ports);
  isGone = false;
  await keepSnapshots([finished("a", 2000)], ports);
  expect(said).toEqual(["snapshots were not kept: Redis does not answer"]);
  expect((await kept.get("a"))?.window.to).toBe(2000);
});

test("a snapshot lives at least a day, and ten intervals of the slowest job of the batch", async () => {
  const lives: number[] = [];
  const snapshots = { put: async (_results: unknown, ttlMs: number) => void lives.push(ttlMs) };
  await keepSnapshots([finished("a", 1000)], { snapshots, ...outside() });
  await keepSnapshots([finished("a", 1000, { everyMs: 86_400_000 })], { snapshots, ...outside() });
  // A manual run of a month has no next interval to wait for.
  await keepSnapshots([finished("run:1", 1000, { everyMs: 30 * 86_400_000 })], { snapshots, ...outside() });
  expect(lives).toEqual([86_400_000, 864_000_000, 86_400_000]);
});

test("whoever sees the service is told which jobs have news; a manual run is nobody else's business", async () => {
  const ports = { ...outside(), snapshots: memorySnapshots() };
  const scope = { service: "s" };
  const { position } = await ports.changes.since([scope], undefined, 0);
  const failure = { kind: "timeout", message: "", retryable: true } as const;
  await keepSnapshots(
    [finished("a", 1000), finished("run:1", 1000), finished("b", 1000, { outcome: "failed", failure })],
    ports,
  );
  const { changes } = await ports.changes.since([scope], position, 6000);
  expect(changes).toEqual([{ kind: "snapshot", id: "a", at: 5000 }]);
});
