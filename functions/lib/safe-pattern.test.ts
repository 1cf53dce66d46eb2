// Patterns of users: what RegExp says of them, in linear time; and what is refused, where.
import fc from "fast-check";
import { expect, test } from "vitest";
import { compilePattern } from "./safe-pattern.ts";

const matches = (pattern: string, text: string): boolean => {
  const compiled = compilePattern(pattern);
  if (!compiled.ok) throw new Error(`${compiled.error.message} (${compiled.error.position})`);
  return compiled.value(text);
};

test.each([
  ["root", "root", true],
  ["root", "roots", false],
  ["^root$", "root", true],
  ["root|admin.*", "admin7", true],
  ["web-\\d+\\.example\\.com", "web-12.example.com", true],
  ["web-\\d+\\.example\\.com", "web-12xexample.com", false],
  ["[^a-c]+", "xyz", true],
  ["[^a-c]+", "xay", false],
  ["[\\]]", "]", true],
  ["[a-]", "-", true],
  ["(a|b)?c", "c", true],
  ["", "", true],
  ["", "x", false],
  [".", "😀", true],
  ["a.c", "a\nc", true],
  ["\\$5", "$5", true],
  ["5\\$", "5$", true],
])("%j on %j: %s", (pattern, text, expected) => {
  expect(matches(pattern, text)).toBe(expected);
});

test("says what RegExp says, of any pattern it understands", () => {
  const atom = fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "\\w", "\\.", "c");
  const pattern = fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4, depthIdentifier: "pattern" },
      atom,
      fc.tuple(tie("node"), tie("node")).map(([left, right]) => left + right),
      fc.tuple(tie("node"), tie("node")).map(([left, right]) => `(${left}|${right})`),
      fc.tuple(tie("node"), fc.constantFrom("*", "+", "?")).map(([inner, repeat]) => `(${inner})${repeat}`),
    ),
  })).node;
  const text = fc.string({ unit: fc.constantFrom("a", "b", "c", ".", "\n"), maxLength: 8 });
  fc.assert(
    fc.property(pattern, text, (written, subject) => {
      fc.pre(written.length <= 60);
      expect(matches(written, subject)).toBe(new RegExp(`^(?:${written})$`, "su").test(subject));
    }),
    { numRuns: 2000 },
  );
});

test.each(["(a+)+$", "(a*)*", "(a|a)*b", "(.*a)+b", "(a?)+a", "((a*)*)*"])(
  "the pattern %s is no trap: a hundred thousand signs are answered at once",
  (pattern) => {
    const begun = performance.now();
    expect(matches(pattern, `${"a".repeat(100_000)}!`)).toBe(false);
    expect(performance.now() - begun).toBeLessThan(5000);
  },
);

test.each([
  [new Array(5000).fill("a").join("|"), 200, /at most 200 characters/],
  [new Array(51).fill("a").join("|"), 99, /at most 50 alternatives/],
  ["a**", 2, /cannot be repeated/],
  ["*a", 0, /nothing to repeat/],
  ["a{3}", 1, /Counted repeats/],
  ["(ab", 0, /never closed/],
  ["ab)", 2, /closes nothing/],
  ["[ab", 0, /never closed/],
  ["[]", 1, /needs a sign/],
  ["[z-a]", 1, /backwards/],
  ["[\\d-z]", 1, /range/],
  ["(?i)a", 1, /no options/],
  ["a^b", 1, /write \\\^/],
  ["a\\", 1, /backslash/],
  ["\\bx", 0, /no meaning/],
])("refuses %j at %i", (pattern, position, message) => {
  const compiled = compilePattern(pattern);
  expect(compiled).toMatchObject({ ok: false, error: { position, message: expect.stringMatching(message) } });
});

test("fifty alternatives are still understood", () => {
  expect(matches(new Array(50).fill("a").join("|"), "a")).toBe(true);
});
