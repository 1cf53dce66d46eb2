// What every coverage store promises: ranges that merge as they grow, whatever order spans come in, and retries taken once.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { CoverageRange, CoverageState } from "./coverage.ts";
import { type OpenStorage, span } from "./suite-samples.ts";

const failed = { state: "failed", reason: "timeout: no answer", retryAt: 5000 } as const;
const all = [0, Number.MAX_SAFE_INTEGER] as const;

export const coverageSuite = (open: OpenStorage): void => {
  test("neighbours become one range, in whatever order and however often they come", async () => {
    const { coverage } = await open();
    for (const from of [3000, 1000, 2000, 5000, 2000, 0, 4000]) await coverage.record([span("a", from, from + 1000)]);
    expect(await coverage.read("a", ...all)).toEqual([span("a", 0, 6000)]);
  });

  test("spans of one batch are laid in order, and jobs do not mix", async () => {
    const { coverage } = await open();
    await coverage.record([span("a", 0, 1000, failed), span("b", 0, 1000), span("a", 0, 1000), span("b", 1000, 2000)]);
    expect(await coverage.read("a", ...all)).toEqual([span("a", 0, 1000)]);
    expect(await coverage.read("b", ...all)).toEqual([span("b", 0, 2000)]);
    await coverage.record([]);
  });

  test("reading gives the ranges that overlap, oldest first", async () => {
    const { coverage } = await open();
    await coverage.record([span("a", 0, 2000), span("a", 3000, 4000), span("a", 4000, 6000, failed)]);
    const read = async (from: number, to: number) => (await coverage.read("a", from, to)).map((one) => one.from);
    expect(await read(1999, 4001)).toEqual([0, 3000, 4000]);
    expect(await read(2000, 4000)).toEqual([3000]);
    expect(await read(2000, 3000)).toEqual([]);
    expect((await coverage.read("a", 0, 9000, 2)).map((one) => one.from)).toEqual([0, 3000]);
  });

  test("the newest range of each job, where it has any", async () => {
    const { coverage } = await open();
    await coverage.record([span("a", 0, 2000), span("a", 2000, 4000, failed), span("b", 0, 1000), span("c", 0, 1000)]);
    const newest = (await coverage.newest(["a", "b", "a", "none"])).map(({ jobId, from, state }) => [
      jobId,
      from,
      state,
    ]);
    expect(newest.sort()).toEqual([
      ["a", 2000, "failed"],
      ["b", 0, "complete"],
    ]);
    expect(await coverage.newest([])).toEqual([]);
  });

  test("an answer heals a failure, and a failure never takes an answer away", async () => {
    const { coverage } = await open();
    await coverage.record([span("a", 0, 3000, failed)]);
    await coverage.record([span("a", 1000, 2000)]);
    expect(await coverage.read("a", ...all)).toEqual([
      span("a", 0, 1000, failed),
      span("a", 1000, 2000),
      span("a", 2000, 3000, failed),
    ]);
    await coverage.record([span("a", 0, 1000), span("a", 2000, 3000)]);
    await coverage.record([span("a", 0, 3000, { ...failed, revision: 4 })]);
    expect(await coverage.read("a", ...all)).toEqual([span("a", 0, 3000)]);
  });

  test("a revision splits its range, and what comes late of the same slot changes nothing", async () => {
    const { coverage } = await open();
    await coverage.record([span("a", 0, 3000)]);
    const revised = span("a", 1000, 2000, { state: "revised", revision: 2 });
    await coverage.record([revised]);
    await coverage.record([span("a", 1000, 2000), span("a", 1000, 2000, { ...failed, revision: 5 })]);
    expect(await coverage.read("a", ...all)).toEqual([span("a", 0, 1000), revised, span("a", 2000, 3000)]);
  });

  test("late logs of many slots, each with its own revision, are one range", async () => {
    const { coverage } = await open();
    for (let slot = 0; slot < 20; slot += 1) {
      await coverage.record([span("a", slot * 1000, (slot + 1) * 1000, { state: "revised", revision: 20 - slot })]);
    }
    expect(await coverage.read("a", ...all)).toEqual([span("a", 0, 20_000, { state: "revised", revision: 20 })]);
  });

  test("slots that fail again, each with its own revision, stay one range: the largest revision, the latest retry", async () => {
    const { coverage } = await open();
    await coverage.record([span("a", 0, 20_000, failed)]);
    for (let slot = 0; slot < 20; slot += 1) {
      const over = { ...failed, revision: 40 - slot, retryAt: 9000 + slot };
      await coverage.record([span("a", slot * 1000, (slot + 1) * 1000, over)]);
    }
    expect(await coverage.read("a", ...all)).toEqual([
      span("a", 0, 20_000, { ...failed, revision: 40, retryAt: 9019 }),
    ]);
    const again = { ...failed, revision: 9, reason: "overloaded: 503", retryAt: 9100 };
    await coverage.record([span("a", 19_000, 20_000, again)]);
    expect(await coverage.read("a", ...all)).toEqual([
      span("a", 0, 19_000, { ...failed, revision: 40, retryAt: 9019 }),
      span("a", 19_000, 20_000, { ...again, revision: 40 }),
    ]);
  });

  test("what is given up is no part of what is asked again", async () => {
    const { coverage } = await open();
    const over = { ...failed, retryAt: null };
    await coverage.record([span("a", 0, 1000, over), span("a", 1000, 2000, failed), span("a", 2000, 3000, failed)]);
    await coverage.record([span("a", 1000, 2000, over)]);
    expect(await coverage.read("a", ...all)).toEqual([span("a", 0, 2000, over), span("a", 2000, 3000, failed)]);
  });

  test("a range that is given up is never asked again, unless it changed since it was seen", async () => {
    const { coverage } = await open();
    await coverage.record(["a", "b"].map((id) => span(id, 0, 1000, failed)));
    const ranges = await coverage.retryable(5000, 10);
    await coverage.record([span("b", 0, 1000, { ...failed, retryAt: 5001 })]);
    await coverage.giveUp(ranges);
    await coverage.giveUp([]);
    expect((await coverage.retryable(Number.MAX_SAFE_INTEGER, 10)).map((one) => one.jobId)).toEqual(["b"]);
    expect(await coverage.read("a", ...all)).toEqual([span("a", 0, 1000, { ...failed, retryAt: null })]);
  });

  test("a hole is filled by anything, and fills nothing", async () => {
    const { coverage } = await open();
    const missing = span("a", 0, 2000, { state: "missing", reason: "not asked" });
    await coverage.record([missing, span("a", 0, 1000, failed), missing]);
    expect(await coverage.read("a", ...all)).toEqual([span("a", 0, 1000, failed), { ...missing, from: 1000 }]);
  });

  test("failed spans whose time has come are found oldest first; those given up never", async () => {
    const { coverage } = await open();
    await coverage.record([
      span("a", 0, 1000, { ...failed, retryAt: 7000 }),
      span("b", 0, 1000, { ...failed, retryAt: 6000 }),
      span("c", 0, 1000, { ...failed, retryAt: null }),
      span("d", 0, 1000),
    ]);
    const due = async (now: number, limit = 10) => (await coverage.retryable(now, limit)).map((one) => one.jobId);
    expect(await due(5999)).toEqual([]);
    expect(await due(6000)).toEqual(["b"]);
    expect(await due(7000)).toEqual(["b", "a"]);
    expect(await due(7000, 1)).toEqual(["b"]);
  });

  test("two ticks that put the same retries off: each is moved by exactly one", async () => {
    const { coverage } = await open();
    await coverage.record(["a", "b", "c"].map((id) => span(id, 0, 1000, failed)));
    const ranges = await coverage.retryable(5000, 10);
    const moved = await Promise.all([coverage.postpone(ranges, 9000), coverage.postpone(ranges, 9000)]);
    expect(ranges.map((_, index) => moved.filter((one) => one[index]).length)).toEqual([1, 1, 1]);
    expect(await coverage.retryable(8999, 10)).toEqual([]);
    expect((await coverage.retryable(9000, 10)).length).toBe(3);
    expect(await coverage.postpone([], 1)).toEqual([]);
  });

  test("a retry that was answered meanwhile is not put off", async () => {
    const { coverage } = await open();
    await coverage.record([span("a", 0, 1000, failed), span("b", 0, 1000, failed)]);
    const ranges = await coverage.retryable(5000, 10);
    await coverage.record([span("a", 0, 1000)]);
    const moved = await coverage.postpone(ranges, 9000);
    expect(ranges.filter((_, index) => moved[index]).map((one) => one.jobId)).toEqual(["b"]);
    expect(await coverage.read("a", ...all)).toEqual([span("a", 0, 1000)]);
  });

  test("any spans in any order say of every slot what its best answer says", async () => {
    const { coverage } = await open();
    let jobs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(anySpan, { minLength: 1, maxLength: 12 }), async (spans) => {
        jobs += 1;
        const own = spans.map((one) => ({ ...one, jobId: `j${jobs}` }));
        for (const batch of [own.slice(0, 5), own.slice(5)]) await coverage.record(batch);
        const ranges = await coverage.read(`j${jobs}`, ...all);
        const last = own.at(-1);
        if (last) await coverage.record([last]);
        expect(await coverage.read(`j${jobs}`, ...all)).toEqual(ranges);
        expect(Array.from({ length: slots }, (_, slot) => stateAt(ranges, slot))).toEqual(
          Array.from({ length: slots }, (_, slot) => bestOf(own, slot)),
        );
        const edges = ranges.flatMap((one) => [one.from, one.to]);
        expect(edges).toEqual([...edges].sort((left, right) => left - right));
        expect(ranges.every((range, index) => !saysTheSame(ranges[index - 1], range))).toBe(true);
        expect(ranges.filter((range) => !isAskedHigher(range, own))).toEqual([]);
      }),
      { numRuns: 60, seed: 7 },
    );
  });
};

