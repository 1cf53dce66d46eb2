// What every measurement store promises of a period as few points: bounded, nothing lost, nothing counted twice, gaps stay gaps.
import type { Measurement } from "@logwatch/events";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { MeasurementStore } from "./measurements.ts";
import { seriesOf } from "./measurements-series.memory.ts";
import type { SeriesQuery } from "./measurements-series.ts";
import { count, type OpenStorage, result } from "./suite-samples.ts";

const minuteMs = 60_000;
const dayMs = 86_400_000;
const start = 500 * dayMs;

const query = (over: Partial<SeriesQuery> = {}): SeriesQuery => ({
  jobId: "a",
  from: start,
  until: start + 60 * minuteMs,
  maxPoints: 61,
  maxSeries: 10,
  ...over,
});

/** A window of `lengthMs` that ends `atMs` after the start. */
const window = (atMs: number, lengthMs: number, measurements: Measurement[], revision = 0) => {
  const to = start + atMs;
  return result("a", to, { window: { from: to - lengthMs, to }, revision, measurements });
};

const pointsOf = async (measurements: MeasurementStore, over: Partial<SeriesQuery> = {}) =>
  (await measurements.series(query(over))).series[0]?.points.map(({ at, from, to, value, min, max, windows }) => [
    (at - start) / 1000,
    (from - start) / 1000,
    (to - start) / 1000,
    value,
    min,
    max,
    windows,
  ]);

