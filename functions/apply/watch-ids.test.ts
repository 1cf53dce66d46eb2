// Ids from names: ASCII, fit for an address, and two names that people tell apart have two.
import fc from "fast-check";
import { expect, test } from "vitest";
import { derivedIds, slug } from "./watch-ids.ts";

test.each([
  ["Failed logins", "failed-logins"],
  ["  On-call / mail  ", "on-call-mail"],
  ["Crème brûlée №1", "creme-brulee-no1"],
  ["ＶＰＮ", "vpn"],
])("%s is %s", (name, expected) => {
  expect(slug(name)).toBe(expected);
});

test("letters that have no plain form leave a digest, so that names stay apart", () => {
  expect(slug("日本")).toMatch(/^[0-9a-f]{6}$/);
  expect(slug("日本")).not.toBe(slug("中国"));
  expect(slug("dns 日本")).toMatch(/^dns-[0-9a-f]{6}$/);
  expect(slug("dns 日本")).not.toBe(slug("dns"));
  expect(slug("straße")).toBe(slug("STRAßE"));
  expect(slug("!!!")).not.toBe(slug("???"));
});

test("a rule's id begins with its job's", () => {
  const idOf = derivedIds("Demo");
  expect(idOf("rules", "Brute force", idOf("jobs", "Failed logins"))).toBe("demo.failed-logins.brute-force");
});

test("any names give ids that may stand in an address", () => {
  const name = fc.oneof(fc.string({ unit: "binary", minLength: 1, maxLength: 80 }), fc.constant("ﷺ".repeat(80)));
  fc.assert(
    fc.property(name, name, name, (watch, job, rule) => {
      const idOf = derivedIds(watch);
      expect(idOf("rules", rule, idOf("jobs", job))).toMatch(/^[A-Za-z0-9][A-Za-z0-9._@:~-]{0,249}$/);
    }),
    { numRuns: 500 },
  );
});
