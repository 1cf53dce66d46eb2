// What every store of what was withheld promises: one look tells all that stands against a batch, and untold alerts are found in time.
import { expect, test } from "vitest";
import { episode } from "./alerts-suite.ts";
import { silence } from "./silences-suite.ts";
import type { Storage } from "./storage.ts";
import { alertEvent, commit, configuration, job, type OpenStorage, rule } from "./suite-samples.ts";
import type { Untold, Withheld } from "./withheld.ts";

const held = (evaluationId: string, alertId: string, over: Partial<Withheld> = {}): Withheld => ({
  evaluationId,
  alertId,
  kind: "opened",
  reason: "silenced",
  silenceId: "s",
  at: 1000,
  ...over,
});

const mark = (alertId: string, over: Partial<Untold> = {}): Untold => ({
  alertId,
  serviceId: "auth",
  evaluationId: "e1",
  lookAt: 2000,
  ...over,
});

const nothing = { serviceIds: ["auth"], alertIds: [], evaluationIds: [], now: 1500 };

const openWith = async (open: OpenStorage): Promise<Storage> => {
  const storage = await open();
  const rules = [rule("r1", "a"), rule("off", "a", { enabled: false })];
  await storage.configuration.apply("file", configuration({ jobs: [job("a")], rules }));
  return storage;
};

export const withheldSuite = (open: OpenStorage): void => {
  test("one look tells what silences, what is acknowledged, what nobody knows of, and what was decided", async () => {
    const { alerts, ruleStates, silences, withheld } = await openWith(open);
    await ruleStates.commit([commit("r1", 1000, { episodes: [episode("x"), episode("y")] })]);
    await alerts.acknowledge("x", { by: "u", note: "", at: 1200 }, null);
    await silences.put(silence("s"), 0);
    await silences.put(silence("over", { endsAt: 1400 }), 0);
    const rows = [held("e1", "y"), held("e1", "x", { kind: "repeat", reason: "acknowledged", silenceId: null })];
    for (let time = 0; time < 2; time += 1)
      await withheld.record({ withheld: rows, untold: [mark("y")], forgotten: [] });
    expect(await withheld.obstacles(nothing)).toEqual({
      silences: [silence("s")],
      acknowledged: new Set(),
      untold: new Map(),
      decided: new Map(),
    });
    const all = await withheld.obstacles({ ...nothing, alertIds: ["x", "y", "z"], evaluationIds: ["e1", "e2"] });
    expect(all.acknowledged).toEqual(new Set(["x"]));
    expect(all.untold).toEqual(new Map([["y", mark("y")]]));
    const byAlert = (left: Withheld, right: Withheld) => (left.alertId < right.alertId ? -1 : 1);
    expect([...(all.decided.get("e1") ?? [])].sort(byAlert)).toEqual([...rows].sort(byAlert));
    expect(all.decided.size).toBe(1);
  });

  test("thousands of alerts and decisions are looked at, too", async () => {
    const { withheld } = await openWith(open);
    const ids = Array.from({ length: 3000 }, (_, index) => `alert-${index}`);
    await withheld.record({
      withheld: ids.map((id) => held("e1", id)),
      untold: ids.map((id) => mark(id)),
      forgotten: [],
    });
    const found = await withheld.obstacles({ ...nothing, alertIds: ids, evaluationIds: ["e1"] });
    expect([found.untold.size, found.decided.get("e1")?.length]).toEqual([3000, 3000]);
  });

  test("an untold alert is due when its time has come, it fires, nobody took it on and its rule is there", async () => {
    const { alerts, ruleStates, withheld } = await openWith(open);
    const episodes = [
      episode("due"),
      episode("acked"),
      episode("over", { state: "resolved" }),
      episode("off", { ruleId: "off" }),
      episode("gone", { ruleId: "gone" }),
      episode("later"),
    ];
    await ruleStates.commit([commit("r1", 1000, { episodes })]);
    await alerts.acknowledge("acked", { by: "u", note: "", at: 1200 }, null);
    const marks = [...episodes.map(({ alertId }) => mark(alertId)), mark("unknown"), mark("later", { lookAt: 2001 })];
    await withheld.record({ withheld: [], untold: marks, forgotten: [] });
    const { enabled: _enabled, ...own } = rule("r1", "a");
    expect(await withheld.due(1999, 10)).toEqual([]);
    expect(await withheld.due(2000, 10)).toEqual([{ untold: mark("due"), episode: episode("due"), rule: own }]);
    await alerts.acknowledge("acked", null, 1200);
    expect((await withheld.due(2001, 10)).map((one) => one.untold.alertId)).toEqual(["acked", "due", "later"]);
    expect(await withheld.due(2001, 1)).toHaveLength(1);
  });

  test("a mark is put off while it is the same, and gone when the alert is told; the timeline says so", async () => {
    const { alerts, ruleStates, withheld } = await openWith(open);
    await ruleStates.commit([commit("r1", 1000, { episodes: [episode("x"), episode("y")] })]);
    await withheld.record({ withheld: [], untold: [mark("x"), mark("y")], forgotten: [] });
    await withheld.postpone([
      mark("x", { lookAt: 9000 }),
      mark("y", { evaluationId: "older", lookAt: 9000 }),
      mark("none"),
    ]);
    expect((await withheld.due(2000, 10)).map((one) => one.untold.alertId)).toEqual(["y"]);
    expect((await withheld.due(9000, 10)).map((one) => one.untold.alertId)).toEqual(["y", "x"]);
    const event = alertEvent("r1", 9000, { alertId: "x", evaluationId: "r" });
    for (let time = 0; time < 2; time += 1) await withheld.told(["x"], [event]);
    await withheld.record({ withheld: [], untold: [], forgotten: ["y"] });
    expect(await withheld.due(9000, 10)).toEqual([]);
    expect(await alerts.timeline("x", 10)).toEqual([{ ...event, withheld: null }]);
  });

  test("a silence that is made, changed or ended has its service's untold alerts looked at again at once", async () => {
    const { ruleStates, silences, withheld } = await openWith(open);
    await ruleStates.commit([commit("r1", 1000, { episodes: [episode("x"), episode("y")] })]);
    const far = 1_000_000;
    const untold = [mark("x", { lookAt: far }), mark("y", { lookAt: far, serviceId: "dns" })];
    await withheld.record({ withheld: [], untold, forgotten: [] });
    await silences.put(silence("s", { updatedAt: 3000 }), 0);
    expect(await withheld.due(2999, 10)).toEqual([]);
    expect((await withheld.due(3000, 10)).map((one) => one.untold.alertId)).toEqual(["x"]);
  });

  test("old decisions are forgotten, and marks of what is over", async () => {
    const { ruleStates, withheld } = await openWith(open);
    await ruleStates.commit([commit("r1", 1000, { episodes: [episode("x"), episode("y", { state: "resolved" })] })]);
    await withheld.record({
      withheld: [held("e1", "x"), held("e2", "x", { at: 9000 })],
      untold: [mark("x"), mark("y"), mark("unknown")],
      forgotten: [],
    });
    expect([await withheld.forget(5000, 9), await withheld.forget(5000, 9)]).toEqual([3, 0]);
    const left = await withheld.obstacles({ ...nothing, alertIds: ["x", "y"], evaluationIds: ["e1", "e2"] });
    expect([[...left.untold.keys()], [...left.decided.keys()]]).toEqual([["x"], ["e2"]]);
  });
};
