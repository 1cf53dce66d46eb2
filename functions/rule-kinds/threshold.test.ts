// The threshold's table of limits, and what it refuses.
import { describe, expect, it, test } from "vitest";
import type { Series } from "./rule-kind.ts";
import { threshold } from "./threshold.ts";

const series = (...values: (number | null)[]): Series => ({
  labels: { user: "root" },
  lastSeenAt: null,
  firstSeenAt: 0,
  points: values.map((value, at) => ({ window: { from: at, to: at + 1 }, value })),
});
const judge = (params: object, ...values: (number | null)[]) =>
  threshold.judge({ measurement: "m", ...params }, [series(...values)], values.length);

test.each([
  ["gt", 10, 12, true, "12 > 10"],
  ["gt", 10, 10, false, "10 ≤ 10"],
  ["ge", 10, 10, true, "10 ≥ 10"],
  ["ge", 10, 9, false, "9 < 10"],
  ["lt", 10, 9, true, "9 < 10"],
  ["lt", 10, 10, false, "10 ≥ 10"],
  ["le", 10, 10, true, "10 ≤ 10"],
  ["le", 10, 11, false, "11 > 10"],
  ["gt", 0, 0, false, "0 ≤ 0"],
  ["gt", -1.5, -1, true, "-1 > -1.5"],
] as const)("%s %d with %d: breached is %s, because %s", (op, limit, value, breached, reason) => {
  const excess = breached ? { excess: Math.abs(value - limit) } : {};
  const verdict = { labels: { user: "root" }, breached, cleared: !breached, value, reason, ...excess };
  expect(judge({ op, limit }, value)).toEqual([verdict]);
});

describe("with a recovery limit", () => {
  test.each([
    ["gt", 60, 30, 61, "breached"],
    ["gt", 60, 30, 31, "between"],
    ["gt", 60, 30, 30, "cleared"],
    ["ge", 60, 30, 30, "between"],
    ["ge", 60, 30, 29, "cleared"],
    ["lt", 10, 20, 9, "breached"],
    ["lt", 10, 20, 19, "between"],
    ["lt", 10, 20, 20, "cleared"],
    ["le", 10, 20, 20, "between"],
    ["le", 10, 20, 21, "cleared"],
  ] as const)("%s %d, recovery %d: %d is %s", (op, limit, recovery, value, expected) => {
    const [verdict] = judge({ op, limit, recovery }, value);
    expect(verdict?.breached ? "breached" : verdict?.cleared ? "cleared" : "between").toBe(expected);
  });

  it("says what is still missing between the two limits", () => {
    expect(judge({ limit: 60, recovery: 30 }, 40)).toMatchObject([{ reason: "40 ≤ 60, not yet ≤ 30" }]);
  });

  test.each([
    ["gt", 10, 11],
    ["ge", 10, 11],
    ["lt", 10, 9],
    ["le", 10, 9],
  ])("%s %d refuses a recovery of %d, naming its path", (op, limit, recovery) => {
    const parsed = threshold.params.safeParse({ measurement: "m", op, limit, recovery });
    expect(parsed.error?.issues).toMatchObject([{ path: ["recovery"], message: expect.stringMatching(/limit 10/) }]);
    expect(threshold.params.safeParse({ measurement: "m", op, limit, recovery: limit }).success).toBe(true);
  });
});

it("judges the newest point alone, and a gap has no verdict", () => {
  expect(judge({ limit: 10 }, 99, 99, 3)).toMatchObject([{ breached: false, value: 3 }]);
  expect(judge({ limit: 10 }, 3, 99)).toMatchObject([{ breached: true, value: 99 }]);
  expect(judge({ limit: 10 }, 99, null)).toEqual([]);
  expect(judge({ limit: 10 })).toEqual([]);
});

it("late logs can only confirm an upper limit", () => {
  const monotone = (op: string) => threshold.monotone({ measurement: "m", limit: 1, op });
  expect(["gt", "ge", "lt", "le"].map(monotone)).toEqual([true, true, false, false]);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, "10", null, undefined])("refuses the limit %s", (limit) => {
  expect(threshold.params.safeParse({ measurement: "m", limit }).error?.issues).toMatchObject([{ path: ["limit"] }]);
});
