// What memory promises beyond the suite of all sources: growing, late logs, repeated messages.
import type { LogEntry } from "@logwatch/events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memory, openMemory } from "./memory.ts";
import { memoryLog } from "./memory-log.ts";
import type { OpenSource } from "./source.ts";
import { toLoopback } from "./test-fetch.ts";

const signal = new AbortController().signal;
const entry = (at: number, more: Partial<LogEntry> = {}): LogEntry => ({
  at,
  service: "auth",
  host: "",
  level: null,
  message: "hello",
  fields: {},
  ...more,
});
const count = async (source: OpenSource, from: number, to: number, filters: string[] = []) => {
  const answer = await source.ask({ filters, window: { from, to }, parts: { all: { kind: "count" } } }, signal);
  return answer.ok && answer.value.parts.all?.kind === "count" ? answer.value.parts.all.count : answer;
};

describe("a log in memory", () => {
  it("however it grew, every window holds what a plain search finds, and ties keep the order of arrival", async () => {
    const batches = fc.array(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 8 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(batches, fc.nat(30), fc.nat(10), async (times, from, length) => {
        let n = 0;
        const entries = times.map((batch) => batch.map((at) => entry(at, { fields: { n: n++ } })));
        const log = memoryLog();
        for (const batch of entries) log.add(batch);
        const window = { from, to: from + length };
        const expected = entries
          .flat()
          .filter(({ at }) => at >= window.from && at < window.to)
          .sort((a, b) => a.at - b.at);
        expect(log.happened(window).map((line) => line.entry)).toEqual(expected);
        expect(log.arrived(window).map((line) => line.entry)).toEqual(expected);
        expect(await count(openMemory(log), window.from, window.to)).toBe(expected.length);
      }),
    );
  });

  it("a message that stands for many counts as many, in every number", async () => {
    const source = openMemory([entry(1, { repeats: 3, fields: { took: 1 } }), entry(2, { fields: { took: 9 } })]);
    const answer = await source.ask(
      {
        filters: [],
        window: { from: 0, to: 10 },
        parts: {
          all: { kind: "count" },
          groups: { kind: "terms", by: ["took"], limit: 5 },
          took: { kind: "stats", field: "took", ops: ["avg", "sum", "p95"] },
          buckets: { kind: "histogram", everyMs: 10 },
          lines: { kind: "messages", limit: 5, fields: [] },
        },
      },
      signal,
    );
    expect(answer).toMatchObject({
      value: {
        parts: {
          all: { count: 4 },
          groups: {
            rows: [
              { keys: ["1"], count: 3 },
              { keys: ["9"], count: 1 },
            ],
          },
          took: { values: { avg: 3, sum: 12, p95: 9 } },
          buckets: { series: [{ points: [{ at: 0, value: 4 }] }] },
          lines: { entries: [{ at: 2 }, { at: 1, repeats: 3 }], next: null },
        },
      },
    });
  });

  it("a late message is unseen until it arrives, then found by its arrival", async () => {
    let now = 100;
    const log = memoryLog();
    log.add([entry(50)], 60);
    log.add([entry(55)], 200);
    const source = openMemory(log, () => now);
    expect(await count(source, 0, 100)).toBe(1);
    now = 200;
    expect(await count(source, 0, 100)).toBe(2);
    const late = { filters: [], received: { from: 100, to: 201 }, happened: { from: 0, to: 100 }, everyMs: 10 };
    expect(await source.arrivals(late, signal)).toEqual({ ok: true, value: [{ at: 50, count: 1 }] });
  });

  it("entries added after a question are in the next answer", async () => {
    const log = memoryLog([entry(5)]);
    const source = openMemory(log);
    expect(await count(source, 0, 10, ["service:auth"])).toBe(1);
    log.add([entry(3), entry(12)]);
    expect(await count(source, 0, 10, ["service:auth"])).toBe(2);
  });

  it('a field `service` stands before the entry\'s own, and "" is no value', async () => {
    const source = openMemory([
      entry(1, { fields: { service: "billing", "user.name": "" } }),
      entry(2, { service: "", host: "web-1.example.com", level: 3 }),
    ]);
    expect(await count(source, 0, 9, ["service:billing"])).toBe(1);
    expect(await count(source, 0, 9, ["service:auth"])).toBe(0);
    expect(await count(source, 0, 9, ["NOT _exists_:service AND level:<=3 AND source:web-1.example.com"])).toBe(1);
    expect(await count(source, 0, 9, ["_exists_:user.name"])).toBe(0);
  });

  it("a question given up before it was asked is not answered", async () => {
    const parts = { all: { kind: "count" as const } };
    const given = await openMemory([]).ask({ filters: [], window: { from: 0, to: 1 }, parts }, AbortSignal.abort());
    expect(given).toMatchObject({ ok: false, error: { kind: "timeout" } });
  });

  it("entries come from the settings, with times as ISO text", async () => {
    const source = memory.open({ entries: [{ ...entry(0), at: "1970-01-01T00:00:00.005Z" }] }, toLoopback);
    expect(await count(source, 5, 6)).toBe(1);
    expect(() => memory.open({ entries: [{ at: "yesterday" }] }, toLoopback)).toThrow();
  });
});
