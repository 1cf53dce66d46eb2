import { expect, test } from "vitest";
import { fingerprint, labelsKey } from "./labels.ts";

test("the order of names does not matter", () => {
  expect(labelsKey({ b: "2", a: "1" })).toBe(labelsKey({ a: "1", b: "2" }));
});

test("hostile names and values make different label sets, and nothing else", () => {
  const sets = [
    {},
    JSON.parse('{"__proto__":"x"}'),
    { constructor: "x" },
    { a: '1"],["b","2' },
    { a: "1", b: "2" },
    { a: "" },
  ];
  expect(new Set(sets.map((labels) => fingerprint("rule", labels))).size).toBe(sets.length);
});

test("two rules never share a fingerprint for one label set", () => {
  expect(fingerprint("one", { user: "root" })).not.toBe(fingerprint("two", { user: "root" }));
});
