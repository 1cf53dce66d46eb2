// What every configuration store promises of a job and its rules: changed as one, and what stays the same keeps what it remembers.
import { expect, test } from "vitest";
import { me, openMine, remember, remembered, rulesOf, rulesOfA, stand, version } from "./configuration-suite-world.ts";
import { job, type OpenStorage, rule } from "./suite-samples.ts";

export const configurationJobsSuite = (open: OpenStorage): void => {
  test("a job's owner is whoever declares it", async () => {
    const storage = await openMine(open);
    expect((await storage.configuration.find("jobs", ["a"]))[0]).toMatchObject({ ownerId: me, item: { ownerId: me } });
  });

  test("a rule that keeps its name keeps its id and what it remembers; one that goes takes that along", async () => {
    const storage = await openMine(open);
    for (const id of ["r1", "r2"]) await remember(storage, id);
    const next = [rule("fresh", "a", { name: "Rule r1", severity: "critical" }), rule("r3", "a", { name: "Third" })];
    expect(await storage.configuration.putJob(me, job("a"), next, 1, 200)).toBe(true);
    expect(await rulesOf(storage)).toEqual([
      ["r1", "Rule r1"],
      ["r3", "Third"],
    ]);
    expect(await remembered(storage)).toEqual([
      ["r1", 12_000, 1],
      ["r3", null, 0],
    ]);
    // What the one that went remembered is none of the one that comes again.
    expect(await storage.configuration.putJob(me, job("a"), rulesOfA, 2, 300)).toBe(true);
    expect(await remembered(storage)).toEqual([
      ["r1", 12_000, 1],
      ["r2", null, 0],
    ]);
  });

  test("a rule that is renamed under its id stays the same, though another takes its old name", async () => {
    const storage = await openMine(open);
    await remember(storage, "r1");
    const next = [rule("fresh", "a", { name: "Rule r1" }), rule("r1", "a", { name: "Renamed" })];
    expect(await storage.configuration.putJob(me, job("a"), next, 1, 200)).toBe(true);
    expect(await rulesOf(storage)).toEqual([
      ["fresh", "Rule r1"],
      ["r1", "Renamed"],
    ]);
    expect(await remembered(storage)).toEqual([
      ["fresh", null, 0],
      ["r1", 12_000, 1],
    ]);
  });

  test("a rule's id that another job has is not taken from it", async () => {
    const storage = await openMine(open);
    await remember(storage, "r1");
    expect(await storage.configuration.putJob(me, job("b"), [rule("r1", "b")], 0, 200)).toBe(false);
    expect(await storage.configuration.find("jobs", ["b"])).toEqual([]);
    expect(await remembered(storage)).toEqual([
      ["r1", 12_000, 1],
      ["r2", null, 0],
    ]);
  });

  test("a rule that did not change keeps its version, and the job's version covers all of them", async () => {
    const storage = await openMine(open);
    const next = [rule("r1", "a"), rule("r2", "a", { severity: "info" })];
    await storage.configuration.putJob(me, job("a"), next, 1, 200);
    const rules = await storage.configuration.list("rules", { jobIds: ["a"], limit: 9 });
    expect(rules.map((one) => [one.item.id, one.version, one.updatedAt])).toEqual([
      ["r1", 1, 100],
      ["r2", 2, 200],
    ]);
    expect(await version(storage)).toBe(2);
  });

  test("of two editors of a job's rules one wins whole: never some rules of the one and some of the other", async () => {
    const storage = await openMine(open);
    const byEditor = (letter: string) => ["x", "y"].map((one) => rule(`${letter}${one}`, "a", { name: letter + one }));
    const won = await Promise.all(
      ["m", "n", "o"].map((letter) =>
        storage.configuration.putJob(me, job("a", { name: letter }), byEditor(letter), 1, 200),
      ),
    );
    expect(won.filter(Boolean).length).toBe(1);
    const winner = ["m", "n", "o"][won.indexOf(true)] ?? "";
    expect((await storage.configuration.find("jobs", ["a"]))[0]?.item.name).toBe(winner);
    expect(await rulesOf(storage)).toEqual([
      [`${winner}x`, `${winner}x`],
      [`${winner}y`, `${winner}y`],
    ]);
  });

  test("a job keeps its cursor and its open claims through any change but that of its interval", async () => {
    const storage = await openMine(open);
    await storage.configuration.putJob(me, job("b"), [], 0, 100);
    await storage.jobs.claim(
      ["a", "b"].map((jobId) => ({ jobId, from: 10_000, to: 12_000 })),
      "c",
      1,
    );
    const changed = { name: "New", windowMs: 9000, delayMs: 700, startAt: 99_000, params: {} };
    expect(await storage.configuration.putJob(me, job("a", changed), rulesOfA, 1, 200)).toBe(true);
    expect(await storage.configuration.putJob(me, job("b", { everyMs: 2000, startAt: 30_000 }), [], 1, 200)).toBe(true);
    expect([await stand(storage, "a"), await stand(storage, "b")]).toEqual([
      [12_000, 10_000],
      [30_000, 30_000],
    ]);
    expect(await storage.jobs.due(13_699, 10)).toEqual([]);
    expect((await storage.jobs.due(13_700, 10)).map((one) => one.id)).toEqual(["a"]);
    expect((await storage.jobs.due(32_200, 10)).map((one) => one.id)).toEqual(["a", "b"]);
    expect((await storage.jobs.abandoned(5, 10)).map((one) => one.id)).toEqual(["a"]);
  });

  test("an edit and a claim at the same moment: both hold, whichever came first", async () => {
    const storage = await openMine(open);
    let cursor = 10_000;
    for (let turn = 1; turn <= 8; turn += 1) {
      const to = cursor + 1000;
      const [isWritten, won] = await Promise.all([
        storage.configuration.putJob(me, job("a", { name: `Turn ${turn}` }), rulesOfA, turn, 200 + turn),
        storage.jobs.claim([{ jobId: "a", from: cursor, to }], `c${turn}`, turn),
      ]);
      expect([isWritten, [...won]]).toEqual([true, ["a"]]);
      cursor = to;
    }
    expect(await stand(storage, "a")).toEqual([18_000, 10_000]);
    expect((await storage.configuration.find("jobs", ["a"]))[0]).toMatchObject({
      version: 9,
      item: { name: "Turn 8" },
    });
  });

  test("a new interval and a claim at the same moment: the job starts anew and no claim of its old slots is left", async () => {
    for (let turn = 0; turn < 6; turn += 1) {
      const storage = await openMine(open);
      const claim = () => storage.jobs.claim([{ jobId: "a", from: 10_000, to: 11_000 }], "c", 1);
      const claimed = turn % 2 === 0 ? claim() : undefined;
      const isWritten = await storage.configuration.putJob(
        me,
        job("a", { everyMs: 5000, startAt: 50_000 }),
        rulesOfA,
        1,
        200,
      );
      await (claimed ?? claim());
      expect([isWritten, await stand(storage, "a")]).toEqual([true, [50_000, 50_000]]);
      expect(await storage.jobs.abandoned(1000, 10)).toEqual([]);
    }
  });
};
