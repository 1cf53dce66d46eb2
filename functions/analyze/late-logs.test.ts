// Late logs over a log in memory: which slots are asked again, and which are not.
import type { Failure } from "@logwatch/events";
import { expect, test } from "vitest";
import { fail } from "../lib/result.ts";
import { openMemory } from "../sources/memory.ts";
import { memoryLog } from "../sources/memory-log.ts";
import type { OpenSource } from "../sources/source.ts";
import { line, matches, minute, request, run, start } from "./test-run.ts";

test("a slot already judged is asked again when logs arrive late for it", async () => {
  const log = memoryLog();
  // It happened in the first minute and arrived in the third.
  log.add([line(start + 30_000)], start + 2.5 * minute);
  const third = request({ window: { from: start + 2 * minute, to: start + 3 * minute } });
  const { again } = await run([third], openMemory(log));
  expect(again.map(({ data }) => [data.window, data.revision, data.reason])).toEqual([
    [{ from: start, to: start + minute }, 2, "late-logs"],
  ]);
  const revised = await run(again, openMemory(log));
  expect([matches(revised.finished[0]), revised.again]).toEqual([1, []]);
});

test("logs that arrived in time are not late", async () => {
  const log = memoryLog();
  log.add([line(start + minute - 1)], start + minute + 4_000);
  const second = request({ window: { from: start + minute, to: start + 2 * minute }, delayMs: 5_000 });
  expect((await run([second], openMemory(log))).again).toEqual([]);
});

test("looking for late logs tiles: each arrival is found by exactly one slot", async () => {
  const log = memoryLog();
  for (let arrived = start + 5 * minute; arrived < start + 8 * minute; arrived += 7_000)
    log.add([line(start + 10)], arrived);
  let found = 0;
  for (let slot = 2; slot < 12; slot += 1) {
    const window = { from: start + (slot - 1) * minute, to: start + slot * minute };
    found += (await run([request({ window, delayMs: 3_000 })], openMemory(log))).again.length;
  }
  // Arrivals from 5:00 to 8:00 fall into the looks of the slots that end at 5:00, 6:00, 7:00 and 8:00, shifted by the delay.
  expect(found).toBe(4);
});

test("a log that no search found yet when its slot looked is found by the next look, however late it shows", async () => {
  const log = memoryLog();
  log.add([line(start + 30_000)], start + 3 * minute + 25_000);
  // Found nine seconds after it was received: after the look of the slot that ends at 3:00, before that of the next.
  const slots = [3, 4].map((slot) =>
    request({ window: { from: start + (slot - 1) * minute, to: start + slot * minute }, delayMs: 30_000 }),
  );
  const found = await Promise.all(
    slots.map(async (slot) => {
      const source = openMemory(log, () => slot.data.window.to + slot.data.delayMs - 9_000);
      return (await run([slot], source, { searchLagMs: 10_000 })).again.map(({ data }) => data.window.from - start);
    }),
  );
  expect(found).toEqual([[], [0]]);
});

test("a delay shorter than the log store's lag loses nothing: the end of each window is asked once more", async () => {
  const log = memoryLog();
  // Received within the window, and found only nine seconds later: when its own slot asked, it was not there.
  log.add([line(start + 2.9 * minute)], start + 2.9 * minute);
  const windowOf = (slot: number) => ({ from: start + (slot - 1) * minute, to: start + slot * minute });
  const again = async (slot: number) =>
    (await run([request({ window: windowOf(slot), delayMs: 3_000 })], openMemory(log), { searchLagMs: 10_000 })).again;
  expect(await again(3)).toEqual([]);
  expect((await again(4)).map(({ data }) => (data.window.to - start) / minute)).toEqual([3]);
});

test("a log store that cannot tell when logs arrived still answers; late ones are not noticed, and that is told", async () => {
  const told: string[] = [];
  const message = "it does not store when a message arrived";
  const arrivals: OpenSource["arrivals"] = async () => fail({ kind: "bad-query", message, retryable: false });
  const { ask } = openMemory([line(start + 30_000)]);
  const onBlind = (sourceId: string, failure: Failure) => void told.push(`${sourceId}: ${failure.message}`);
  const { finished } = await run([request()], { ask, arrivals }, { onBlind });
  expect(finished.map(({ data }) => data.outcome)).toEqual(["complete"]);
  expect(told).toEqual([`source: ${message}`]);
});

test("a look over a day of seconds asks for few enough buckets, and every late slot is still asked", async () => {
  const second = 1000;
  const log = memoryLog();
  const to = start + 24 * 60 * minute;
  log.add([line(start + 5 * second)], to - 500);
  const source = openMemory(log);
  let asked = 0;
  const arrivals: OpenSource["arrivals"] = (query, signal) => {
    asked = (query.happened.to - query.happened.from) / query.everyMs;
    return source.arrivals(query, signal);
  };
  const last = request({ window: { from: to - second, to }, everyMs: second });
  const { again } = await run([last], { ask: source.ask, arrivals }, { latenessMs: 24 * 60 * minute });
  expect(asked).toBeLessThanOrEqual(4000);
  expect(again.map(({ data }) => data.window.from)).toContain(start + 5 * second);
  expect(again.length).toBeLessThan(30);
});

test("where windows overlap, every window that holds the late log is asked again", async () => {
  const log = memoryLog();
  log.add([line(start + 30_000)], start + 5.5 * minute);
  const sixth = request({ window: { from: start + 3 * minute, to: start + 6 * minute } });
  const { again } = await run([sixth], openMemory(log));
  expect(again.map(({ data }) => (data.window.to - start) / minute)).toEqual([1, 2, 3]);
});

test("what arrives while a job watches is asked for, though it happened before its first slot; within the lateness only", async () => {
  const log = memoryLog();
  log.add([line(start - 59 * minute), line(start - 50 * minute), line(start - 61 * minute)], start + 30_000);
  const { again } = await run([request()], openMemory(log), { latenessMs: 60 * minute });
  expect(again.map(({ data }) => (data.window.to - start) / minute)).toEqual([-58, -49]);
});

test("a slot is only complete when late logs were looked for", async () => {
  const memory = openMemory([line(start)]);
  const arrivals: OpenSource["arrivals"] = async () => fail({ kind: "overloaded", message: "503", retryable: true });
  const { finished } = await run([request()], { ask: memory.ask, arrivals });
  expect(finished[0]?.data.outcome).toBe("failed");
});
