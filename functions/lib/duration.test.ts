import { expect, test } from "vitest";
import * as z from "zod";
import { duration, formatDuration, parseDuration } from "./duration.ts";

test.each([
  ["250ms", 250],
  ["30s", 30_000],
  ["1.5h", 5_400_000],
  ["1d", 86_400_000],
  ["0s", 0],
] as const)("%s is %d ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(["", "5", "-1s", "1h30m", "1 h", "NaNs", "1e308s", "∞"])("%j is not a duration", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test("what is written is read again", () => {
  for (const ms of [0, 1, 999, 1000, 90_000, 3_600_000, 86_400_000]) expect(parseDuration(formatDuration(ms))).toBe(ms);
});

test.each([0, -1, 0.5, Number.NaN, 1e308, 2 ** 53, "5", null, "999999d", Number.POSITIVE_INFINITY])(
  "a period of %j is refused with the rule",
  (value) => {
    const parsed = duration(1000, 86_400_000).safeParse(value);
    expect(parsed.success).toBe(false);
    expect(parsed.error?.issues[0]?.message).toBeTruthy();
  },
);

test.each([
  [{}, "is missing: must be a duration such as 30s, 5m, 1h or 1d"],
  [{ every: true }, "must be a duration such as 30s, 5m, 1h or 1d"],
  [{ every: null }, "must be a duration such as 30s, 5m, 1h or 1d"],
  [{ every: "often" }, "must be a duration such as 30s, 5m, 1h or 1d"],
  [{ every: "2d" }, "must be between 1s and 1d"],
])("%j says what is wanted", (value, expected) => {
  const parsed = z.object({ every: duration(1000, 86_400_000) }).safeParse(value);
  expect(parsed.error?.issues.map(({ message }) => message)).toEqual([expected]);
});
