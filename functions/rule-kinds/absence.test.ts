// Absence as stories. In: a digit is a window's value, ? a window without data, _ a window that was never asked.
// Out: x breached, . cleared, - neither. Played through evaluate's own series, so that what is remembered is what production remembers.
import type { AnalysisResult } from "@logwatch/events";
import { expect, it, test } from "vitest";
import { evaluateRule } from "../evaluate/evaluate-rule.ts";
import type { Rule, RuleState } from "../storage/rule-states.ts";
import { absence } from "./absence.ts";
import type { Verdict } from "./rule-kind.ts";

const minute = 60_000;

const rule = (params: Record<string, unknown>): Rule => ({
  id: "r",
  jobId: "j",
  name: "quiet",
  kind: "absence",
  params: { measurement: "logins", quietFor: "3m", ...params },
  severity: "warning",
  holdMs: 0,
  clearAfterMs: 0,
  repeatMs: 0,
  repeatGrowth: 1,
  tellResolved: true,
  onFailure: "keep",
  onNoData: "keep",
  maxExamples: 5,
  maxTracked: 100,
  flappingChanges: 0,
  flappingMs: 0,
  destinationIds: [],
});

const result = (index: number, letter: string, labels: Record<string, string>): AnalysisResult => ({
  slotId: `j@${index}`,
  jobId: "j",
  jobName: "job",
  analysis: "failed-logins",
  serviceId: "s",
  serviceName: "auth",
  window: { from: index * minute, to: (index + 1) * minute },
  everyMs: minute,
  delayMs: 0,
  revision: 0,
  reason: "due",
  outcome: letter === "?" ? "failed" : "complete",
  failure: letter === "?" ? { kind: "timeout", message: "too slow", retryable: true } : null,
  // As sources answer: the whole is always there, a group only while it has logs.
  measurements:
    letter === "?"
      ? []
      : [
          { name: "attempts", labels: {}, value: 1, unit: "count" },
          ...(letter === "0" && Object.keys(labels).length > 0
            ? []
            : [{ name: "logins", labels, value: Number(letter), unit: "count" as const }]),
        ],
  views: [],
  examples: [],
  truncated: [],
  finishedAt: (index + 1) * minute,
});

/** What absence said in each window, and the changes that were told. */
const play = (story: string, params: Record<string, unknown> = {}, labels: Record<string, string> = {}) => {
  let state: RuleState = { rule: rule(params), evaluatedTo: null, tracked: [] };
  let said = "";
  const told: string[] = [];
  for (const [index, letter] of [...story].entries()) {
    if (letter === "_") {
      said += "_";
      continue;
    }
    const verdicts: Verdict[] = [];
    const listening = {
      ...absence,
      judge: (...given: Parameters<typeof absence.judge>) => {
        verdicts.push(...absence.judge(...given));
        return verdicts;
      },
    };
    const evaluation = evaluateRule(state, result(index, letter, labels), listening, []);
    state = evaluation.state;
    const [verdict] = verdicts;
    said += verdict ? (verdict.breached ? "x" : verdict.cleared ? "." : "-") : letter;
    told.push(...(evaluation.update?.changes ?? []).map((change) => `${index}:${change.kind}`));
  }
  return { said, told, tracked: state.tracked };
};

test.each([
  ["heard all the time never breaches", "111111", "......"],
  ["breaches when it was quiet for three windows, until it is heard", "1000010", "...xx.."],
  ["never heard counts from the first window", "00000", "...xx"],
  ["a window without data is not quiet: the three windows start anew", "100?00000", "...?--xxx"],
  ["a gap before it was last heard says nothing", "1?1000", ".?...x"],
  ["a slot that was never asked is a gap too", "10_00000", ".._--xxx"],
  ["a gap keeps an alert as it is, and does not end it", "10000?001", "...xx?--."],
  ["heard right after a gap clears at once", "10000?1", "...xx?."],
])("%s", (_what, story, expected) => {
  expect(play(story).said).toBe(expected);
});

