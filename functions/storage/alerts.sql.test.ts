// How many calls alerts and what stands against telling them cost: none on quiet evaluations, one from a result to its alert.
import { afterEach, expect, test } from "vitest";
import { createStorageOpener } from "../../simulators/cloud/aurora/test-storage.ts";
import { episode } from "./alerts-suite.ts";
import { silence } from "./silences-suite.ts";
import { alertEvent, commit, configuration, job, rule } from "./suite-samples.ts";

const opener = createStorageOpener();
afterEach(opener.closeAll);

test("quiet evaluations cost no call more, turns of alerts one, and a look before telling one", async () => {
  const { storage, calls } = await opener.open();
  await storage.configuration.apply("file", configuration({ jobs: [job("a")], rules: [rule("r", "a")] }));
  const callsOf = async (work: () => Promise<unknown>) => {
    calls.made = 0;
    await work();
    return calls.made;
  };
  const ids = Array.from({ length: 400 }, (_, index) => `alert-${index}`);
  const events = (at: number) => ids.map((id) => alertEvent("r", at, { alertId: id, fingerprint: id }));
  const turn = (at: number, episodes = ids.map((id) => episode(id))) =>
    storage.ruleStates.commit([commit("r", at, { events: events(at), episodes })]);
  const withoutAlerts = await callsOf(() => turn(1500, []));
  await storage.silences.put(silence("s"), 0);
  const query = { serviceIds: ["auth", "dns"], evaluationIds: ["e1", "e2"], now: 2000 };
  expect({
    quiet: await callsOf(() => storage.ruleStates.commit([commit("r", 1000)])),
    turn: (await callsOf(() => turn(2000))) - withoutAlerts,
    look: await callsOf(() => storage.withheld.obstacles({ ...query, alertIds: ids })),
    lookAtOpened: await callsOf(() => storage.withheld.obstacles({ ...query, alertIds: [] })),
    sweep: await callsOf(() => storage.withheld.due(2000, 500)),
  }).toEqual({ quiet: 1, turn: 1, look: 1, lookAtOpened: 1, sweep: 1 });
  expect(await storage.alerts.firing("all", 1000)).toHaveLength(400);
});
