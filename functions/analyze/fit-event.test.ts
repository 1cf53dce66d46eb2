// A result fits into one record of the bus, whoever chose its values.
import { expect, test } from "vitest";
import type { AnalysisOutcome } from "../analyses/analysis.ts";
import { fitEvent } from "./fit-event.ts";

const outcome = (groups: number, valueLength: number): AnalysisOutcome => ({
  measurements: [
    { name: "failures", labels: {}, value: groups, unit: "count" },
    ...Array.from({ length: groups }, (_, index) => ({
      name: "failures_by_user",
      labels: { user: `${index}`.padEnd(valueLength, "ü") },
      value: index,
      unit: "count" as const,
    })),
  ],
  views: [],
  examples: [],
  truncated: [],
});

test("what fits stays as it is", () => {
  const small = outcome(1000, 20);
  expect(fitEvent(small)).toEqual(small);
});

test("what does not is cut to its largest values, and says so; the whole is still counted", () => {
  const fitted = fitEvent(outcome(10_000, 200));
  expect(Buffer.byteLength(JSON.stringify(fitted))).toBeLessThan(800_000);
  expect(fitted.truncated).toEqual(["failures_by_user"]);
  expect(fitted.measurements[0]).toMatchObject({ name: "failures", value: 10_000 });
  const values = fitted.measurements.slice(1).map(({ value }) => value);
  expect(values.length).toBeGreaterThan(1000);
  expect(Math.min(...values)).toBe(10_000 - values.length);
});
