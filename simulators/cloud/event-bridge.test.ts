// The schedule stand-in: when it invokes, with what, and that a lost or failing tick stops nothing.
import type { ScheduledEvent } from "aws-lambda";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type EventBridge, startEventBridge } from "./event-bridge.ts";
import { createFaults } from "./faults.ts";

const start = Date.parse("2026-03-01T12:00:20.500Z");
let bridge: EventBridge | undefined;

beforeEach(() => {
  vi.useFakeTimers({ now: start });
});
afterEach(async () => {
  await bridge?.stop();
  vi.useRealTimers();
});

const open = (target: (event: ScheduledEvent) => Promise<void>) => {
  const faults = createFaults();
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  bridge = startEventBridge({ name: "minute", everyMs: 60_000, target, onError, faults });
  return { faults, errors };
};

test("a tick comes at the start and then at every full minute", async () => {
  const times: string[] = [];
  open(async (event) => void times.push(event.time));
  await vi.advanceTimersByTimeAsync(120_000);
  expect(times).toEqual(["2026-03-01T12:00:20Z", "2026-03-01T12:01:00Z", "2026-03-01T12:02:00Z"]);
});

test("a tick is the event that Lambda gets, and each has an id of its own", async () => {
  const events: ScheduledEvent[] = [];
  open(async (event) => void events.push(event));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(events[0]).toMatchObject({ source: "aws.events", "detail-type": "Scheduled Event", detail: {} });
  expect(events[0]?.resources).toEqual(["arn:aws:events:us-east-1:123456789012:rule/minute"]);
  expect(new Set(events.map((event) => event.id)).size).toBe(2);
});

test("a tick does not wait for the one before it, and stop waits for both", async () => {
  let running = 0;
  let most = 0;
  open(async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 70_000));
    running -= 1;
  });
  await vi.advanceTimersByTimeAsync(60_000);
  const stopped = bridge?.stop();
  await vi.advanceTimersByTimeAsync(70_000);
  await stopped;
  expect([most, running]).toEqual([2, 0]);
});

test("a target that throws is told, and the next tick comes", async () => {
  const times: string[] = [];
  const { errors } = open(async (event) => {
    times.push(event.time);
    throw new Error("no");
  });
  await vi.advanceTimersByTimeAsync(60_000);
  expect([times.length, errors.length]).toEqual([2, 2]);
});

test("a fault swallows a tick, and that is told", async () => {
  const times: string[] = [];
  const { faults, errors } = open(async (event) => void times.push(event.time));
  faults.add({ target: "eventbridge", kind: "refuse", calls: 1 });
  await vi.advanceTimersByTimeAsync(120_000);
  expect(times).toEqual(["2026-03-01T12:00:20Z", "2026-03-01T12:02:00Z"]);
  expect(String(errors[0])).toContain("12:01:00Z was lost");
});

test("after stop no tick comes any more", async () => {
  const times: string[] = [];
  open(async (event) => void times.push(event.time));
  await bridge?.stop();
  await vi.advanceTimersByTimeAsync(600_000);
  expect(times).toHaveLength(1);
});
