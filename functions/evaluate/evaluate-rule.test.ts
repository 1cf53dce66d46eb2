// One rule over a row of results: stories with the real threshold, memory and books.
import { expect, test } from "vitest";
import { absence, threshold } from "../rule-kinds/index.ts";
import { evaluateRule } from "./evaluate-rule.ts";
import { byUser, failedResult, fresh, minute, play, result } from "./test-rule.ts";

test("each label set has a life of its own, and one update carries all that changed", () => {
  const { told } = play([
    result(1, byUser({ root: 11, admin: 12, guest: 1 })),
    result(2, byUser({ root: 11, admin: 2 })),
    result(3, byUser({ guest: 30 })),
  ]);
  expect(told).toEqual([["opened admin", "opened root"], ["resolved admin"], ["opened guest", "resolved root"]]);
});

test("a group without logs is not listed by the store: it counts as zero and resolves", () => {
  expect(play([result(1, byUser({ root: 11 })), result(2, byUser({}))]).told).toEqual([
    ["opened root"],
    ["resolved root"],
  ]);
});

test("a group that a cut list does not hold is unknown, and resolves nothing", () => {
  const cut = result(2, byUser({ admin: 1 }), { truncated: ["failures_by_user"] });
  expect(play([result(1, byUser({ root: 11 })), cut]).told).toEqual([["opened root"], []]);
});

test("a cut list of something else leaves the watched one whole: what it does not hold is zero, and resolves", () => {
  const cut = result(2, byUser({ admin: 1 }), { truncated: ["failures_by_user_and_address"] });
  expect(play([result(1, byUser({ root: 11 })), cut]).told).toEqual([["opened root"], ["resolved root"]]);
});

test("a failed window is a gap: no false alert and no false all-clear", () => {
  const results = [result(1, byUser({ root: 11 })), failedResult(2), failedResult(3), result(4, byUser({ root: 12 }))];
  expect(play(results).told).toEqual([["opened root"], [], [], []]);
});

test.each([
  ["keep", []],
  ["ok", ["resolved root"]],
  ["alert", ["opened *"]],
] as const)("what a failed window means is the rule's policy: %s", (onFailure, expected) => {
  const { told } = play([result(1, byUser({ root: 11 })), failedResult(2)], fresh({ onFailure }));
  expect(told[1]).toEqual(expected);
});

test("an alert about missing data ends when there is data again", () => {
  const { told } = play([failedResult(1), failedResult(2), result(3, byUser({}))], fresh({ onFailure: "alert" }));
  expect(told).toEqual([["opened *"], [], ["resolved *"]]);
});

test("a redelivered result changes nothing", () => {
  const once = evaluateRule(fresh(), result(1, byUser({ root: 11 })), threshold, []);
  const twice = evaluateRule(once.state, result(1, byUser({ root: 11 })), threshold, []);
  expect(twice).toEqual({ state: once.state, commit: null, update: null, findings: {} });
});

test("a decision that was published and not stored is decided again, with the same ids", () => {
  const before = fresh();
  const first = evaluateRule(before, result(1, byUser({ root: 11 })), threshold, []);
  const again = evaluateRule(before, result(1, byUser({ root: 11 })), threshold, []);
  expect(again.update).toEqual(first.update);
  expect(first.update?.evaluationId).toBe("rule@1970-01-01T00:01:00.000Z.0");
});

test("an alert about missing data ends with the data, whatever the rule kind judges", () => {
  let state = fresh({
    kind: "absence",
    params: { measurement: "failures_by_user", quietFor: "5m" },
    onFailure: "alert",
  });
  const heard = (slot: number) => result(slot, byUser({ root: 3 }));
  const told = [heard(1), failedResult(2), heard(3), heard(4)].map((one) => {
    const evaluation = evaluateRule(state, one, absence, []);
    state = evaluation.state;
    return (evaluation.update?.changes ?? []).map((change) => change.kind);
  });
  expect(told).toEqual([[], ["opened"], ["resolved"], []]);
});

test("with a cap the worst label sets are followed, and named first", () => {
  const { update, findings } = evaluateRule(
    fresh({ maxTracked: 2 }),
    result(1, byUser({ user001: 11, user002: 9000, user003: 500 })),
    threshold,
    [],
  );
  expect(update?.changes.map((change) => change.labels.user)).toEqual(["user002", "user003"]);
  expect(findings).toEqual({ told: 2, capped: 1 });
});

test("no more label sets are remembered than may be followed, by a rule kind that remembers quiet ones too", () => {
  const users = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`user${index}`, 1]));
  const state = fresh({
    kind: "absence",
    params: { measurement: "failures_by_user", quietFor: "7d" },
    maxTracked: 10,
  });
  const evaluation = evaluateRule(state, result(1, byUser(users)), absence, []);
  expect(evaluation.state.tracked).toHaveLength(10);
  expect(evaluation.findings).toEqual({ "below-threshold": 10, capped: 490 });
});

test("slots that never came are time without evidence", () => {
  const held = fresh({ holdMs: 2 * minute });
  expect(play([result(1, byUser({ root: 11 })), result(9, byUser({ root: 11 }))], held).told).toEqual([[], []]);
});

test("above the cap label sets are counted, not followed", () => {
  const users = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`u${index}`, 99]));
  const evaluation = evaluateRule(fresh({ maxTracked: 10 }), result(1, byUser(users)), threshold, []);
  expect(evaluation.findings).toEqual({ told: 10, capped: 20 });
});

test("every verdict ends as something: the findings add up", () => {
  const results = [byUser({ a: 11, b: 1, c: 12 }), byUser({ a: 11, c: 1 }), byUser({ b: 50 })].map((one, index) =>
    result(index + 1, one),
  );
  let state = fresh({ holdMs: minute });
  const sums = results.map((one) => {
    const evaluation = evaluateRule(state, one, threshold, []);
    state = evaluation.state;
    return evaluation.findings;
  });
  expect(sums).toEqual([
    { pending: 2, "below-threshold": 1 },
    { told: 1, "below-threshold": 1 },
    { pending: 1, told: 1 },
  ]);
});

test("a label set that is quiet and ok is not remembered by a rule that needs no memory", () => {
  const { state } = play([result(1, byUser({ root: 11 })), result(2, byUser({})), result(120, byUser({}))]);
  expect(state.tracked).toEqual([]);
});

test("a known label set that goes quiet is told, and told again when it is back", () => {
  let state = fresh({ kind: "absence", params: { measurement: "failures_by_user", quietFor: "3m" } });
  const windows: Record<string, number>[] = [{ root: 5 }, {}, {}, {}, {}, { root: 1 }];
  const told = windows.map((counts, index) => {
    const evaluation = evaluateRule(state, result(index + 1, byUser(counts)), absence, []);
    state = evaluation.state;
    return evaluation.update?.changes.map((change) => change.kind) ?? [];
  });
  expect(told).toEqual([[], [], [], ["opened"], [], ["resolved"]]);
});

test("hostile label values are label sets like any other", () => {
  const hostile = { __proto__: 1, constructor: 99, "<script>": 99, "a\u0000b": 99, "": 99 };
  expect(play([result(1, byUser(hostile))]).told[0]).toHaveLength(4);
});
