// Alerts as they are listed, through the real evaluation and its store: stories of windows, and the alerts that they leave.
import type { AnalysisFinished, AnalysisResult } from "@logwatch/events";
import fc from "fast-check";
import { expect, test } from "vitest";
import { threshold } from "../rule-kinds/index.ts";
import type { Alert } from "../storage/alerts.ts";
import { openMemoryStorage } from "../storage/open-storage.ts";
import type { Rule } from "../storage/rule-states.ts";
import { configuration, job, rule } from "../storage/suite-samples.ts";
import { evaluateResults } from "./evaluate-results.ts";

const minute = 60_000;

const open = async (over: Partial<Rule> = {}) => {
  const storage = openMemoryStorage();
  const watched = { measurement: "failures_by_user", op: "gt", limit: 10 };
  const rules = [rule("r", "a", { params: watched, severity: "critical", ...over })];
  await storage.configuration.apply("file", configuration({ jobs: [job("a", { everyMs: minute })], rules }));
  const ports = { ...storage, getRuleKind: () => threshold, emit: async () => undefined, now: () => 0 };
  return {
    storage,
    play: async (...results: AnalysisResult[]) => {
      for (const data of results) await evaluateResults([eventOf(data)], ports);
    },
    all: async (): Promise<Alert[]> => (await storage.alerts.list({ serviceIds: ["auth"], limit: 100 })).reverse(),
  };
};

const eventOf = (data: AnalysisResult): AnalysisFinished => ({
  id: `${data.slotId}.${data.revision}`,
  type: "analysis.finished",
  at: 0,
  cause: null,
  data,
});

const result = (slot: number, value: number | null, over: Partial<AnalysisResult> = {}): AnalysisResult => ({
  slotId: `a@${slot}`,
  jobId: "a",
  jobName: "logins",
  analysis: "failed-logins",
  serviceId: "auth",
  serviceName: "Sign-in",
  window: { from: (slot - 1) * minute, to: slot * minute },
  everyMs: minute,
  delayMs: 0,
  revision: 0,
  reason: "due",
  outcome: value === null ? "failed" : "complete",
  failure: value === null ? { kind: "timeout", message: "", retryable: true } : null,
  measurements:
    value === null
      ? []
      : [
          { name: "failures", labels: {}, value, unit: "count" },
          { name: "failures_by_user", labels: { user: "root" }, value, unit: "count" },
        ],
  views: [],
  examples: [],
  truncated: [],
  finishedAt: slot * minute,
  ...over,
});

const late = { revision: 3, reason: "late-logs" as const };

/** `x` breached, `.` clear, `-` a gap, one window a sign. */
const story = (signs: string): AnalysisResult[] =>
  [...signs].map((sign, index) => result(index + 1, sign === "-" ? null : sign === "x" ? 20 : 1));

const told = (alert: Alert) => ({
  state: alert.state,
  openedAt: alert.openedAt / minute,
  firedAt: alert.firedAt === null ? null : alert.firedAt / minute,
  resolvedAt: alert.resolvedAt === null ? null : alert.resolvedAt / minute,
});

test("an alert says what it is about, when it began, fired and ended", async () => {
  const { play, all, storage } = await open({ holdMs: 2 * minute });
  await play(...story("xx"));
  expect((await all()).map(told)).toEqual([{ state: "pending", openedAt: 1, firedAt: null, resolvedAt: null }]);
  await play(...story("xxxx.").slice(2));
  const [alert, ...others] = await all();
  expect(others).toEqual([]);
  expect(alert).toMatchObject({
    alertId: `a-${alert?.fingerprint}@1970-01-01T00:01:00.000Z`,
    ruleName: "Rule r",
    jobName: "logins",
    serviceName: "Sign-in",
    severity: "critical",
    labels: { user: "root" },
    value: 1,
    sequence: 2,
    late: false,
    acknowledgement: null,
  });
  expect(alert && told(alert)).toEqual({ state: "resolved", openedAt: 1, firedAt: 3, resolvedAt: 5 });
  const lines = await storage.alerts.timeline(alert?.alertId ?? "", 10);
  expect(lines.map(({ to, told: word }) => [to, word])).toEqual([
    ["resolved", "resolved"],
    ["firing", "opened"],
    ["pending", null],
  ]);
});

test("what was pending and never fired leaves no alert; its timeline stays", async () => {
  const { play, all, storage } = await open({ holdMs: 3 * minute });
  await play(...story("xx."));
  expect(await all()).toEqual([]);
  expect(await storage.ruleStates.events({ limit: 10 })).toHaveLength(2);
});

test("late evidence that only makes pending leaves no alert behind; what it opens is marked as late to its end", async () => {
  const held = await open({ holdMs: 3 * minute });
  await held.play(...story("...."), result(2, 20, late), result(3, 20, late));
  expect((await held.all()).map(({ state, late: isLate }) => [state, isLate])).toEqual([["pending", true]]);
  await held.play(result(5, 1));
  expect(await held.all()).toEqual([]);

  const atOnce = await open();
  await atOnce.play(...story("...."), result(2, 20, late));
  expect((await atOnce.all()).map(({ state, late: isLate }) => [state, isLate])).toEqual([["firing", true]]);
  await atOnce.play(result(5, 1));
  expect((await atOnce.all()).map(({ state, late: isLate }) => [state, isLate])).toEqual([["resolved", true]]);
});

test("an alert that flaps is one, and its end is the last one", async () => {
  const { play, all } = await open({ flappingChanges: 2, flappingMs: 4 * minute });
  await play(...story("x.x.x........"));
  expect((await all()).map(told)).toEqual([{ state: "resolved", openedAt: 1, firedAt: 1, resolvedAt: 6 }]);
});

test("whatever happens, the alerts that are listed are those of the timeline, and what is tracked", async () => {
  const limits = fc.record({
    holdMs: fc.constantFrom(0, minute, 3 * minute),
    clearAfterMs: fc.constantFrom(0, 2 * minute),
    repeatMs: fc.constantFrom(0, minute),
    flappingChanges: fc.constantFrom(0, 2),
    flappingMs: fc.constantFrom(5 * minute),
  });
  const window = fc.record({ sign: fc.constantFrom("x", ".", "-"), lateBy: fc.constantFrom(0, 0, 0, 1, 2, 3) });
  await fc.assert(
    fc.asyncProperty(fc.array(window, { maxLength: 40 }), limits, async (windows, own) => {
      const { play, all, storage } = await open(own);
      for (const [index, { sign, lateBy }] of windows.entries()) {
        const value = sign === "-" ? null : sign === "x" ? 20 : 1;
        await play(result(index + 1, value));
        if (lateBy > 0) await play(result(Math.max(1, index + 1 - lateBy), 20, { ...late, revision: index + 1 }));
      }
      const alerts = await all();
      const fired = new Set(
        (await storage.ruleStates.events({ limit: 1000 }))
          .filter(({ to }) => to === "firing")
          .map((one) => one.alertId),
      );
      expect(new Set(alerts.filter(({ state }) => state !== "pending").map(({ alertId }) => alertId))).toEqual(fired);
      const tracked = (await storage.ruleStates.load(["a"])).flatMap((state) => state.tracked);
      // A flapping alert is over in the list while evaluate still waits to tell its end.
      const openOnes = tracked.filter(({ state }) => state === "pending" || state === "firing");
      expect(alerts.filter(({ state }) => state !== "resolved").map(({ alertId, state }) => [alertId, state])).toEqual(
        openOnes.map(({ alertId, state }) => [alertId, state]),
      );
    }),
    { numRuns: 150 },
  );
});