export const measurementsSeriesSuite = (open: OpenStorage): void => {
  test("windows that tile are summed, with the least and the largest beside; a gap is no point", async () => {
    const { measurements } = await open();
    await measurements.append([10, 20, 30, 60, 130].map((at) => window(at * 1000, 10_000, [count(at)])));
    expect(await pointsOf(measurements)).toEqual([
      [0, 0, 60, 120, 10, 60, 4],
      [120, 120, 130, 130, 130, 130, 1],
    ]);
  });

  test("windows that overlap are not summed: the largest stands for the bucket", async () => {
    const { measurements } = await open();
    await measurements.append([10, 20, 30, 70].map((at) => window(at * 1000, 30_000, [count(at)])));
    expect(await pointsOf(measurements)).toEqual([
      [0, -20, 30, 30, 10, 30, 3],
      [60, 40, 70, 70, 70, 70, 1],
    ]);
  });

  test("what does not add up is its mean, and absent from where nobody measured it", async () => {
    const { measurements } = await open();
    const slow = (value: number): Measurement => ({ name: "slowest", labels: {}, value, unit: "ms" });
    await measurements.append([
      window(10_000, 10_000, [slow(1.5)]),
      window(20_000, 10_000, [slow(-4)]),
      window(30_000, 10_000, [count(1)]),
      window(70_000, 10_000, [count(1)]),
    ]);
    expect(await pointsOf(measurements, { name: "slowest" })).toEqual([[0, 0, 30, -1.25, -4, 1.5, 3]]);
  });

  test("a label set that some windows lack was zero there; hostile labels are told apart", async () => {
    const { measurements } = await open();
    const hostile = { user: 'a","count"],["failed_logins",{},99,"count"],[" é😀\\', host: "" };
    await measurements.append([
      window(10_000, 10_000, [count(1, hostile), count(2, { user: "root" }), count(3)]),
      window(20_000, 10_000, [count(4, { user: "Root" }), count(5)]),
      window(80_000, 10_000, [count(1e21), count(4e-7, { user: "root" })]),
    ]);
    const { series, left } = await measurements.series(query());
    expect(left).toBe(0);
    expect(
      Object.fromEntries(
        series.map((one) => [one.labels.user ?? "", one.points.map(({ value, min, max }) => [value, min, max])]),
      ),
    ).toEqual({
      "": [
        [8, 3, 5],
        [1e21, 1e21, 1e21],
      ],
      [hostile.user]: [
        [1, 0, 1],
        [0, 0, 0],
      ],
      root: [
        [2, 0, 2],
        [4e-7, 4e-7, 4e-7],
      ],
      Root: [
        [4, 0, 4],
        [0, 0, 0],
      ],
    });
  });

  test("wholes come first, then the label sets with the largest totals, and how many are left out is told", async () => {
    const { measurements } = await open();
    const labelled = Array.from({ length: 30 }, (_, index) => count(index, { user: `u${index}` }));
    await measurements.append([window(10_000, 10_000, [...labelled, count(1)])]);
    const { series, left } = await measurements.series(query({ maxSeries: 3 }));
    expect(series.map((one) => one.labels)).toEqual([{}, { user: "u29" }, { user: "u28" }]);
    expect(left).toBe(28);
    expect((await measurements.series(query({ name: "none" }))).series).toEqual([]);
    expect((await measurements.series(query({ jobId: "none" }))).series).toEqual([]);
  });

  test("the newest revision counts, whichever came first, and nothing outside the period does", async () => {
    const { measurements } = await open();
    await measurements.append([window(20_000, 10_000, [count(7)], 2), window(10_000, 10_000, [count(1)])]);
    await measurements.append([window(20_000, 10_000, [count(5)], 0), window(0, 10_000, [count(100)])]);
    await measurements.append([window(3_600_000, 10_000, [count(2)]), window(3_610_000, 10_000, [count(100)])]);
    expect((await pointsOf(measurements))?.map(([at, , , value]) => [at, value])).toEqual([
      [0, 8],
      [3540, 2],
    ]);
  });

  test("thinned history and seconds, whatever the period: never more points than asked for", async () => {
    const { measurements } = await open();
    await measurements.append(Array.from({ length: 3000 }, (_, index) => window((index + 1) * 1000, 1000, [count(1)])));
    for (const maxPoints of [1, 2, 7, 60, 500]) {
      const { series } = await measurements.series(query({ from: start + 1234, maxPoints }));
      expect(series[0]?.points.length).toBeLessThanOrEqual(Math.max(2, maxPoints));
      expect(series[0]?.points.reduce((sum, one) => sum + one.value, 0)).toBe(2999);
    }
    await measurements.thin(start + 8 * dayMs, 10_000);
    const { series } = await measurements.series(query());
    expect(series[0]?.points.map((one) => one.value)).toEqual(Array.from({ length: 50 }, () => 60));
  });

  test("a value whose row is in many parts is found, as is a window that came in them", async () => {
    const { measurements } = await open();
    const many = Array.from({ length: 3000 }, (_, index) =>
      count(index, { user: `user-${index}`, host: "é".repeat(9) }),
    );
    await measurements.append([window(10_000, 10_000, many), window(20_000, 10_000, many)]);
    const { series, left } = await measurements.series(query({ maxSeries: 2 }));
    expect(series.map((one) => one.points[0]?.value)).toEqual([2 * 2999, 2 * 2998]);
    expect(left).toBe(2998);
  });

  test("whatever was measured: the same points as counting in memory gives", async () => {
    const { measurements } = await open();
    let run = 0;
    const windows = fc.uniqueArray(
      fc.tuple(fc.integer({ min: 1, max: 300 }), fc.array(anyMeasurement, { maxLength: 4 })),
      {
        selector: ([at]) => at,
        maxLength: 25,
      },
    );
    const periods = fc.record({
      maxPoints: fc.integer({ min: 1, max: 80 }),
      lengthMs: fc.constantFrom(5000, 10_000, 25_000),
    });
    await fc.assert(
      fc.asyncProperty(windows, periods, async (tuples, { maxPoints, lengthMs }) => {
        const jobId = `p${run++}`;
        const stored = tuples.map(([at, values]) => window(at * 5000, lengthMs, unique(values)));
        await measurements.append(stored.map((one) => ({ ...one, jobId })));
        const asked = query({ jobId, maxPoints, until: start + 20 * minuteMs });
        const kept = stored
          .map((one) => ({ ...one.window, revision: 0, measurements: one.measurements, tier: 0 }))
          .sort((left, right) => left.to - right.to);
        expect(await measurements.series(asked)).toEqual(
          seriesOf(
            kept.filter((one) => one.to <= asked.until),
            asked,
          ),
        );
      }),
      { numRuns: 40 },
    );
  });
};

const anyMeasurement: fc.Arbitrary<Measurement> = fc
  .record({
    name: fc.constantFrom("n", "m"),
    labels: fc.oneof(fc.constant({}), fc.record({ user: fc.constantFrom("", 'q"u', "b\\", "é😀", ":p0") })),
    value: fc.integer({ min: -50, max: 1000 }),
  })
  .map((one) => ({ ...one, unit: one.name === "n" ? "count" : "ms" }));

const unique = (values: readonly Measurement[]): Measurement[] => [
  ...new Map(values.map((one) => [`${one.name}${JSON.stringify(one.labels)}`, one])).values(),
];
