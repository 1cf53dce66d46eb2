// What every measurement store promises: a result is kept once, its newest revision is what is read, and thinning keeps the sums.
import type { Measurement } from "@logwatch/events";
import { expect, test } from "vitest";
import type { MeasurementStore, StoredMeasurement } from "./measurements.ts";
import { count, type OpenStorage, result } from "./suite-samples.ts";

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const minuteMs = 60_000;
/** An edge of every step. */
const now = 500 * dayMs;

const readAll = (store: MeasurementStore, jobId = "a") => store.read({ jobId, from: 0, until: now * 2 });
const windowsOf = (values: readonly StoredMeasurement[]) => values.map(({ from, to, value }) => [from, to, value]);
const total = (values: readonly StoredMeasurement[]) => values.reduce((sum, one) => sum + one.value, 0);

export const measurementsSuite = (open: OpenStorage): void => {
  test("what was measured comes back in order, with its window; a repeated result changes nothing", async () => {
    const { measurements } = await open();
    const hostile = count(2, { user: "ro\"o't\\\n:x 😀", host: "" });
    const results = [
      result("a", 2000, { measurements: [hostile, { name: "bytes", labels: {}, value: 0.1, unit: "bytes" }] }),
      result("a", 1000),
      result("b", 1000, { measurements: [count(7)] }),
    ];
    for (let time = 0; time < 2; time += 1) await measurements.append(results);
    expect(await readAll(measurements)).toEqual([
      { jobId: "a", from: 0, to: 1000, revision: 0, ...count(1) },
      { jobId: "a", from: 1000, to: 2000, revision: 0, ...hostile },
      { jobId: "a", from: 1000, to: 2000, revision: 0, name: "bytes", labels: {}, value: 0.1, unit: "bytes" },
    ]);
    expect(total(await readAll(measurements, "b"))).toBe(7);
    expect(await readAll(measurements, "none")).toEqual([]);
  });

  test("the higher revision of a window is what is read, whichever came first", async () => {
    const { measurements } = await open();
    const revised = (revision: number, value: number) => result("a", 1000, { revision, measurements: [count(value)] });
    await measurements.append([revised(2, 22)]);
    await measurements.append([revised(0, 20), revised(1, 21)]);
    expect(await readAll(measurements)).toEqual([{ jobId: "a", from: 0, to: 1000, revision: 2, ...count(22) }]);
  });

  test("a failed result leaves no values", async () => {
    const { measurements } = await open();
    const failure = { kind: "timeout", message: "", retryable: true } as const;
    await measurements.append([result("a", 1000, { outcome: "failed", failure, measurements: [] })]);
    await measurements.append([]);
    expect(await readAll(measurements)).toEqual([]);
  });

  test("history for a rule: after one window, up to and with another, one name alone", async () => {
    const { measurements } = await open();
    const other: Measurement = { name: "users", labels: {}, value: 3, unit: "count" };
    await measurements.append([1, 2, 3, 4].map((n) => result("a", n * 1000, { measurements: [count(n), other] })));
    const read = await measurements.read({ jobId: "a", from: 1000, until: 3000, name: "failed_logins" });
    expect(windowsOf(read)).toEqual([
      [1000, 2000, 2],
      [2000, 3000, 3],
    ]);
  });

  test("thousands of windows, and thousands of label sets in one, come back whole", async () => {
    const { measurements } = await open();
    await measurements.append(Array.from({ length: 2500 }, (_, index) => result("a", (index + 1) * 1000)));
    expect(new Set((await readAll(measurements)).map((one) => one.to)).size).toBe(2500);
    const labelled = (size: number) =>
      Array.from({ length: size }, (_, index) =>
        count(index, { address: `192.0.2.${index} é😀`, user: `user-${index}` }),
      );
    await measurements.append([result("b", 1000, { measurements: labelled(5000) })]);
    expect((await readAll(measurements, "b")).map((one) => one.value)).toEqual(labelled(5000).map((one) => one.value));
    await measurements.append([result("b", 1000, { measurements: labelled(10) })]);
    expect((await readAll(measurements, "b")).length).toBe(10);
  });

  test("raw windows become minutes after 7 days, minutes hours after 30 days, hours nothing after 13 months", async () => {
    const { measurements } = await open();
    const start = now - 7 * dayMs - hourMs;
    const slow: Measurement = { name: "slowest", labels: {}, value: 0, unit: "ms" };
    const results = Array.from({ length: 360 }, (_, index) => {
      const to = start + (index + 1) * 10_000;
      const values = [count(index % 2), { ...slow, value: index }];
      return result("a", to, { window: { from: to - 10_000, to }, measurements: values });
    });
    await measurements.append([...results, result("a", now)]);
    const counted = async () => (await readAll(measurements)).filter((one) => one.name === "failed_logins");
    expect(await thinAll(measurements, now - hourMs - 1)).toBe(0);
    expect(await thinAll(measurements, now)).toBeGreaterThanOrEqual(360);
    const minutes = await counted();
    expect(minutes.length).toBe(60 + 1);
    expect(windowsOf(minutes).slice(0, 1)).toEqual([[start, start + minuteMs, 3]]);
    expect(total(minutes)).toBe(180 + 1);
    const slowest = (await readAll(measurements)).filter((one) => one.name === "slowest");
    expect(slowest.map((one) => one.value)).toEqual(Array.from({ length: 60 }, (_, index) => index * 6 + 5));
    await thinAll(measurements, now + 23 * dayMs);
    expect(windowsOf(await counted())[0]).toEqual([start, start + hourMs, 180]);
    await thinAll(measurements, now + 396 * dayMs);
    expect(await readAll(measurements)).toEqual([]);
    expect(await thinAll(measurements, now + 396 * dayMs)).toBe(0);
  });

  test("thinning keeps windows that overlap from counting twice, and takes the newest revision of each", async () => {
    const { measurements } = await open();
    const start = now - 8 * dayMs;
    const window = (to: number, value: number, revision = 0) =>
      result("a", start + to, {
        window: { from: start + to - 30_000, to: start + to },
        revision,
        measurements: [count(value)],
      });
    await measurements.append([window(30_000, 5), window(40_000, 6), window(50_000, 7), window(60_000, 8)]);
    await measurements.append([window(60_000, 9, 1)]);
    await thinAll(measurements, now);
    expect(windowsOf(await readAll(measurements))).toEqual([[start, start + minuteMs, 5 + 9]]);
  });

  test("thinning in small bounded steps ends where one large step does", async () => {
    const { measurements } = await open();
    const start = now - 7 * dayMs - 10 * minuteMs;
    for (const jobId of ["a", "b"]) {
      await measurements.append(
        Array.from({ length: 60 }, (_, index) => {
          const to = start + (index + 1) * 10_000;
          return result(jobId, to, { window: { from: to - 10_000, to }, measurements: [count(index)] });
        }),
      );
    }
    const first = await measurements.thin(now, 15);
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThanOrEqual(15);
    await thinAll(measurements, now, 4);
    for (const jobId of ["a", "b"]) {
      const minutes = await readAll(measurements, jobId);
      expect(minutes.map((one) => one.to)).toEqual(Array.from({ length: 10 }, (_, n) => start + (n + 1) * minuteMs));
      expect(total(minutes)).toBe((59 * 60) / 2);
    }
  });
};

/** Until nothing is left to thin. How many rows went. */
const thinAll = async (store: MeasurementStore, at: number, limit = 10_000): Promise<number> => {
  let rows = 0;
  for (let round = 0; round < 1000; round += 1) {
    const thinned = await store.thin(at, limit);
    if (thinned === 0) return rows;
    rows += thinned;
  }
  throw new Error("Thinning does not end.");
};
