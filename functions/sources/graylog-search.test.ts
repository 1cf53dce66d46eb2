// How a question is written for Graylog: what keeps cut groups visible, buckets exact and the server's memory whole.
import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { Part } from "../lib/question.ts";
import { graylogInterval } from "./graylog-interval.ts";
import { searchBody, searchOf } from "./graylog-search.ts";

const hour = 3_600_000;
const window = { from: 0, to: hour };
const search = (part: Part, maxGroups = 20_000) => searchOf(part, "*", window, { maxGroups });
/** The groups of each answer that is asked. */
const rowGroups = (part: Part, maxGroups?: number) => {
  const found = search(part, maxGroups);
  return found.ok ? found.value.searchTypes.map((one) => one.row_groups) : found;
};
/** How many groups each answer may have on its levels. */
const limits = (fields: number, limit: number, maxGroups?: number) => {
  const asked = rowGroups({ kind: "terms", by: ["a", "b", "c"].slice(0, fields), limit }, maxGroups);
  return z.array(z.array(z.object({ limit: z.number() }).transform((level) => level.limit))).parse(asked);
};

describe("a search of Graylog", () => {
  it("asks for one group more than wanted on every level, since cut ones leave no sign", () => {
    const level = (field: string, limit: number) => ({
      type: "values",
      fields: [field],
      limit,
      skip_empty_values: false,
    });
    expect(rowGroups({ kind: "terms", by: ["user.name"], limit: 10 })).toEqual([[level("user_name", 11)]]);
    expect(rowGroups({ kind: "terms", by: ["a", "b"], limit: 10 })).toEqual([[level("a", 11), level("b", 11)]]);
  });

  it("gives each field its turn with many groups where not all can have them", () => {
    expect(limits(2, 1000)).toEqual([
      [1000, 10],
      [10, 1000],
    ]);
    expect(limits(2, 100)).toEqual([[101, 101]]);
    expect(limits(3, 100)).toEqual([
      [66, 10, 10],
      [10, 66, 10],
      [10, 10, 66],
    ]);
  });

  it.each([5000, 20_000, 60_000])("keeps nested groups within the bound of %i rows, over all answers", (maxGroups) => {
    for (const fields of [1, 2, 3]) {
      for (const limit of [1, 10, 100, 1000, 10_000]) {
        const rows = limits(fields, limit, maxGroups).map((levels) =>
          levels.reduce((product, level) => product * level),
        );
        expect(rows.reduce((sum, own) => sum + own)).toBeLessThanOrEqual(maxGroups);
      }
    }
  });

  it("asks for fewer values over time than wanted rather than for too many rows", () => {
    const part: Part = { kind: "histogram", everyMs: 1000, by: "user", limit: 50 };
    // 3,600 seconds, times four values and those without one.
    expect(rowGroups(part)).toMatchObject([[{ fields: ["user"], limit: 4 }, { type: "time" }]]);
  });

  it.each([
    ["parts of a second", { kind: "histogram", everyMs: 1500 }, /seconds/],
    ["groups by free text", { kind: "terms", by: ["message"], limit: 5 }, /free text/],
    ["buckets by free text", { kind: "histogram", everyMs: 60_000, by: "full_message" }, /free text/],
  ] satisfies [string, Part, RegExp][])("%s are refused before the server is asked", (_, part, says) => {
    const found = search(part);
    expect(found).toMatchObject({ ok: false, error: { kind: "bad-query", retryable: false } });
    expect(found.ok ? "" : found.error.message).toMatch(says);
  });

  it("too many points are refused, with or without values", () => {
    const part: Part = { kind: "histogram", everyMs: 1000 };
    for (const one of [part, { ...part, by: "user" }]) {
      const found = search(one, 3599);
      expect(found).toMatchObject({
        ok: false,
        error: { kind: "bad-query", message: expect.stringContaining("rows") },
      });
    }
    expect(search(part, 3600).ok).toBe(true);
  });

  it("a page is never longer than 500, and a later one stands on the millisecond where the last one ended", () => {
    const part: Part = { kind: "messages", limit: 9000, fields: ["user.name", "service"], after: "1234:7" };
    expect(search(part)).toMatchObject({
      value: {
        window: { from: 0, to: 1235 },
        searchTypes: [
          {
            limit: 500,
            offset: 7,
            fields: ["timestamp", "source", "message", "level", "service", "user_name"],
          },
        ],
      },
    });
  });

  it("one request holds every part, with times in ISO and the streams apart from the query", () => {
    const searches = [search({ kind: "count" }), search({ kind: "terms", by: ["a", "b"], limit: 1000 })].flatMap(
      (one) => (one.ok ? [one.value] : []),
    );
    const body = searchBody(searches, ["000000000000000000000001"]);
    expect(body.id).toMatch(/^[0-9a-f]{24}$/);
    expect(body.queries).toMatchObject([
      {
        id: "q0",
        query: { query_string: "*" },
        timerange: { type: "absolute", from: "1970-01-01T00:00:00.000Z", to: "1970-01-01T01:00:00.000Z" },
        filter: { type: "or", filters: [{ type: "stream", id: "000000000000000000000001" }] },
        search_types: [{ id: "s0" }],
      },
      { id: "q1", search_types: [{ id: "s1" }, { id: "s1.1" }] },
    ]);
  });

  it.each([
    [1000, "1s"],
    [5000, "5s"],
    [90_000, "30s"],
    [60_000, "1m"],
    [7 * 60_000, "1m"],
    [10 * 60_000, "10m"],
    [45 * 60_000, "15m"],
    [hour, "1h"],
    [5 * hour, "1h"],
    [24 * hour, "1d"],
    [7 * 24 * hour, "1d"],
    [999, undefined],
  ])("buckets of %i ms are made of %s", (everyMs, unit) => {
    expect(graylogInterval(everyMs)?.unit).toBe(unit);
  });
});
