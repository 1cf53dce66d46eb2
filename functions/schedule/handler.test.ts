// The minute as a whole: the tick and the sweeps beside each other, on a clock that runs fast.
import { expect, test } from "vitest";
import type { Emit } from "../lib/emit.ts";
import { openMemoryStorage } from "../storage/open-storage.ts";
import { configuration, job } from "../storage/suite-samples.ts";
import { scheduleHandler } from "./handler.ts";

const start = Date.UTC(2026, 10, 22, 12);

/** One minute with a job every second; what the sweep looks for fails as often as that. */
const minuteWith = async (failures: number) => {
  const storage = openMemoryStorage();
  await storage.configuration.apply(
    "test",
    configuration({ jobs: [job("a", { everyMs: 1000, delayMs: 0, startAt: start })] }),
  );
  const clock = { now: start };
  let sent = 0;
  const emit: Emit = async (_topic, events) => {
    sent += events.length;
  };
  let sweeps = 0;
  const retryable: typeof storage.coverage.retryable = async (...args) => {
    sweeps += 1;
    if (sweeps <= failures) throw new Error("the database has a hiccup");
    return storage.coverage.retryable(...args);
  };
  const handler = scheduleHandler({
    storage: { ...storage, coverage: { ...storage.coverage, retryable } },
    emit,
    now: () => clock.now,
    log: () => undefined,
    // Tick and sweep wait on one clock, which whoever waits moves by small steps.
    waitUntil: async (at) => {
      while (clock.now < at) {
        await new Promise((resolve) => setImmediate(resolve));
        clock.now += 100;
      }
      return true;
    },
  });
  const error = await handler({ time: new Date(start).toISOString() }).then(
    () => undefined,
    (reason: unknown) => (reason instanceof Error ? reason.message : reason),
  );
  return { error, sent, sweeps };
};

test("a minute publishes its slots and sweeps every five seconds", async () => {
  expect(await minuteWith(0)).toEqual({ error: undefined, sent: 60, sweeps: 12 });
});

test("a sweep that fails ends neither the tick nor the next sweep, and is told when the minute is over", async () => {
  expect(await minuteWith(1)).toEqual({ error: "the database has a hiccup", sent: 60, sweeps: 12 });
  expect(await minuteWith(12)).toEqual({ error: "12 parts of this tick failed.", sent: 60, sweeps: 12 });
});
