// What every store of alerts promises: an episode goes forward only, lists are complete and in order, and what people say is kept apart.
import { expect, test } from "vitest";
import type { Alert, AlertQuery, Episode } from "./alerts.ts";
import type { Storage } from "./storage.ts";
import { alertEvent, commit, configuration, job, type OpenStorage, rule } from "./suite-samples.ts";

export const episode = (alertId: string, over: Partial<Episode> = {}): Episode => ({
  alertId,
  fingerprint: `f-${alertId}`,
  ruleId: "r1",
  ruleName: "Rule r1",
  jobId: "a",
  jobName: "Job a",
  serviceId: "auth",
  serviceName: "Sign-in",
  severity: "warning",
  labels: { user: "ö\"'" },
  state: "firing",
  value: 12.5,
  why: "12.5 > 10",
  sequence: 1,
  openedAt: 1000,
  firedAt: 1000,
  resolvedAt: null,
  updatedAt: 1000,
  late: false,
  ...over,
});

const rules = [rule("r1", "a"), rule("r2", "a"), rule("r3", "b")];

const openWith = async (open: OpenStorage): Promise<Storage> => {
  const storage = await open();
  await storage.configuration.apply("file", configuration({ jobs: [job("a"), job("b")], rules }));
  return storage;
};

const ids = (alerts: readonly Alert[]): string[] => alerts.map(({ alertId }) => alertId);
const ack = { by: "user-1", note: "on it", at: 5000 };

