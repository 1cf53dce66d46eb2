import { expect, it } from "vitest";
import { createFaults } from "../faults.ts";
import { kafkaTests, record, valuesOf } from "./test-kafka.ts";

const { open } = kafkaTests();

it("refuse, time out, throttle and err before anything is stored, and say they may be tried again", async () => {
  const faults = createFaults();
  const kafka = open({ faults });
  kafka.createTopic("t", 1);
  for (const [kind, code] of [
    ["refuse", "BROKER_NOT_AVAILABLE"],
    ["timeout", "REQUEST_TIMED_OUT"],
    ["throttle", "THROTTLING_QUOTA_EXCEEDED"],
    ["error", "UNKNOWN_SERVER_ERROR"],
  ] as const) {
    faults.add({ target: "kafka", kind, calls: 1, delayMs: 5 });
    await expect(kafka.publish([record("k", "v")])).rejects.toMatchObject({ code, retriable: true });
  }
  expect(await valuesOf(kafka)).toEqual([]);
  faults.add({ target: "kafka", kind: "slow", calls: 1, delayMs: 30 });
  const start = performance.now();
  await kafka.publish([record("k", "v")]);
  expect(performance.now() - start).toBeGreaterThan(25);
  expect(await valuesOf(kafka)).toEqual(["v"]);
});

it("a partial answer: the first half is stored, and the caller learns of a failure", async () => {
  const faults = createFaults();
  const kafka = open({ faults });
  kafka.createTopic("t", 1);
  faults.add({ target: "kafka", kind: "partial", calls: 1 });
  await expect(kafka.publish(["1", "2", "3"].map((value) => record("k", value)))).rejects.toThrow(/answer was lost/);
  expect(await valuesOf(kafka)).toEqual(["1", "2"]);
});
