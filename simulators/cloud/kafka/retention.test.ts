import { statSync } from "node:fs";
import { expect, it } from "vitest";
import { everything, kafkaTests, record, valuesOf } from "./test-kafka.ts";

const { file: newFile, open } = kafkaTests();

it("forgets what is old and read by every group, keeps the rest, and offsets go on after a restart", async () => {
  let now = 1_000_000;
  const file = newFile();
  const retention = { keptMs: 100, maxRead: 1e6, unreadMs: 1e6, groupMs: 1e9 };
  const kafka = open({ file, now: () => now, retention });
  kafka.createTopic("t", 1);
  kafka.createTopic("dead", 1);
  await kafka.publish([record("k", "old", "dead"), ...Array.from({ length: 10 }, (_one, n) => record("k", String(n)))]);
  kafka.commit({ group: "fast", topic: "t", partition: 0 }, 10);
  kafka.commit({ group: "slow", topic: "t", partition: 0 }, 4);
  now += 60_001;
  await kafka.publish([record("k", "10")]);
  expect(await valuesOf(open({ file }))).toEqual(["4", "5", "6", "7", "8", "9", "10"]);
  expect(await valuesOf(open({ file }), 0, "dead")).toEqual(["old"]);
  kafka.commit({ group: "fast", topic: "t", partition: 0 }, 11);
  kafka.commit({ group: "slow", topic: "t", partition: 0 }, 11);
  now += 60_001;
  await kafka.publish([record("k", "11")]);
  const reopened = open({ file, now: () => now });
  expect(await valuesOf(reopened)).toEqual(["11"]);
  await reopened.publish([record("k", "12")]);
  expect((await reopened.fetch({ topic: "t", partition: 0, offset: 0 }, everything)).map((one) => one.offset)).toEqual([
    11, 12,
  ]);
});

it("waits for a group that lags, but not for ever for one that never comes back", async () => {
  let now = 1_000_000;
  const file = newFile();
  const retention = { keptMs: 1000, maxRead: 1e6, unreadMs: 1e9, groupMs: 300_000 };
  const kafka = open({ file, now: () => now, retention });
  kafka.createTopic("t", 1);
  await kafka.publish(["1", "2", "3"].map((value) => record("k", value)));
  kafka.commit({ group: "gone", topic: "t", partition: 0 }, 0);
  now += 200_000;
  kafka.commit({ group: "live", topic: "t", partition: 0 }, 3);
  await kafka.publish([record("k", "4")]);
  expect(await valuesOf(open({ file }))).toEqual(["1", "2", "3", "4"]);
  now += 200_000;
  await kafka.publish([record("k", "5")]);
  expect(await valuesOf(open({ file }))).toEqual(["4", "5"]);
});

it("bounds the file by number too, however young the records are", async () => {
  let now = 1_000_000;
  const file = newFile();
  const kafka = open({
    file,
    now: () => now,
    retention: { keptMs: 1e9, maxRead: 1000, unreadMs: 1e9, groupMs: 1e9 },
  });
  kafka.createTopic("t", 1);
  let largest = 0;
  for (let batch = 0; batch < 60; batch += 1) {
    now += 60_001;
    await kafka.publish(Array.from({ length: 400 }, () => record("k", "x".repeat(1000))));
    kafka.commit({ group: "g", topic: "t", partition: 0 }, (batch + 1) * 400);
    largest = Math.max(largest, statSync(file).size);
  }
  expect((await valuesOf(open({ file }))).length).toBeLessThanOrEqual(1500);
  expect(largest).toBeLessThan(8_000_000);
});
