import { expect, test } from "vitest";
import { murmur2, partitionOf } from "./murmur2.ts";

// The vectors of Kafka's own UtilsTest.
test.each([
  ["21", -973932308],
  ["foobar", -790332482],
  ["a-little-bit-long-string", -985981536],
  ["a-little-bit-longer-string", -1486304829],
  ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971],
  ["abc", 479470107],
])("the hash of %s is Kafka's", (key, hash) => {
  expect(murmur2(Buffer.from(key))).toBe(hash);
});

test("a key's partition is never negative, and small keys spread over all partitions", () => {
  const seen = new Set<number>();
  for (let n = 0; n < 1000; n += 1) seen.add(partitionOf(Buffer.from(`job-${n}`), 4));
  expect([...seen].sort()).toEqual([0, 1, 2, 3]);
  expect(partitionOf(Buffer.from("21"), 1_000_000)).toBe((-973932308 & 0x7fffffff) % 1_000_000);
});
