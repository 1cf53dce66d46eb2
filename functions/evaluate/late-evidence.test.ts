// One rule, and results of windows that were judged before: late logs, and slots that are asked again.
import { expect, test } from "vitest";
import { threshold } from "../rule-kinds/index.ts";
import type { AlertEvent } from "../storage/rule-states.ts";
import { evaluateRule } from "./evaluate-rule.ts";
import { byUser, failedResult, fresh, minute, play, result } from "./test-rule.ts";

test("late evidence opens an alert, marked as late, and only once", () => {
  const { state } = play([result(1, byUser({ root: 2 })), result(2, byUser({ root: 2 }))]);
  const late = result(1, byUser({ root: 40 }), { revision: 1, reason: "late-logs" });
  const evaluation = evaluateRule(state, late, threshold, []);
  expect(evaluation.update?.changes.map(({ kind, late: isLate }) => [kind, isLate])).toEqual([["opened", true]]);
  expect(evaluation.state.evaluatedTo).toBe(2 * minute);
  expect(evaluateRule(evaluation.state, late, threshold, []).update).toBeNull();
  const timeline = evaluation.commit?.events ?? [];
  expect(timeline).toHaveLength(1);
  expect(evaluateRule(state, late, threshold, timeline).update).toBeNull();
});

test("late evidence of a time when the label set was an alert opens nothing anew, though that alert is over", () => {
  let state = fresh();
  const timeline: AlertEvent[] = [];
  for (const one of [result(1, byUser({ root: 20 })), result(2, byUser({ root: 20 })), result(3, byUser({}))]) {
    const evaluation = evaluateRule(state, one, threshold, []);
    state = evaluation.state;
    timeline.push(...(evaluation.commit?.events ?? []));
  }
  expect(timeline.map((event) => event.to)).toEqual(["firing", "resolved"]);
  for (const slot of [1, 2]) {
    const late = result(slot, byUser({ root: 21, guest: 30 }), { revision: 5, reason: "late-logs" });
    const { update, findings } = evaluateRule(state, late, threshold, timeline);
    expect(update?.changes.map((change) => change.labels.user)).toEqual(["guest"]);
    expect(findings).toEqual({ told: 1, "not-due": 1 });
  }
});

test("late evidence of a time before or after an alert opens one of its own", () => {
  let state = fresh();
  const timeline: AlertEvent[] = [];
  for (const slot of [1, 2, 3, 4, 5]) {
    const evaluation = evaluateRule(state, result(slot, byUser(slot === 3 ? { root: 20 } : {})), threshold, []);
    state = evaluation.state;
    timeline.push(...(evaluation.commit?.events ?? []));
  }
  const opens = [1, 3, 5].map((slot) => {
    const late = result(slot, byUser({ root: 21 }), { revision: 5, reason: "late-logs" });
    return evaluateRule(state, late, threshold, timeline).update?.changes.length ?? 0;
  });
  expect(opens).toEqual([1, 0, 1]);
});

test("late evidence never judges a rule that more logs could refute", () => {
  const below = fresh({ params: { measurement: "failures", op: "lt", limit: 5 } });
  const { state } = play([result(1, byUser({ root: 9 })), result(2, byUser({ root: 9 }))], below);
  expect(evaluateRule(state, result(1, byUser({ root: 1 }), { revision: 1 }), threshold, []).update).toBeNull();
});

test("a slot that failed and is answered later is judged then", () => {
  const { state } = play([failedResult(1), result(2, byUser({}))]);
  const retried = result(1, byUser({ root: 20 }), { revision: 2, reason: "retry" });
  expect(evaluateRule(state, retried, threshold, []).update?.changes[0]?.labels).toEqual({ user: "root" });
});

test("a breach can hold in windows that were asked again, when they follow each other", () => {
  const outage = [failedResult(1), failedResult(2), failedResult(3), failedResult(4), result(5, byUser({}))];
  const retried = (...slots: number[]) =>
    slots.map((slot) => result(slot, byUser({ root: 20 }), { revision: 9, reason: "retry" }));
  const held = () => fresh({ holdMs: 2 * minute });
  expect(play([...outage, ...retried(1, 2, 3, 4)], held()).told.flat()).toEqual(["opened root"]);
  expect(play([...outage, ...retried(1, 2, 4)], held()).told.flat()).toEqual([]);
});

test("a breach held by late evidence alone is not gone on with by a window in time", () => {
  const held = fresh({ holdMs: 5 * minute });
  const calm = Array.from({ length: 10 }, (_, index) => result(index + 1, byUser({ root: 1 })));
  const late = result(3, byUser({ root: 20 }), { revision: 7, reason: "late-logs" });
  const after = [11, 12, 13, 14, 15, 16].map((slot) => result(slot, byUser({ root: 20 })));
  // Breached from minute 11 on, so it has held five minutes at 16, and not at once.
  expect(play([...calm, late, ...after], held).told.slice(11)).toEqual([[], [], [], [], [], ["opened root"]]);
});
