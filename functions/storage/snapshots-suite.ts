// What every snapshot store promises: the newest result of each job, whatever order results come in.
import { expect, test } from "vitest";
import { count, type OpenStorage, result } from "./suite-samples.ts";

const dayMs = 86_400_000;

export const snapshotsSuite = (open: OpenStorage): void => {
  test("a result comes back as it was put", async () => {
    const { snapshots } = await open();
    const whole = result("a", 2000, {
      measurements: [count(3, { user: "ro\"o't\n😀" })],
      views: [{ kind: "timeseries", title: "t", series: [{ labels: {}, points: [{ at: 1000, value: 1.5 }] }] }],
      examples: ["a line"],
      truncated: ["failures"],
    });
    await snapshots.put([whole, result("b", 1000)], dayMs);
    expect(await snapshots.get("a")).toEqual(whole);
    expect((await snapshots.get("b"))?.window.to).toBe(1000);
    expect(await snapshots.get("none")).toBeUndefined();
    await snapshots.put([], dayMs);
  });

  test("the newest window stays, and of equal windows the higher revision", async () => {
    const { snapshots } = await open();
    const put = async (to: number, revision: number) => {
      await snapshots.put([result("a", to, { revision })], dayMs);
      const kept = await snapshots.get("a");
      return [kept?.window.to, kept?.revision];
    };
    expect(await put(2000, 1)).toEqual([2000, 1]);
    expect(await put(1000, 9)).toEqual([2000, 1]);
    expect(await put(2000, 0)).toEqual([2000, 1]);
    expect(await put(2000, 2)).toEqual([2000, 2]);
    expect(await put(3000, 0)).toEqual([3000, 0]);
    await snapshots.put([result("a", 5000), result("a", 4000), result("a", 5000, { revision: 1 })], dayMs);
    expect(await snapshots.get("a")).toMatchObject({ window: { to: 5000 }, revision: 1 });
  });
};