test.each([
  ["a user that went quiet is missed though others are heard", "1000010", "...xx.."],
  ["a user is missed across a gap, and not forgotten meanwhile", "10?0000", "..?--xx"],
])("%s", (_what, story, expected) => {
  expect(play(story, {}, { user: "backup" }).said).toBe(expected);
});

it("tells the opening and the end, once each", () => {
  expect(play("1000001").told).toEqual(["3:opened", "6:resolved"]);
  expect(play("10000?00001").told).toEqual(["3:opened", "10:resolved"]);
});

it("an expected label set is missed even if it was never heard", () => {
  const expected = { expected: [{ user: "backup" }] };
  expect(play("0000", expected, { user: "somebody" })).toMatchObject({ said: "-..x", told: ["3:opened"] });
  expect(play("0010", expected, { user: "backup" })).toMatchObject({ said: "-...", told: [] });
});

it("expected label sets carry what `where` says, and may not contradict it", () => {
  const params = { measurement: "m", where: { host: "a" }, expected: [{ user: "x" }, { host: "a", user: "x" }] };
  expect(absence.judge(params, [], 0).map(({ labels }) => labels)).toEqual([{ host: "a", user: "x" }]);
  const wrong = absence.params.safeParse({ ...params, expected: [{ user: "x" }, { host: "b" }] });
  expect(wrong.error?.issues).toMatchObject([{ path: ["expected", 1, "host"] }]);
});

it("says how long it has been quiet", () => {
  const series = { labels: {}, points: [], firstSeenAt: 0 };
  const reason = (lastSeenAt: number | null, now: number) =>
    absence.judge({ measurement: "m", quietFor: "3m" }, [{ ...series, lastSeenAt }], now)[0]?.reason;
  expect(reason(0, 4 * minute)).toBe("quiet for 4m ≥ 3m");
  expect(reason(null, 3 * minute)).toBe("never heard, waited for 3m ≥ 3m");
  expect(reason(0, minute)).toBe("quiet for 1m < 3m");
  expect(reason(minute, minute)).toBe("heard");
});

test.each(["0s", "8d", "soon"])("refuses to wait for %s", (quietFor) => {
  const parsed = absence.params.safeParse({ measurement: "m", quietFor });
  expect(parsed.error?.issues).toMatchObject([{ path: ["quietFor"] }]);
});

it("with windows longer than the interval fires as soon as one holds nothing, and says how long that is", () => {
  const sure = rule({ quietFor: "5m" });
  let state: RuleState = { rule: sure, evaluatedTo: null, tracked: [] };
  const told: string[] = [];
  // One log in the first minute; every window of an hour that reaches back to it holds it.
  for (let index = 0; index < 70; index += 1) {
    const from = (index - 59) * minute;
    const whole = { ...result(index, from <= 0 ? "1" : "0", {}), window: { from, to: (index + 1) * minute } };
    const evaluation = evaluateRule(state, whole, absence, []);
    state = evaluation.state;
    told.push(...(evaluation.update?.changes ?? []).map((change) => `${index + 1} ${change.kind} ${change.why}`));
  }
  expect(told).toEqual(["61 opened quiet for 1h ≥ 5m"]);
});

it("a failed window in the span of a longer complete one hides nothing", () => {
  let state: RuleState = { rule: rule({ quietFor: "5m" }), evaluatedTo: null, tracked: [] };
  let breached = 0;
  for (const [index, letter] of [..."1?00000000"].entries()) {
    const window = { from: (index - 9) * minute, to: (index + 1) * minute };
    const evaluation = evaluateRule(state, { ...result(index, letter, {}), window }, absence, []);
    state = evaluation.state;
    if (evaluation.update) breached = index + 1;
  }
  // The first window of ten minutes without it says all there is to say, though one within it failed.
  expect(breached).toBe(3);
});