const slots = 10;
const states = ["missing", "failed", "complete", "revised"] as const;
const anySpan = fc
  .record({
    from: fc.nat(slots - 1),
    length: fc.integer({ min: 1, max: 4 }),
    state: fc.constantFrom(...states),
    revision: fc.nat(2),
    isGivenUp: fc.boolean(),
  })
  .map(({ from, length, state, revision, isGivenUp }) =>
    span("", from * 1000, Math.min(slots, from + length) * 1000, {
      state,
      revision: state === "missing" ? 0 : revision,
      retryAt: state === "failed" && !isGivenUp ? 5000 + from : null,
    }),
  );

const covers = (one: CoverageRange, slot: number): boolean => one.from <= slot * 1000 && one.to > slot * 1000;
const isRetried = ({ retryAt }: CoverageRange): boolean => retryAt !== null;
/** What is told of a slot by itself; its revision is that of its range. */
const told = (one: CoverageRange) => ({ state: one.state, isRetried: isRetried(one) });

const stateAt = (ranges: readonly CoverageRange[], slot: number) => {
  const found = ranges.filter((one) => covers(one, slot));
  expect(found.length).toBeLessThanOrEqual(1);
  return found.map(told)[0];
};

/** The rule in other words: revised, then complete, then failed, then missing; of failures the last says whether it is asked again. */
const bestOf = (spans: readonly CoverageRange[], slot: number) => {
  const rank = (state: CoverageState) => states.indexOf(state);
  const here = spans.filter((one) => covers(one, slot)).reverse();
  return here.sort((left, right) => rank(right.state) - rank(left.state)).map(told)[0];
};

const saysTheSame = (left: CoverageRange | undefined, right: CoverageRange): boolean =>
  left?.to === right.from && left.state === right.state && isRetried(left) === isRetried(right);

/** The next asking of a failed slot must have a revision of its own: its range never falls below what was asked before. */
const isAskedHigher = (range: CoverageRange, spans: readonly CoverageRange[]): boolean =>
  range.state !== "failed" ||
  spans.every(
    (one) => one.state !== "failed" || one.to <= range.from || one.from >= range.to || one.revision <= range.revision,
  );
