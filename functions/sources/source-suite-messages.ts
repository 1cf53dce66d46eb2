// What every source promises of statistics, filters, messages and late logs.

import type { LogEntry } from "@logwatch/events";
import { expect, it } from "vitest";
import type { StatsOp } from "../lib/question.ts";
import type { Asked } from "./source-suite.ts";
import { minute } from "./source-suite-log.ts";

export const messagesSuite = ({ log, sent, source, ask, answer, count }: Asked) => {
  const page = async (filters: string[], limit: number, after?: string) => {
    const given = await answer(filters, { kind: "messages", limit, fields: ["n", "user.name"], after });
    if (given.kind !== "messages") throw new Error(`Messages were asked, and ${given.kind} answered.`);
    return given;
  };

  it("statistics are computed from the numbers there are", async () => {
    const ops: StatsOp[] = ["min", "max", "avg", "sum", "cardinality", "p95"];
    const given = await answer(["service:slow"], { kind: "stats", field: "took", ops });
    expect(given).toMatchObject({ kind: "stats", values: { min: 0.5, max: 7.5, avg: 3, sum: 12, cardinality: 4 } });
    const p95 = given.kind === "stats" ? given.values.p95 : null;
    expect(p95).toBeGreaterThan(2.5);
    expect(p95).toBeLessThanOrEqual(7.5);
    const users = await answer(["service:auth"], { kind: "stats", field: "user.name", ops: ["cardinality"] });
    expect(users).toEqual({ kind: "stats", values: { cardinality: 2 } });
  });

  it("statistics of nothing are null, never 0", async () => {
    const ops: StatsOp[] = ["min", "max", "avg", "sum", "p95", "cardinality"];
    const nothing = { min: null, max: null, avg: null, sum: null, p95: null, cardinality: 0 };
    for (const filter of ["service:nobody", "service:web"]) {
      const given = await answer([filter], { kind: "stats", field: "took", ops });
      expect(given).toEqual({ kind: "stats", values: nothing });
    }
    expect(await answer(["service:web"], { kind: "stats", field: "took", ops: ["sum"] })).toEqual({
      kind: "stats",
      values: { sum: null },
    });
  });

  it("a filter cannot reach beyond the one it is joined with", async () => {
    expect(await count(['service:"auth"', "service:auth OR service:web"])).toBe(8);
    expect(await count(['service:"auth"', "service:web OR NOT service:auth"])).toBe(0);
    for (const breakOut of ["x) OR (service:web", "x) OR *:* OR (y", 'x" OR service:web', "service:auth OR (", "x\\"]) {
      const given = await ask(['service:"auth"', breakOut], { one: { kind: "count" } });
      expect(given).toMatchObject({ ok: false, error: { kind: "bad-query", retryable: false } });
    }
  });

  it("a query that cannot be read is a bad query that says where", async () => {
    const given = await ask([], { one: { kind: "count", filter: "service:(auth" } });
    expect(given).toMatchObject({ ok: false, error: { kind: "bad-query", retryable: false } });
    expect(given.ok ? "" : given.error.message).toMatch(/\d/);
  });

  it("parts that make no sense are refused with words, not answered", async () => {
    for (const part of [
      { kind: "terms" as const, by: [], limit: 5 },
      { kind: "terms" as const, by: ["service"], limit: 0 },
      { kind: "histogram" as const, everyMs: 0 },
      { kind: "histogram" as const, everyMs: 0.001 },
      { kind: "messages" as const, limit: 5, fields: [], after: "'; drop" },
    ]) {
      expect(await ask([], { one: part })).toMatchObject({ ok: false, error: { kind: "bad-query", retryable: false } });
    }
  });

  it("messages come newest first, with the fields that were asked for and no others", async () => {
    const given = await page(["service:auth"], 3);
    const { to } = log.window;
    const entry = (at: number, fields: LogEntry["fields"]): LogEntry => ({
      at,
      service: "auth",
      host: "web-1.example.com",
      level: 4,
      message: "auth says hello",
      fields,
    });
    expect(given.entries).toEqual([
      entry(to - 1, {}),
      entry(to - minute + 2, { "user.name": "user001" }),
      entry(to - minute + 1, { "user.name": "user001" }),
    ]);
    expect(given.next).not.toBeNull();
    expect((await page(['user.name:"-"'], 1)).entries[0]?.fields).toEqual({ "user.name": "-" });
  });

  it("pages lose nothing and repeat nothing, also where many messages share a millisecond", async () => {
    const all: LogEntry[] = [];
    let after: string | undefined;
    do {
      const given = await page(["service:page"], 4, after);
      all.push(...given.entries);
      after = given.next ?? undefined;
    } while (after !== undefined && all.length < 100);
    expect(all.map(({ fields }) => fields.n)).toHaveLength(25);
    expect(new Set(all.map(({ fields }) => fields.n)).size).toBe(25);
    expect(all.map(({ at }) => at)).toEqual(all.map(({ at }) => at).sort((a, b) => b - a));
  });

  it("as many messages come as were asked for, and a page that is whole has no next", async () => {
    const given = await page(["service:bulk"], 600);
    expect(given.entries.map(({ fields }) => fields.n)).toEqual(Array.from({ length: 520 }, (_, n) => 519 - n));
    expect(given.next).toBeNull();
    expect(await page(["service:nobody"], 5)).toEqual({ kind: "messages", entries: [], next: null });
  });

  it("messages are found by when they arrived, counted by when they happened", async () => {
    const arrivals = source().arrivals;
    if (!arrivals) throw new Error("The source does not know when messages arrived.");
    const filters = [log.filter, "service:auth OR service:edge"];
    const { from, to } = log.window;
    // A server's clock is not ours to the millisecond.
    const received = { from: sent.from - minute, to: Date.now() + minute };
    const query = { filters, received, happened: log.window, everyMs: minute };
    expect(await arrivals(query, new AbortController().signal)).toEqual({
      ok: true,
      value: [
        { at: from, count: 5 },
        { at: from + 2 * minute, count: 1 },
        { at: to - minute, count: 5 },
      ],
    });
    const before = { ...query, received: { from: 0, to: sent.from - minute } };
    expect(await arrivals(before, new AbortController().signal)).toEqual({ ok: true, value: [] });
  });
};
