// What every job store promises: slots are claimed once, whoever else claims, and a dead tick's claims are found again.
import { expect, test } from "vitest";
import type { Claim } from "./jobs.ts";
import { configuration, job, type OpenStorage } from "./suite-samples.ts";

/** `open` with these jobs, all at their start. */
const openWith = async (open: OpenStorage, ...jobs: ReturnType<typeof job>[]) => {
  const storage = await open();
  await storage.configuration.apply("file", configuration({ jobs }));
  return storage.jobs;
};

const move = (jobId: string, from: number, to: number): Claim => ({ jobId, from, to });
const sorted = (ids: Iterable<string>): string[] => [...ids].sort();

export const jobsSuite = (open: OpenStorage): void => {
  test("a job is due when its next slot has ended and its delay has passed", async () => {
    const jobs = await openWith(open, job("a"));
    expect(await jobs.due(11_199, 10)).toEqual([]);
    expect(await jobs.due(11_200, 10)).toEqual([
      {
        id: "a",
        name: "Job a",
        analysis: "failed-logins",
        params: { limit: 5 },
        sourceId: "graylog",
        serviceId: "auth",
        serviceName: "Sign-in",
        filter: "service:auth",
        everyMs: 1000,
        windowMs: 5000,
        delayMs: 200,
        startAt: 10_000,
        cursor: 10_000,
        sentTo: 10_000,
      },
    ]);
  });

  test("due jobs come oldest first, no more than asked for, and disabled ones never", async () => {
    const jobs = await openWith(
      open,
      job("late", { startAt: 30_000 }),
      job("b", { startAt: 20_000 }),
      job("a", { startAt: 20_000 }),
      job("early", { startAt: 10_000 }),
      job("off", { startAt: 0, enabled: false }),
    );
    const ids = async (limit: number) => (await jobs.due(100_000, limit)).map((one) => one.id);
    expect(await ids(10)).toEqual(["early", "a", "b", "late"]);
    expect(await ids(2)).toEqual(["early", "a"]);
    expect(await jobs.find(["off"])).toEqual([]);
    expect([...(await jobs.claim([move("off", 0, 1000)], "c", 1))]).toEqual([]);
  });

  test("thousands of due jobs come whole and in order", async () => {
    const many = Array.from({ length: 2500 }, (_, index) => job(`j${index}`, { startAt: (index * 7919) % 2503 }));
    const jobs = await openWith(open, ...many);
    const due = await jobs.due(100_000, 10_000);
    expect(due.length).toBe(2500);
    const starts = due.map((one) => one.cursor);
    expect(starts).toEqual([...starts].sort((left, right) => left - right));
    expect((await jobs.find(due.map((one) => one.id))).length).toBe(2500);
  });

  test("two ticks at once: every job is won by exactly one, and its cursor moves once", async () => {
    const ids = Array.from({ length: 60 }, (_, index) => `j${index}`);
    const jobs = await openWith(open, ...ids.map((id, index) => job(id, { startAt: index < 40 ? 10_000 : index })));
    const claims = (await jobs.due(100_000, 100)).map((one) => move(one.id, one.cursor, one.cursor + 3000));
    const won = await Promise.all([
      jobs.claim(claims, "tick-1", 1),
      jobs.claim([...claims].reverse(), "tick-2", 1),
      jobs.claim(claims.slice(10, 30), "tick-3", 1),
    ]);
    expect(sorted(won.flatMap((one) => [...one]))).toEqual(sorted(ids));
    const moved = await jobs.find(ids);
    expect(moved.every((one) => one.cursor === one.sentTo + 3000)).toBe(true);
    expect(moved.find((one) => one.id === "j50")).toMatchObject({ cursor: 3050, sentTo: 50 });
  });

  test("a claim that does not start where the cursor stands, or goes nowhere, wins nothing", async () => {
    const jobs = await openWith(open, job("a"), job("b"));
    const claims = [move("a", 9000, 11_000), move("b", 10_000, 10_000), move("gone", 0, 1000)];
    expect([...(await jobs.claim(claims, "c", 1))]).toEqual([]);
    expect([...(await jobs.claim([], "c", 1))]).toEqual([]);
    expect((await jobs.find(["a", "b"])).map((one) => one.cursor)).toEqual([10_000, 10_000]);
  });

  test("what was sent ends where the oldest unconfirmed claim began", async () => {
    const jobs = await openWith(open, job("a"));
    const stand = async () => (await jobs.find(["a"])).map(({ cursor, sentTo }) => [cursor, sentTo]);
    await jobs.claim([move("a", 10_000, 11_000)], "c1", 1);
    await jobs.claim([move("a", 11_000, 13_000)], "c2", 2);
    expect(await stand()).toEqual([[13_000, 10_000]]);
    await jobs.confirm("c2");
    expect(await stand()).toEqual([[13_000, 10_000]]);
    await jobs.confirm("c1");
    await jobs.confirm("c1");
    await jobs.confirm("never made");
    expect(await stand()).toEqual([[13_000, 13_000]]);
  });

  test("a dead tick's claim is found by its age, though later ticks were confirmed since", async () => {
    const jobs = await openWith(open, job("a"), job("b"));
    await jobs.claim([move("a", 10_000, 12_000), move("b", 10_000, 12_000)], "dead", 100);
    await jobs.claim([move("a", 12_000, 13_000)], "alive", 200);
    await jobs.confirm("alive");
    expect(await jobs.abandoned(100, 10)).toEqual([]);
    const found = await jobs.abandoned(101, 10);
    expect(found.map(({ id, sentTo, cursor }) => [id, sentTo, cursor])).toEqual([
      ["a", 10_000, 12_000],
      ["b", 10_000, 12_000],
    ]);
    expect((await jobs.abandoned(101, 1)).length).toBe(1);
  });

  test("a job that is behind is left to whoever holds a claim of it; one that is on time is not", async () => {
    const jobs = await openWith(open, job("held"), job("free"));
    await jobs.claim([move("held", 10_000, 11_000)], "c", 1);
    const due = async (lateBy: number) => (await jobs.due(20_000, 10, lateBy)).map((one) => one.id);
    // The next slot of the one is due at 12,200, of the other at 11,200.
    expect(await due(12_199)).toEqual(["free", "held"]);
    expect(await due(12_200)).toEqual(["free"]);
    await jobs.confirm("c");
    expect(await due(12_200)).toEqual(["free", "held"]);
  });

  test("a claim that is renewed is not abandoned; one that was let go of is, at once", async () => {
    const jobs = await openWith(open, job("a"), job("b"), job("c"));
    for (const id of ["a", "b", "c"]) await jobs.claim([move(id, 10_000, 11_000)], `of-${id}`, 100);
    await jobs.renew(["of-a", "of-b", "never made"], 500);
    await jobs.renew([], 500);
    const abandoned = async (claimedBefore: number) => (await jobs.abandoned(claimedBefore, 10)).map((one) => one.id);
    expect(await abandoned(500)).toEqual(["c"]);
    await jobs.renew(["of-b"], 0);
    expect(await abandoned(500)).toEqual(["b", "c"]);
  });

  test("of several claims a job has, the oldest abandoned one comes first, then the next; it says what overtook it", async () => {
    const jobs = await openWith(open, job("a"));
    for (const [from, id] of [
      [10_000, "first"],
      [11_000, "second"],
      [12_000, "third"],
    ] as const)
      await jobs.claim([move("a", from, from + 1000)], id, from);
    const found = async (notUnder: string[]) =>
      (await jobs.abandoned(12_000, 10, notUnder)).map((one) => [one.sentTo, one.cursor, one.isOvertaken]);
    expect(await found([])).toEqual([[10_000, 11_000, true]]);
    expect(await found(["first"])).toEqual([[11_000, 12_000, true]]);
    // The third is alive.
    expect(await found(["first", "second"])).toEqual([]);
    expect((await jobs.abandoned(12_001, 10, ["first", "second"])).map((one) => one.isOvertaken)).toEqual([false]);
  });

  test("two ticks that take over at once: one wins, and it can die too", async () => {
    const jobs = await openWith(open, job("a"), job("b"));
    await jobs.claim([move("a", 10_000, 12_000), move("b", 10_000, 12_000)], "dead", 100);
    const found = await jobs.abandoned(500, 10);
    const won = await Promise.all([jobs.reclaim(found, 500, "t1", 600), jobs.reclaim(found, 500, "t2", 600)]);
    expect(sorted(won.flatMap((one) => [...one]))).toEqual(["a", "b"]);
    expect([...(await jobs.reclaim(found, 500, "t3", 700))]).toEqual([]);
    expect(await jobs.abandoned(600, 10)).toEqual([]);
    expect((await jobs.abandoned(601, 10)).map((one) => one.id)).toEqual(["a", "b"]);
    await jobs.confirm("dead");
    expect((await jobs.find(["a"]))[0]?.sentTo).toBe(10_000);
    for (const id of ["t1", "t2"]) await jobs.confirm(id);
    expect((await jobs.find(["a", "b"])).map((one) => one.sentTo)).toEqual([12_000, 12_000]);
  });

  test("nothing is taken over that changed since it was seen", async () => {
    const jobs = await openWith(open, job("a"));
    await jobs.claim([move("a", 10_000, 12_000)], "dead", 100);
    const found = await jobs.abandoned(500, 10);
    await jobs.confirm("dead");
    expect([...(await jobs.reclaim(found, 500, "t1", 600))]).toEqual([]);
    expect([...(await jobs.reclaim([], 500, "t1", 600))]).toEqual([]);
  });

  test("a job asked for twice is found once", async () => {
    const jobs = await openWith(open, job("a"));
    expect((await jobs.find(["a", "none", "a"])).map((one) => one.id)).toEqual(["a"]);
    expect(await jobs.find([])).toEqual([]);
  });
};
