// Expire: history is thinned in bounded batches, and one run ends.
import { expect, test } from "vitest";
import { expireHistory } from "./expire-history.ts";

const storeOf = (rows: number) => {
  const calls: number[] = [];
  const thin = async (_now: number, most: number) => {
    const taken = Math.min(rows, most);
    rows -= taken;
    calls.push(taken);
    return taken;
  };
  return { measurements: { thin }, calls, now: () => 0 };
};

test("goes on until nothing is left, a bounded batch at a time", async () => {
  const store = storeOf(12_000);
  expect(await expireHistory(store)).toBe(12_000);
  expect(store.calls).toEqual([5000, 5000, 2000, 0]);
});

test("one run never outlasts its Lambda: the next hour goes on", async () => {
  const store = storeOf(1_000_000);
  expect(await expireHistory(store, 3)).toBe(15_000);
});
