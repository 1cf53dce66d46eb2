import { describe, expect, it } from "vitest";
import { type Filter, parseFilter } from "./lucene.ts";
import { compileFilter } from "./lucene-match.ts";
import { wordsOf } from "./lucene-words.ts";

const at = Date.parse("2026-11-22T12:00:00.500Z");
const entry: Record<string, string | number> = {
  message: "Login failed for user u96 at 192.0.2.7:8443 after 1,098 ms",
  source: "Web-1.example.com",
  service: "auth",
  source_ip: "192.0.2.7",
  level: 3,
  ratio: 2.5,
  code: "0401",
  timestamp: at,
};

const parsed = (text: string): Filter => {
  const result = parseFilter(text, { allowRegex: true, allowLeadingWildcard: true, allowOpenFuzzy: true });
  if (!result.ok) throw new Error(`${text}: ${result.error.message}`);
  return result.value;
};
const matching = (texts: readonly string[]): string[] =>
  texts.filter((text) =>
    compileFilter(parsed(text))(
      (field) => entry[field],
      () => Object.values(entry),
    ),
  );
const yes = (...texts: string[]) => expect(matching(texts)).toEqual(texts);
const no = (...texts: string[]) => expect(matching(texts)).toEqual([]);

describe("compileFilter", () => {
  it("takes empty text and a star for everything", () => yes("", "  ", "*", "*:*"));

  it("compares plain fields whole and tells case apart", () => {
    yes("service:auth", 'service:"auth"', "source.ip:192.0.2.7", "source_ip:192.0.2.7", "code:0401");
    no("service:AUTH", "service:aut", "source_ip:192.0.2", "code:401", "nosuch:auth", "level:abc");
  });

  it("compares messages by words, without case, phrases in order", () => {
    yes(
      "message:login",
      "message:FAILED",
      'message:"failed for user"',
      "message:192.0.2.7",
      "message:8443",
      "message:1,098",
    );
    yes('message:"login user"~2', "message:(nothing OR u96)", "message:nothing-failed", "message:u9*");
    no("message:log", 'message:"user failed"', 'message:"login user"', "message:096", 'message:"nothing failed"');
  });

  it("compares the source whole and without case", () => {
    yes("source:web-1.example.com", "source:WEB-1*", 'source:"web-1.example.com"');
    no("source:web", "source:example");
  });

  it("searches every field for a word without a field", () => {
    yes("auth", "failed", '"failed for"', "web-1.example.com", "3", "192.0.2.7");
    no("AUTH", "nosuchword", '"for failed"');
  });

  it("reads numbers and ranges", () => {
    yes(
      "level:3",
      "level:<=3",
      "level:>2",
      "level:[3 TO 7]",
      "level:{2 TO 4}",
      "level:[3 TO *}",
      "ratio:2.5",
      'level:"3"',
    );
    yes("level:(>2 AND <4)", "ratio:[2 TO 3]", "level:{* TO 3]", "service:[a TO b]");
    no("level:<3", "level:>3", "level:{3 TO 7]", "level:[1 TO 3}", "ratio:2", "level:[a TO z]", "service:[1 TO 9]");
  });

  it("knows times in Graylog's form only", () => {
    yes(
      'timestamp:["2026-11-22 12:00:00.500" TO "2026-11-22 12:00:00.501"}',
      "timestamp:>=2026-11-22\\ 12\\:00\\:00.500",
    );
    yes('timestamp:"2026-11-22 12:00:00.500"');
    no('timestamp:{"2026-11-22 12:00:00.500" TO *]', 'timestamp:["2026-11-22T12:00:00.000Z" TO *]');
    no('timestamp:>="2026-11-22 12:00:00.000"', `timestamp:${at}`);
  });

  it("knows whether a field exists", () => {
    yes("_exists_:service", "service:*", "NOT _exists_:nosuch", "_exists_:source.ip");
    no("_exists_:nosuch", "nosuch:*", "-service:*");
  });

  it("joins clauses as Lucene's classic parser does", () => {
    yes(
      "service:auth AND level:3 OR service:x",
      "service:auth && level:3",
      "service:x || level:3",
      "service:x level:3",
    );
    yes(
      "+service:auth service:x",
      "NOT service:x",
      "!service:x",
      "service:auth AND NOT (level:7)",
      "level:3 -service:x",
    );
    yes("level:3 AND (NOT service:x)", "service:(x OR auth)", "service:auth^2 AND (level:3)^3");
    // OR does not bind weaker than AND: `a OR b AND c` requires b and c.
    no("service:auth OR service:x AND level:3", "service:auth AND service:x", "+service:x level:3", "NOT service:auth");
    no("service:auth and level:7 AND level:8", "level:3 -service:auth");
  });

  it("matches wildcards, expressions and almost equal words", () => {
    yes("service:au*", "service:a?t*h", "service:*th", "service:/a.*h/", "service:auht~1", "message:logni~");
    no("service:AU*", "service:a?h", "service:/a/", "service:auht~0", "service:a\\*");
  });

  it("does not slow down on wildcards made to backtrack", () => {
    const filter = parsed(`code:${"a*".repeat(1000)}b`);
    expect(
      compileFilter(filter)(
        () => "a".repeat(30_000),
        () => [],
      ),
    ).toBe(false);
  });

  it("looks for a thousand values at once", () => {
    const list = Array.from({ length: 1000 }, (_, index) => `t${index}`).join(" OR ");
    const filter = parseFilter(`trace_id:(${list})`, { maxLength: 100_000 });
    const matches = filter.ok && compileFilter(filter.value);
    expect(
      matches &&
        ["t0", "t999", "t1000"].map((value) =>
          matches(
            () => value,
            () => [],
          ),
        ),
    ).toEqual([true, true, false]);
  });
});

describe("wordsOf", () => {
  it("breaks words as Lucene's standard analyser does", () => {
    expect(wordsOf("O'Neil's a_b web-1.example.com 10.5 Ümlaut x=1;y")).toEqual([
      "o'neil's",
      "a_b",
      "web",
      "1",
      "example.com",
      "10.5",
      "ümlaut",
      "x",
      "1",
      "y",
    ]);
  });
});
