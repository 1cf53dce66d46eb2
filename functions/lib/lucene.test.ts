import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conjunction, parseFilter, quote, storedField } from "./lucene.ts";
import { compileFilter } from "./lucene-match.ts";

const problem = (text: string) => {
  const parsed = parseFilter(text);
  return parsed.ok ? undefined : parsed.error;
};

describe("parseFilter", () => {
  it("refuses what does not close, with the place", () => {
    const cases: [string, number][] = [
      ['message:"login', 8],
      ["service:(auth", 8],
      ["auth)", 4],
      ["a [1 TO 2", 2],
      ["a ]", 2],
      ["path:/api/v1", 5],
      ["path:/api", 5],
      ["auth\\", 4],
      ['"auth\\', 5],
      ["auth AND", 8],
      ["NOT", 3],
      ["a OR OR b", 5],
      ["f:", 2],
      ["f:-5", 2],
      ["()", 1],
      ["f:[1 2]", 5],
      ["a~3", 1],
      ["a\\u12", 1],
    ];
    for (const [text, position] of cases) expect([text, problem(text)?.position]).toEqual([text, position]);
  });

  it("refuses what makes a log store read everything", () => {
    for (const text of ["*auth", "service:?uth", "service:/a.*/", "auth~", "/.*/", "a* OR *b"]) {
      expect([text, problem(text)]).toEqual([text, expect.objectContaining({ position: expect.any(Number) })]);
    }
    expect(
      parseFilter("service:*uth OR service:/a/ OR auth~", {
        allowLeadingWildcard: true,
        allowRegex: true,
        allowOpenFuzzy: true,
      }).ok,
    ).toBe(true);
  });

  it("bounds length, clauses and depth before it costs time", () => {
    expect(problem("a".repeat(4097))?.position).toBe(4096);
    expect(problem("x".repeat(1_000_000))?.message).toContain("4096");
    const many = Array(1025).fill("a").join(" OR ");
    expect(parseFilter(many, { maxLength: 10_000 })).toMatchObject({ ok: false, error: { position: 5120 } });
    expect(parseFilter(Array(1024).fill("a").join(" OR "), { maxLength: 10_000 }).ok).toBe(true);
    expect(problem(`${"(".repeat(2000)}a${")".repeat(2000)}`)?.message).toContain("brackets");
  });

  it("never throws, whatever the text", () => {
    const piece = fc.constantFrom(
      "(",
      ")",
      '"',
      "\\",
      "/",
      "[",
      "]",
      "{",
      "}",
      "~",
      "^",
      ":",
      "*",
      "?",
      " AND ",
      " NOT ",
      "a",
      "-",
      " TO ",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((all) => all.join("")),
        ),
        (text) => {
          parseFilter(text, { allowRegex: true });
        },
      ),
    );
  });
});

describe("conjunction", () => {
  it("keeps every filter inside its own brackets", () => {
    expect(conjunction(["a OR b", "", " ", "*", "*:*", "NOT c"])).toEqual({ ok: true, value: "(a OR b) AND (NOT c)" });
    expect(conjunction([])).toEqual({ ok: true, value: "*" });
    expect(conjunction(["a OR b"])).toEqual({ ok: true, value: "a OR b" });
  });

  it("refuses a filter that would break out of its brackets", () => {
    const attacks = ["x) OR (streams:other", "x\\", "x [", "x /", "(x", "x AND", "x OR", "x -", 'x "\\'];
    for (const attack of attacks) expect([attack, conjunction(["service:auth", attack]).ok]).toEqual([attack, false]);
  });

  it("holds exactly where all of its filters hold", () => {
    const word = fc.constantFrom(
      "a",
      "b",
      "NOT a",
      "-b",
      "a OR b",
      "a AND NOT b",
      "+a b",
      "(a)",
      "a ",
      "!a",
      "a b",
      "a\\ b",
    );
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), fc.subarray(["a", "b"]), (filters, values) => {
        const joined = conjunction(filters);
        if (!joined.ok) throw new Error(joined.error.message);
        expect(holds(joined.value, { x: values[0] ?? "", y: values[1] ?? "" })).toBe(
          filters.every((text) => holds(text, { x: values[0] ?? "", y: values[1] ?? "" })),
        );
      }),
    );
  });
});

const holds = (text: string, fields: Record<string, string | number>): boolean => {
  const parsed = parseFilter(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return compileFilter(parsed.value)(
    (field) => fields[field],
    () => Object.values(fields),
  );
};

describe("quote", () => {
  it("makes a phrase that matches exactly its value, whatever is in it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (value, other) => {
        const text = `f:${quote(value)}`;
        expect(holds(text, { f: value })).toBe(true);
        expect(holds(text, { f: other })).toBe(other === value);
      }),
    );
  });
});

describe("storedField", () => {
  it("writes underscores for dots, as Graylog stores them", () => {
    expect(storedField("source.ip")).toBe("source_ip");
  });
});
