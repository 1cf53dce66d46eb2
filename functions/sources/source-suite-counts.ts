// What every source promises of counts: windows, groups, buckets.
import { expect, it } from "vitest";
import { quote } from "../lib/lucene.ts";
import type { Part } from "../lib/question.ts";
import type { Asked } from "./source-suite.ts";
import { minute } from "./source-suite-log.ts";

export const countsSuite = ({ log, ask, answer, count }: Asked) => {
  it("a window holds its first millisecond and not its last, and neighbours count every message once", async () => {
    const { from, to } = log.window;
    expect(await count(["service:edge"])).toBe(3);
    expect(await count(["service:edge"], { from: from - 1, to })).toBe(4);
    expect(await count(["service:edge"], { from: from + 1, to })).toBe(1);
    expect(await count(["service:edge"], { from, to: from + 1 })).toBe(2);
    expect(await count(["service:edge"], { from, to: from })).toBe(0);
    expect(await count(["service:edge"], { from: to, to: to + minute })).toBe(1);
  });

  it("every part of a question is answered by itself, narrowed by its own clause", async () => {
    const parts: Record<string, Part> = {
      all: { kind: "count" },
      failed: { kind: "count", filter: "outcome:failure" },
      __proto__x: { kind: "terms", by: ["service"], limit: 5, filter: "outcome:failure" },
    };
    expect(await ask(["service:auth"], parts)).toEqual({
      ok: true,
      value: {
        truncated: false,
        parts: {
          all: { kind: "count", count: 8 },
          failed: { kind: "count", count: 5 },
          __proto__x: { kind: "terms", rows: [{ keys: ["auth"], count: 5 }], truncated: false },
        },
      },
    });
    expect(await ask([], {})).toEqual({ ok: true, value: { parts: {}, truncated: false } });
  });

  it('groups are counted to the last, most frequent first, and those without the field are ""', async () => {
    expect(await answer(["service:auth"], { kind: "terms", by: ["user.name"], limit: 10 })).toEqual({
      kind: "terms",
      rows: [
        { keys: ["user001"], count: 4 },
        { keys: ["user002"], count: 2 },
        { keys: [""], count: 2 },
      ],
      truncated: false,
    });
    const nobody = { kind: "terms", rows: [{ keys: [""], count: 8 }], truncated: false };
    expect(await answer(["service:auth"], { kind: "terms", by: ["nosuch"], limit: 10 })).toEqual(nobody);
    const nothing = { kind: "terms", rows: [], truncated: false };
    expect(await answer(["service:nobody"], { kind: "terms", by: ["service"], limit: 10 })).toEqual(nothing);
  });

  it("one host is one group, however its name is written", async () => {
    const rows = [{ keys: ["web-2"], count: 3 }];
    const given = await answer(["service:web"], { kind: "terms", by: ["source"], limit: 5 });
    expect(given).toEqual({ kind: "terms", rows, truncated: false });
  });

  it("groups that were cut are said to be", async () => {
    const cut = await ask(["service:auth"], { one: { kind: "terms", by: ["user.name"], limit: 1 } });
    const rows = [{ keys: ["user001"], count: 4 }];
    expect(cut).toEqual({
      ok: true,
      value: { parts: { one: { kind: "terms", rows, truncated: true } }, truncated: true },
    });
    expect(await answer(["service:auth"], { kind: "terms", by: ["user.name"], limit: 3 })).toMatchObject({
      truncated: false,
    });
  });

  it("groups of several fields count every combination", async () => {
    expect(await answer(["service:auth"], { kind: "terms", by: ["user.name", "outcome"], limit: 10 })).toEqual({
      kind: "terms",
      rows: [
        { keys: ["user001", "failure"], count: 3 },
        { keys: ["user002", "failure"], count: 2 },
        { keys: ["", "success"], count: 2 },
        { keys: ["user001", "success"], count: 1 },
      ],
      truncated: false,
    });
    const cut = await answer(["service:auth"], { kind: "terms", by: ["user.name", "outcome"], limit: 2 });
    expect(cut).toMatchObject({ rows: [{ count: 3 }, { count: 2 }], truncated: true });
  });

  it("hundreds of pairs are whole, whichever of the two fields has the many values", async () => {
    for (const by of [
      ["user.name", "source.address"],
      ["source.address", "user.name"],
    ]) {
      const given = await answer(["service:pairs"], { kind: "terms", by, limit: 1000 });
      expect(given).toMatchObject({ kind: "terms", truncated: false });
      const rows = given.kind === "terms" ? given.rows : [];
      expect(rows).toHaveLength(400);
      expect(new Set(rows.map(({ keys, count }) => `${[...keys].sort()} ${count}`)).size).toBe(400);
    }
  });

  it("values of any kind come back as they are, and none is taken for another", async () => {
    const given = await answer(["service:odd"], { kind: "terms", by: ["user.name"], limit: 50 });
    const rows = log.oddUsers.map((user, index) => ({ keys: [user], count: log.oddUsers.length + 1 - index }));
    expect(given).toEqual({ kind: "terms", rows: [...rows, { keys: [""], count: 1 }], truncated: false });
    for (const [index, user] of log.oddUsers.entries()) {
      expect(await count([`user.name:${quote(user)}`])).toBe(log.oddUsers.length + 1 - index);
    }
  });

  it("a histogram has every bucket of the window, on the epoch's multiples, empty ones too", async () => {
    const { from } = log.window;
    const points = [3, 0, 1, 0, 0, 0, 0, 0, 0, 4].map((value, index) => ({ at: from + index * minute, value }));
    const whole = { kind: "histogram", series: [{ key: null, points }], truncated: false };
    expect(await answer(["service:auth"], { kind: "histogram", everyMs: minute })).toEqual(whole);
    const shifted = { from: from + 1000, to: from + minute + 1 };
    expect(await answer(["service:auth"], { kind: "histogram", everyMs: minute }, shifted)).toEqual({
      kind: "histogram",
      series: [
        {
          key: null,
          points: [
            { at: from, value: 2 },
            { at: from + minute, value: 0 },
          ],
        },
      ],
      truncated: false,
    });
    expect(await answer(["service:nobody"], { kind: "histogram", everyMs: 5 * minute })).toEqual({
      kind: "histogram",
      series: [
        {
          key: null,
          points: [
            { at: from, value: 0 },
            { at: from + 5 * minute, value: 0 },
          ],
        },
      ],
      truncated: false,
    });
  });

  it("buckets of odd length lie on the epoch's multiples as well", async () => {
    const given = await answer(["service:auth"], { kind: "histogram", everyMs: 7 * minute });
    const points = given.kind === "histogram" ? (given.series[0]?.points ?? []) : [];
    expect(points.every(({ at }) => at % (7 * minute) === 0)).toBe(true);
    expect(points[0]?.at).toBe(Math.floor(log.window.from / (7 * minute)) * 7 * minute);
    expect(points.reduce((sum, { value }) => sum + value, 0)).toBe(8);
  });

  it("a histogram by a field keeps the most frequent values of the whole window", async () => {
    const part: Part = { kind: "histogram", everyMs: 5 * minute, by: "user.name", limit: 2 };
    const at = log.window.from;
    const series = [
      {
        key: "user001",
        points: [
          { at, value: 1 },
          { at: at + 5 * minute, value: 3 },
        ],
      },
      {
        key: "user002",
        points: [
          { at, value: 2 },
          { at: at + 5 * minute, value: 0 },
        ],
      },
    ];
    expect(await answer(["service:auth"], part)).toEqual({ kind: "histogram", series, truncated: true });
    expect(await answer(["service:auth"], { ...part, limit: 3 })).toMatchObject({
      series: [{ key: "user001" }, { key: "user002" }, { key: "" }],
      truncated: false,
    });
    expect(await answer(["service:nobody"], part)).toEqual({ kind: "histogram", series: [], truncated: false });
  });
};
