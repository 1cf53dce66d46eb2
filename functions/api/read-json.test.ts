// JSON from outside: what is read, and what is refused because two readers could take it for two things.
import { describe, expect, test } from "vitest";
import { readJson } from "./read-json.ts";

test("plain JSON is read as it stands", () => {
  const text = ' {"a": [1, -2.5e3, true, null, "x\\u0041\\ud83d\\ude00"], "b": {"a": {}}, "-0": -0} ';
  expect(readJson(text)).toEqual({ ok: true, value: JSON.parse(text) });
});

describe("hard case 14", () => {
  test.each([
    ['{"a":1,"a":2}', /twice/],
    ['{"a":1,"\\u0061":2}', /twice/],
    ['[{"x":{"a":1,"b":{"a":1},"a":2}}]', /twice/],
    [`${"[".repeat(100_000)}`, /deeper/],
    [`${'{"a":'.repeat(33)}1${"}".repeat(33)}`, /deeper/],
    ['{"a":1e400}', /number/],
    ['"\\ud800"', /Unicode/],
    ['{"\\udc00":1}', /Unicode/],
    ['{"__proto__":{"admin":true}}', /__proto__/],
    ['\ufeff{"a":1}', /JSON/],
    ["", /JSON/],
    ["{'a':1}", /JSON/],
    ['{"a":1}}', /JSON/],
    ["NaN", /JSON/],
    ['"\u0001"', /JSON/],
  ])("%.40s is refused", (text, rule) => {
    const read = readJson(text);
    expect(read.ok ? "" : read.error).toMatch(rule);
  });

  test("a million quotes are read in one pass", () => {
    const started = performance.now();
    for (const text of ['\\"'.repeat(500_000), `"${'\\"'.repeat(500_000)}`, `[${'"a",'.repeat(250_000)}1]`])
      readJson(text);
    // A second pass for each quote would take minutes.
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test("equal keys in different objects, and strings that look like keys, are nothing", () => {
    expect(readJson('[{"a":1},{"a":1},"a",": {"]').ok).toBe(true);
  });
});
