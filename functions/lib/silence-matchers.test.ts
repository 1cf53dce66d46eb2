// Which alerts a silence's matchers take.
import { expect, test } from "vitest";
import { compileMatchers, type MatchedAlert, type Matcher, maxMatchers } from "./silence-matchers.ts";

const alert: MatchedAlert = {
  alertId: "a-f@2026-11-25T12:00:00.000Z",
  fingerprint: "f",
  ruleId: "demo.logins.brute-force",
  ruleName: "brute force",
  jobId: "demo.logins",
  jobName: "logins",
  severity: "critical",
  labels: { user: "root", address: "192.0.2.7", empty: "" },
};

const takes = (...matchers: Matcher[]): boolean => {
  const compiled = compileMatchers(matchers);
  if (!compiled.ok) throw new Error(compiled.error.message);
  return compiled.value(alert);
};

test.each<[string, Matcher["op"], string, boolean]>([
  ["user", "=", "root", true],
  ["user", "=", "roo", false],
  ["user", "!=", "root", false],
  ["user", "!=", "admin", true],
  ["user", "=~", "ro+t|admin", true],
  ["user", "=~", "ro", false],
  ["user", "!~", "ro.*", false],
  ["address", "=~", "192\\.0\\.2\\.\\d+", true],
  ["rule", "=", "brute force", true],
  ["rule", "=", "demo.logins.brute-force", true],
  ["rule", "!=", "brute force", false],
  ["job", "=", "logins", true],
  ["severity", "=", "critical", true],
  ["severity", "=~", "warning|info", false],
  ["alert", "=", "a-f@2026-11-25T12:00:00.000Z", true],
  ["alert", "=", "f", true],
  ["missing", "=", "", true],
  ["missing", "!=", "x", true],
  ["missing", "=~", ".+", false],
  ["toString", "=", "", true],
  ["__proto__", "!=", "", false],
])("%s %s %j: %s", (name, op, value, expected) => {
  expect(takes({ name, op, value })).toBe(expected);
});

test("all matchers must match; none at all match everything", () => {
  const root: Matcher = { name: "user", op: "=", value: "root" };
  expect(takes(root, { name: "severity", op: "=", value: "critical" })).toBe(true);
  expect(takes(root, { name: "severity", op: "=", value: "info" })).toBe(false);
  expect(takes()).toBe(true);
});

test("a refusal names the matcher and the place", () => {
  const good: Matcher = { name: "user", op: "=", value: "(" };
  expect(compileMatchers([good, { ...good, op: "!~" }])).toEqual({
    ok: false,
    error: { index: 1, message: "This bracket is never closed.", position: 0 },
  });
  expect(compileMatchers(new Array<Matcher>(maxMatchers + 1).fill(good))).toMatchObject({
    ok: false,
    error: { position: null },
  });
});
