// How many are let through at once, how many wait, and that a place is given back whatever happens.
import { expect, test } from "vitest";
import { createGate } from "./gate.ts";

test("what cannot be worked on or wait is turned away at once", async () => {
  const gate = createGate({ most: 1, waiting: 1 });
  const ends: (() => void)[] = [];
  const slow = () => gate(() => new Promise<string>((resolve) => ends.push(() => resolve("done"))));
  const [first, second] = [slow(), slow()];
  expect(await slow()).toBe("busy");
  ends.shift()?.();
  expect(await first).toBe("done");
  ends.shift()?.();
  expect(await second).toBe("done");
  await expect(gate(() => Promise.reject(new Error("x")))).rejects.toThrow("x");
  expect(await gate(async () => "again")).toBe("again");
});
