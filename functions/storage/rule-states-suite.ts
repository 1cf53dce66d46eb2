// What every rule state store promises: an evaluation's states are there as a whole or not at all, and never older than before.
import { expect, test } from "vitest";
import type { RuleState } from "./rule-states.ts";
import type { Storage } from "./storage.ts";
import { alertEvent, commit, configuration, job, type OpenStorage, rule, series } from "./suite-samples.ts";

/** Two jobs; rules `r1` and `r2` on the first, `r3` on the second. */
const openWith = async (open: OpenStorage): Promise<Storage> => {
  const storage = await open();
  const rules = [rule("r1", "a"), rule("r2", "a"), rule("r3", "b")];
  await storage.configuration.apply("file", configuration({ jobs: [job("a"), job("b")], rules }));
  return storage;
};

const byId = (states: readonly RuleState[]): RuleState[] =>
  [...states].sort((left, right) => (left.rule.id < right.rule.id ? -1 : 1));

export const ruleStatesSuite = (open: OpenStorage): void => {
  test("rules of a batch of jobs come with what they track; before the first window that is nothing", async () => {
    const { ruleStates } = await openWith(open);
    const { enabled: _enabled, ...first } = rule("r1", "a");
    const states = byId(await ruleStates.load(["b", "a", "none"]));
    expect(states[0]).toEqual({ rule: first, evaluatedTo: null, tracked: [] });
    expect(states.map((one) => one.rule.id)).toEqual(["r1", "r2", "r3"]);
    expect((await ruleStates.load(["b"])).map((one) => one.rule.id)).toEqual(["r3"]);
    expect(await ruleStates.load([])).toEqual([]);
  });

  test("a disabled rule, and a rule of a disabled job, is not loaded", async () => {
    const storage = await openWith(open);
    const rules = [rule("r1", "a", { enabled: false }), rule("r2", "a"), rule("r3", "b")];
    await storage.configuration.apply("file", configuration({ jobs: [job("a"), job("b", { enabled: false })], rules }));
    expect((await storage.ruleStates.load(["a", "b"])).map((one) => one.rule.id)).toEqual(["r2"]);
  });

  test("what a commit leaves is loaded, and committing it again changes nothing", async () => {
    const { ruleStates } = await openWith(open);
    const [one, two] = [
      series("f1", "r1"),
      series("f2", "r1", { state: "pending", alertId: null, labels: { u: "ö\"'" } }),
    ];
    const commits = [commit("r1", 1000, { upserts: [one, two], events: [alertEvent("r1", 1000)] }), commit("r2", 1000)];
    for (let time = 0; time < 2; time += 1) {
      await ruleStates.commit(commits);
      const [first, second, third] = byId(await ruleStates.load(["a", "b"]));
      expect(first?.evaluatedTo).toBe(1000);
      expect(first?.tracked.sort((left, right) => (left.fingerprint < right.fingerprint ? -1 : 1))).toEqual([one, two]);
      expect([second?.evaluatedTo, second?.tracked, third?.evaluatedTo]).toEqual([1000, [], null]);
      expect(await ruleStates.events({ limit: 10 })).toEqual([alertEvent("r1", 1000)]);
    }
  });

  test("the states of several windows in one call end as the last one says", async () => {
    const { ruleStates } = await openWith(open);
    await ruleStates.commit([
      commit("r1", 1000, { upserts: [series("f1", "r1"), series("f2", "r1")] }),
      commit("r1", 2000, { removals: ["f1"], upserts: [series("f2", "r1", { sequence: 2 })] }),
    ]);
    const [state] = byId(await ruleStates.load(["a"]));
    expect(state).toMatchObject({ evaluatedTo: 2000, tracked: [{ fingerprint: "f2", sequence: 2 }] });
    expect(state?.tracked.length).toBe(1);
  });

  test("a commit that comes after a newer one lowers nothing and brings no old state back; its events stay", async () => {
    const { ruleStates } = await openWith(open);
    await ruleStates.commit([commit("r1", 2000, { removals: ["f1"] })]);
    await ruleStates.commit([commit("r1", 1000, { upserts: [series("f1", "r1")], events: [alertEvent("r1", 1000)] })]);
    await ruleStates.commit([commit("r1", 1500)]);
    expect(byId(await ruleStates.load(["a"]))[0]).toMatchObject({ evaluatedTo: 2000, tracked: [] });
    expect((await ruleStates.events({ limit: 10 })).length).toBe(1);
  });

  test("a late revision may change the states of the window judged last", async () => {
    const { ruleStates } = await openWith(open);
    await ruleStates.commit([commit("r1", 2000, { upserts: [series("f1", "r1")] })]);
    await ruleStates.commit([commit("r1", 2000, { removals: ["f1"], upserts: [series("f2", "r1")] })]);
    expect(byId(await ruleStates.load(["a"]))[0]?.tracked.map((one) => one.fingerprint)).toEqual(["f2"]);
  });

  test("two commits at once: the newer window's states stay", async () => {
    const { ruleStates } = await openWith(open);
    const [old, fresh] = [series("f", "r1", { sequence: 1 }), series("f", "r1", { sequence: 2 })];
    await Promise.all([
      ruleStates.commit([commit("r1", 3000, { upserts: [fresh] })]),
      ruleStates.commit([commit("r1", 2000, { upserts: [old] })]),
    ]);
    expect(byId(await ruleStates.load(["a"]))[0]).toMatchObject({ evaluatedTo: 3000, tracked: [{ sequence: 2 }] });
  });

  test("hundreds of rules commit and load in one call each", async () => {
    const storage = await open();
    const ids = Array.from({ length: 1200 }, (_, index) => `j${index}`);
    const rules = ids.map((id) => rule(`r-${id}`, id));
    await storage.configuration.apply("file", configuration({ jobs: ids.map((id) => job(id)), rules }));
    await storage.ruleStates.commit(ids.map((id, index) => commit(`r-${id}`, index + 1)));
    await storage.ruleStates.commit(
      ids.map((id, index) => commit(`r-${id}`, index + 2, { upserts: [series(`f-${id}`, `r-${id}`)] })),
    );
    const states = await storage.ruleStates.load(ids);
    expect(states.length).toBe(1200);
    expect(new Set(states.map((one) => one.evaluatedTo)).size).toBe(1200);
    expect(states.every((one) => one.tracked[0]?.fingerprint === `f-${one.rule.jobId}`)).toBe(true);
  });

  test("states larger than one answer holds are loaded whole, of many jobs or of one", async () => {
    const storage = await openWith(open);
    const points = Array.from({ length: 1000 }, (_, index): [number, number] => [1_700_000_000_000 + index, index]);
    const of = (ruleId: string, size: number) =>
      Array.from({ length: size }, (_, index) => series(`${ruleId}-${index}`, ruleId, { points }));
    await storage.ruleStates.commit([
      commit("r1", 1000, { upserts: of("r1", 70) }),
      commit("r3", 1000, { upserts: of("r3", 30) }),
    ]);
    const states = byId(await storage.ruleStates.load(["a", "b"]));
    expect(states.map((one) => one.tracked.length)).toEqual([70, 0, 30]);
    expect(states[2]?.tracked.every((one) => one.points.length === 1000)).toBe(true);
  });

  test("timelines come newest first, of one rule or of all, as many as asked for", async () => {
    const { ruleStates } = await openWith(open);
    await ruleStates.commit([
      commit("r1", 3000, { events: [alertEvent("r1", 1000), alertEvent("r1", 3000)] }),
      commit("r3", 2000, { events: [alertEvent("r3", 2000, { jobId: "b", value: null })] }),
    ]);
    const at = async (query: { ruleId?: string; since?: number; limit: number }) =>
      (await ruleStates.events(query)).map((one) => one.at);
    expect(await at({ limit: 10 })).toEqual([3000, 2000, 1000]);
    expect(await at({ ruleId: "r1", limit: 10 })).toEqual([3000, 1000]);
    expect(await at({ limit: 2 })).toEqual([3000, 2000]);
    expect(await at({ ruleId: "r1", since: 2000, limit: 10 })).toEqual([3000]);
    expect([await ruleStates.forgetEvents(3000, 1), await ruleStates.forgetEvents(3000, 9)]).toEqual([1, 1]);
    expect(await at({ limit: 10 })).toEqual([3000]);
  });
};
