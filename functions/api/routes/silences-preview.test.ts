// The preview of a silence through the real handler: what it would hide now, and would have hidden of what was told in the last day.
import { afterAll, beforeEach, expect, test } from "vitest";
import { type AlertsWorld, buildAlertsWorld } from "../../../simulators/stack/test-alerts.ts";
import { createApiOpener, type TestApi } from "../../../simulators/stack/test-api.ts";

const opener = createApiOpener();
afterAll(opener.closeAll);

let api: TestApi;
let world: AlertsWorld;
beforeEach(async () => {
  api = await opener.open();
  world = await buildAlertsWorld(api);
});

const hour = 3_600_000;
const preview = (matchers: unknown, as = world.viewer) =>
  api.call("POST", "/services/auth/silences/preview", { as, body: { matchers } });
const makeSilence = () =>
  api.call("POST", "/services/auth/silences", {
    as: world.editor,
    body: { matchers: [{ name: "address", op: "=", value: "192.0.2.1" }], duration: "2h", comment: "a test" },
  });
const address = (value: string) => [{ name: "address", op: "=~", value }];

test("counts what fires now and what was told in the last day, and makes nothing", async () => {
  await world.play(1, { "192.0.2.1": 20, "192.0.2.2": 20, "198.51.100.9": 20 });
  await world.play(2, { "192.0.2.1": 20, "198.51.100.9": 20 });
  const { body: found } = await preview(address("192\\.0\\.2\\..*"));
  // The first began and was repeated, the second began and was over.
  expect(found).toMatchObject({ now: { alerts: 1 }, lastDay: { alerts: 2, changes: 4 }, complete: true });
  expect(Object(found.now).listed).toMatchObject([{ id: await world.idOf("192.0.2.1"), state: "firing" }]);
  expect(Object(found.lastDay).listed).toHaveLength(2);
  expect((await preview([])).body).toMatchObject({ now: { alerts: 2 }, lastDay: { alerts: 3, changes: 6 } });
  expect((await preview([{ name: "severity", op: "=", value: "info" }])).body).toMatchObject({ now: { alerts: 0 } });
  expect((await api.call("GET", "/silences", { as: world.viewer })).body.items).toEqual([]);
});

test("leaves out what another silence hid, and what is older than a day", async () => {
  await makeSilence();
  await world.play(1, { "192.0.2.1": 20, "192.0.2.2": 20 });
  expect((await preview(address(".*"))).body).toMatchObject({
    now: { alerts: 2 },
    lastDay: { alerts: 1, changes: 1 },
  });
  api.clock.now += 25 * hour;
  const viewer = await api.session(world.viewer.user);
  expect((await preview(address(".*"), viewer)).body).toMatchObject({
    now: { alerts: 2 },
    lastDay: { alerts: 0, changes: 0 },
  });
});

test("of more alerts than it looks at says that there is more", async () => {
  const many = Array.from({ length: 100 }, (_, index) => [`192.0.2.${index}`, 20]);
  const more = Array.from({ length: 120 }, (_, index) => [`198.51.100.${index}`, 20]);
  await world.play(1, Object.fromEntries(many));
  const [rule] = await api.storage.configuration.list("rules", { limit: 1 });
  if (!rule) throw new Error("No rule.");
  await world.playOf({ ...world.watched }, 2, Object.fromEntries(more));
  await world.playOf({ ...world.watched }, 3, Object.fromEntries(more.slice(0, 10)));
  const { body: found } = await preview([]);
  expect(found).toMatchObject({ now: { alerts: 10 }, lastDay: { alerts: 200 }, complete: false });
  expect(Object(found.lastDay).listed).toHaveLength(50);
});