export const alertsSuite = (open: OpenStorage): void => {
  test("an episode is there with the commit of its events, and goes forward only", async () => {
    const { alerts, ruleStates } = await openWith(open);
    const write = (to: number, over: Partial<Episode>) =>
      ruleStates.commit([commit("r1", to, { episodes: [episode("x", { updatedAt: to, ...over })] })]);
    await write(1000, { state: "pending", firedAt: null });
    await write(2000, { state: "firing", firedAt: 2000 });
    await write(3000, { state: "resolved", resolvedAt: 3000 });
    await write(3000, { state: "resolved", resolvedAt: 3000 });
    await write(2000, { state: "firing", firedAt: 2000 });
    const [found, ...others] = await alerts.find(["x", "none"]);
    expect(others).toEqual([]);
    expect(found).toEqual({
      ...episode("x", { state: "resolved", firedAt: 1000, resolvedAt: 3000, updatedAt: 3000 }),
      acknowledgement: null,
    });
  });

  test("what was pending and never fired leaves nothing; what fired is not dropped", async () => {
    const { alerts, ruleStates } = await openWith(open);
    const episodes = [episode("x", { state: "pending" }), episode("y")];
    await ruleStates.commit([commit("r1", 1000, { episodes }), commit("r2", 1000)]);
    await ruleStates.commit([commit("r1", 2000, { unfired: ["x", "y"] })]);
    expect(ids(await alerts.find(["x", "y"]))).toEqual(["y"]);
    // The same within one call: the last commit says what is.
    await ruleStates.commit([
      commit("r1", 3000, { episodes: [episode("z", { state: "pending" })] }),
      commit("r1", 4000, { unfired: ["z"] }),
    ]);
    expect(await alerts.find(["z"])).toEqual([]);
  });

  test("lists are newest first, narrowed by everything that is asked, and go on behind a position", async () => {
    const { alerts, ruleStates } = await openWith(open);
    const episodes = [
      episode("old", { updatedAt: 1000, state: "resolved", resolvedAt: 1000 }),
      episode("long", { updatedAt: 1000 }),
      episode("b", { updatedAt: 3000, ruleId: "r2", severity: "critical" }),
      episode("c", { updatedAt: 3000, openedAt: 3000, state: "pending", jobId: "b", ruleId: "r3" }),
      episode("other", { updatedAt: 4000, serviceId: "dns" }),
    ];
    await ruleStates.commit([commit("r1", 4000, { episodes })]);
    const list = async (over: Partial<AlertQuery>) =>
      ids(await alerts.list({ serviceIds: ["auth"], limit: 10, ...over }));
    expect(await list({})).toEqual(["c", "b", "old", "long"]);
    expect(await list({ serviceIds: ["auth", "dns", "dns"] })).toEqual(["other", "c", "b", "old", "long"]);
    expect(await list({ serviceIds: [] })).toEqual([]);
    expect(await list({ states: ["firing"] })).toEqual(["b", "long"]);
    expect(await list({ states: [] })).toEqual([]);
    expect(await list({ severities: ["critical"] })).toEqual(["b"]);
    // A period holds what was not over before it and had begun by its end.
    expect(await list({ since: 2000 })).toEqual(["c", "b", "long"]);
    expect(await list({ until: 3000 })).toEqual(["b", "old", "long"]);
    expect(await list({ jobId: "b" })).toEqual(["c"]);
    expect(await list({ ruleId: "r2" })).toEqual(["b"]);
    expect(await list({ limit: 2 })).toEqual(["c", "b"]);
    expect(await list({ before: { updatedAt: 3000, alertId: "b" } })).toEqual(["old", "long"]);
    expect(ids(await alerts.firing("all", 10))).toEqual(["other", "b", "long"]);
    expect(ids(await alerts.firing(["dns"], 10))).toEqual(["other"]);
    expect(ids(await alerts.firing([], 10))).toEqual([]);
    const many = Array.from({ length: 700 }, (_, index) => `s${index}`);
    expect(await list({ serviceIds: [...many, "dns", "auth"], limit: 3 })).toEqual(["other", "c", "b"]);
  });

  test("a timeline is one alert's, newest first, and says what was withheld", async () => {
    const { alerts, ruleStates, withheld } = await openWith(open);
    const event = (at: number, alertId = "x") => alertEvent("r1", at, { alertId, fingerprint: alertId });
    await ruleStates.commit([
      commit("r1", 3000, { events: [event(1000), event(2000), event(3000), event(3000, "y")] }),
    ]);
    await withheld.record({
      withheld: [
        { evaluationId: "r1@2000.0", alertId: "x", kind: "repeat", reason: "silenced", silenceId: "s", at: 2100 },
      ],
      untold: [],
      forgotten: [],
    });
    expect((await alerts.timeline("x", 2)).map(({ at, withheld: why }) => [at, why])).toEqual([
      [3000, null],
      [2000, { reason: "silenced", silenceId: "s" }],
    ]);
    expect((await alerts.timeline("x", 9)).at(-1)).toEqual({ ...event(1000), withheld: null });
  });

  test("an acknowledgement is written by whom read it as it is, and no turn of the alert undoes it", async () => {
    const { alerts, ruleStates } = await openWith(open);
    await ruleStates.commit([commit("r1", 1000, { episodes: [episode("x")] })]);
    const both = await Promise.all([
      alerts.acknowledge("x", ack, null),
      alerts.acknowledge("x", { ...ack, by: "user-2" }, null),
    ]);
    expect(both.toSorted()).toEqual([false, true]);
    expect(await alerts.acknowledge("x", { ...ack, note: "later", at: 6000 }, 5000)).toBe(true);
    expect(await alerts.acknowledge("x", null, 5000)).toBe(false);
    await ruleStates.commit([commit("r1", 2000, { episodes: [episode("x", { sequence: 2, updatedAt: 2000 })] })]);
    expect((await alerts.find(["x"]))[0]).toMatchObject({ sequence: 2, acknowledgement: { note: "later", at: 6000 } });
    expect((await alerts.list({ serviceIds: ["auth"], limit: 1 }))[0]?.acknowledgement?.at).toBe(6000);
    expect(await alerts.acknowledge("x", null, 6000)).toBe(true);
    expect((await alerts.find(["x"]))[0]?.acknowledgement).toBeNull();
    expect(await alerts.acknowledge("x", null, null)).toBe(false);
  });

  test("what is over or was never there cannot be acknowledged", async () => {
    const { alerts, ruleStates } = await openWith(open);
    await ruleStates.commit([commit("r1", 1000, { episodes: [episode("x", { state: "resolved" })] })]);
    expect(await alerts.acknowledge("x", ack, null)).toBe(false);
    expect(await alerts.acknowledge("none", ack, null)).toBe(false);
  });

  test("alerts end with their rule", async () => {
    const storage = await openWith(open);
    const episodes = [episode("x"), episode("y", { ruleId: "r2" }), episode("p", { ruleId: "r2", state: "pending" })];
    await storage.ruleStates.commit([commit("r1", 1000, { episodes })]);
    expect(await storage.alerts.endGone(9000, 10)).toBe(0);
    await storage.configuration.apply("file", configuration({ jobs: [job("a")], rules: [rule("r1", "a")] }));
    expect(await storage.alerts.endGone(9000, 10)).toBe(2);
    const found = await storage.alerts.list({ serviceIds: ["auth"], limit: 10 });
    expect(found.map(({ alertId, state, resolvedAt }) => [alertId, state, resolvedAt])).toEqual([
      ["y", "resolved", 9000],
      ["x", "firing", null],
    ]);
    expect(await storage.alerts.endGone(9000, 10)).toBe(0);
  });

  test("what is over long since is forgotten with all that was said of it, a bounded number at a time", async () => {
    const { alerts, ruleStates } = await openWith(open);
    const over = (id: string, updatedAt: number) => episode(id, { state: "resolved", updatedAt });
    await ruleStates.commit([commit("r1", 1000, { episodes: [episode("a")] })]);
    await alerts.acknowledge("a", ack, null);
    await ruleStates.commit([
      commit("r1", 9000, { episodes: [over("a", 1000), over("b", 2000), over("c", 9000), episode("d")] }),
    ]);
    expect([await alerts.forget(5000, 1), await alerts.forget(5000, 9), await alerts.forget(5000, 9)]).toEqual([
      1, 1, 0,
    ]);
    expect(ids(await alerts.list({ serviceIds: ["auth"], limit: 10 }))).toEqual(["c", "d"]);
    await ruleStates.commit([commit("r1", 9500, { episodes: [episode("a")] })]);
    expect((await alerts.find(["a"]))[0]?.acknowledgement).toBeNull();
  });
};
