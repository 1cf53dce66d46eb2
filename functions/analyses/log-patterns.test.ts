// Patterns over time by example.
import { expect, it } from "vitest";
import { openMemory } from "../sources/memory.ts";
import { logPatterns } from "./log-patterns.ts";
import { logged, outcomeOf, testWindow, valuesOf } from "./test-answer.ts";

const log = openMemory([
  logged(1, "web", { code: 500 }, "upstream timed out"),
  logged(2, "web", { code: 500 }, "upstream timed out"),
  logged(70, "web", { code: 502 }, "upstream timed out"),
  logged(80, "web", { code: 200 }, "served"),
]).ask;
const params = { filter: 'message:"timed out"', field: "code" };

it("counts matches by value, and draws when they came", async () => {
  const outcome = await outcomeOf(log, logPatterns, params);
  expect(valuesOf(outcome)).toEqual({
    matches: 3,
    "matches_by_value{value=500}": 2,
    "matches_by_value{value=502}": 1,
  });
  const points = (...values: number[]) => values.map((value, at) => ({ at: testWindow.from + at * 60_000, value }));
  expect(outcome.views.filter((view) => view.kind === "timeseries")).toMatchObject([
    { series: [{ labels: {}, points: points(2, 1, 0, 0, 0) }] },
    {
      series: [
        { labels: { code: "500" }, points: points(2, 0, 0, 0, 0) },
        { labels: { code: "502" }, points: points(0, 1, 0, 0, 0) },
      ],
    },
  ]);
  expect(outcome.examples).toHaveLength(3);
});

it("what does not match is not drawn", async () => {
  const outcome = await outcomeOf(log, logPatterns, { ...params, filter: 'message:"disk full"' });
  expect(valuesOf(outcome)).toEqual({ matches: 0 });
});
