// Alerts through the real handler: made by the production cores of evaluate and notify, listed and taken on over HTTP.
import { afterAll, beforeEach, expect, test } from "vitest";
import { type AlertsWorld, buildAlertsWorld, minute } from "../../../simulators/stack/test-alerts.ts";
import { createApiOpener, type Identity, start, type TestApi } from "../../../simulators/stack/test-api.ts";
import { makeJob } from "../../../simulators/stack/test-jobs.ts";

const opener = createApiOpener();
afterAll(opener.closeAll);

let api: TestApi;
let world: AlertsWorld;
beforeEach(async () => {
  api = await opener.open();
  world = await buildAlertsWorld(api);
});

const read = async (path: string, as: Identity = world.editor) => {
  const answered = await api.call("GET", path, { as });
  if (answered.status !== 200) throw new Error(answered.text);
  return answered.body;
};
const list = async (query = "", as?: Identity) =>
  (await read(`/alerts${query}`, as)).items?.map(({ labels }) => Object(labels).address) ?? [];
const story = async (address: string, as?: Identity) => {
  const body = await read(`/alerts/${await world.idOf(address)}`, as);
  const items = (part: unknown): Record<string, unknown>[] => Object(part).items;
  return { body, lines: items(body.timeline), messages: items(body.notifications) };
};
const acknowledge = async (address: string, note = "mine", as = world.editor) =>
  api.call("PUT", `/alerts/${await world.idOf(address)}/acknowledgement`, { as, body: { note } });
const giveBack = async (address: string, as = world.editor) =>
  api.call("DELETE", `/alerts/${await world.idOf(address)}/acknowledgement`, { as });

test("the list is narrowed by state, severity, service, job, rule, time and acknowledgement, newest first", async () => {
  await world.play(1, { "192.0.2.1": 20 });
  await world.play(2, { "192.0.2.1": 20, "192.0.2.2": 30 });
  await world.play(3, { "192.0.2.2": 30 });
  await acknowledge("192.0.2.2");
  const at = (minutes: number) => new Date(start + minutes * minute).toISOString();
  // The first was over at 3, the second repeated then: of one moment the larger id comes first.
  expect((await list()).toSorted()).toEqual(["192.0.2.1", "192.0.2.2"]);
  expect(await list("?state=firing")).toEqual(["192.0.2.2"]);
  expect(await list("?state=resolved")).toEqual(["192.0.2.1"]);
  expect(await list("?state=firing&state=resolved&severity=critical")).toHaveLength(2);
  expect(await list("?state=pending")).toEqual([]);
  expect(await list("?severity=info&severity=warning")).toEqual([]);
  expect(await list("?serviceId=auth")).toHaveLength(2);
  expect(await list("?serviceId=elsewhere")).toEqual([]);
  expect(await list(`?jobId=${world.watched.jobId}`)).toHaveLength(2);
  expect(await list("?jobId=another")).toEqual([]);
  const [rule] = (await api.storage.configuration.list("rules", { limit: 10 })).map(({ item }) => item.id);
  expect(await list(`?ruleId=${rule}`)).toHaveLength(2);
  expect(await list("?ruleId=another")).toEqual([]);
  expect(await list(`?to=${at(1)}`)).toEqual([]);
  expect(await list(`?to=${at(2)}`)).toEqual(["192.0.2.1"]);
  expect(await list(`?from=${at(4)}`)).toEqual(["192.0.2.2"]);
  expect(await list("?acknowledged=true")).toEqual(["192.0.2.2"]);
  expect(await list("?acknowledged=false")).toEqual(["192.0.2.1"]);
});

test("pages hold every alert once, newest first, narrowed or not", async () => {
  const addresses = Array.from({ length: 7 }, (_, index) => `192.0.2.${index}`);
  for (const [index] of addresses.entries())
    await world.play(index + 1, Object.fromEntries(addresses.slice(0, index + 1).map((one) => [one, 20])));
  for (const query of ["", "&acknowledged=false"]) {
    const found: unknown[] = [];
    const times: unknown[] = [];
    let cursor = "";
    for (let pages = 0; pages < 10; pages += 1) {
      const page = await read(`/alerts?limit=2${query}${cursor}`);
      expect(page.items?.length).toBeLessThanOrEqual(2);
      found.push(...(page.items?.map(({ labels }) => Object(labels).address) ?? []));
      times.push(...(page.items?.map(({ updatedAt }) => updatedAt) ?? []));
      if (page.next === null) break;
      cursor = `&cursor=${page.next}`;
    }
    expect(found.toSorted()).toEqual(addresses);
    expect(times).toEqual(times.toSorted().reverse());
  }
});

test("where few of thousands are wanted a page is short, says so, and the last one is reached", async () => {
  const { serviceId, jobId } = world.watched;
  const [rule] = await api.storage.configuration.list("rules", { jobIds: [jobId], limit: 1 });
  const ids = Array.from({ length: 2300 }, (_, index) => `a-many@${index}`);
  for (let first = 0; first < ids.length; first += 500) {
    const episodes = ids.slice(first, first + 500).map((alertId, index) => ({
      ...{ alertId, fingerprint: alertId, ruleId: rule?.item.id ?? "", ruleName: "many", jobId, jobName: "many" },
      ...{ serviceId, serviceName: "Sign-in", severity: "info" as const, labels: { address: alertId } },
      ...{ state: "firing" as const, value: 1, why: "", sequence: 1, firedAt: start, resolvedAt: null, late: false },
      ...{ openedAt: start, updatedAt: start - first - index },
    }));
    const commit = { ruleId: rule?.item.id ?? "", evaluationId: `many@${first}`, evaluatedTo: start + first };
    await api.storage.ruleStates.commit([{ ...commit, upserts: [], removals: [], events: [], episodes, unfired: [] }]);
  }
  const last = ids.at(-1) ?? "";
  await api.storage.alerts.acknowledge(last, { by: world.owner.user.id, note: "", at: start }, null);
  const first = await read("/alerts?acknowledged=true&limit=5");
  expect(first.items).toEqual([]);
  expect(first.next).toEqual(expect.any(String));
  const second = await read(`/alerts?acknowledged=true&limit=5&cursor=${first.next}`);
  expect(second).toMatchObject({ items: [{ id: last }], next: null });
});

test("only those who see the service see its alerts; an admin those of the instance's file too, and no others", async () => {
  await world.play(1, { "192.0.2.1": 20 });
  const { id: jobId } = await makeJob(api, world.admin, { serviceId: "of-the-file", every: "1m", window: "1m" });
  const declared = { jobId, jobName: "declared", serviceId: "of-the-file", serviceName: "Declared" };
  await world.playOf(declared, 1, { "198.51.100.9": 20 });
  expect(await list("", world.viewer)).toEqual(["192.0.2.1"]);
  expect(await list("", world.stranger)).toEqual([]);
  expect(await list("", world.admin)).toEqual(["198.51.100.9"]);
  expect(await list("?serviceId=auth", world.admin)).toEqual([]);
});

test("another's alert is as one that is not there, to every route, after the same statements", async () => {
  await world.play(1, { "192.0.2.1": 20 });
  const own = await world.idOf("192.0.2.1");
  await api.call("GET", "/alerts", { as: world.stranger });
  const calls = [
    ["GET", "", undefined],
    ["GET", "/evidence", undefined],
    ["PUT", "/acknowledgement", { note: "" }],
    ["DELETE", "/acknowledgement", undefined],
  ] as const;
  for (const [method, end, body] of calls) {
    const told = [];
    for (const id of [own, "a-missing"]) {
      const before = api.calls.made;
      const answered = await api.call(method, `/alerts/${id}${end}`, { as: world.stranger, body });
      const { instance: _instance, ...problem } = answered.body;
      told.push({ status: answered.status, problem, calls: api.calls.made - before });
    }
    expect(told[0]?.status).toBe(404);
    expect(told[0]).toEqual(told[1]);
  }
});

test("an alert is taken on by an editor, with a note that may be replaced, and given back; the audit log knows", async () => {
  await world.play(1, { "192.0.2.1": 20 });
  expect((await acknowledge("192.0.2.1", "mine", world.viewer)).status).toBe(403);
  expect((await giveBack("192.0.2.1", world.viewer)).status).toBe(403);
  api.clock.now += 1000;
  const taken = await acknowledge("192.0.2.1", "looking");
  expect(taken.body.acknowledgement).toEqual({
    at: new Date(api.clock.now).toISOString(),
    by: world.editor.user.id,
    byName: "editor",
    note: "looking",
  });
  api.clock.now += 1000;
  const replaced = await acknowledge("192.0.2.1", "a disk is full\nsee the runbook", world.owner);
  expect(replaced.body.acknowledgement).toMatchObject({ byName: "owner", note: "a disk is full\nsee the runbook" });
  expect((await giveBack("192.0.2.1")).status).toBe(204);
  // Once more changes nothing, and leaves no entry.
  expect((await giveBack("192.0.2.1")).status).toBe(204);
  const { rows } = await api.db.execute("SELECT * FROM audit ORDER BY id");
  const entries = rows.filter(({ kind }) => kind === "alert");
  expect(entries.map(({ action }) => action)).toEqual([
    "alert.acknowledged",
    "alert.acknowledged",
    "alert.unacknowledged",
  ]);
  expect(JSON.stringify(entries[1])).toMatch(/looking.*a disk is full/);
  const told = await api.call("GET", `/audit?objectId=${encodeURIComponent(String(taken.body.id))}`, {
    as: world.editor,
  });
  expect(told.body.items).toContainEqual(
    expect.objectContaining({
      after: expect.objectContaining({
        acknowledgement: expect.objectContaining({ at: expect.stringMatching(/^\d{4}-.*Z$/), note: "looking" }),
      }),
    }),
  );
});

test("what is over is neither taken on nor given back", async () => {
  await world.play(1, { "192.0.2.1": 20 });
  await acknowledge("192.0.2.1");
  await world.play(2, {});
  for (const answered of [await acknowledge("192.0.2.1"), await giveBack("192.0.2.1")])
    expect([answered.status, answered.body.type]).toEqual([409, "urn:logwatch:problem:over"]);
});

test("of two who take an alert on at once one is told of the other", async () => {
  await world.play(1, { "192.0.2.1": 20 });
  const both = await Promise.all([acknowledge("192.0.2.1", "a"), acknowledge("192.0.2.1", "b", world.owner)]);
  const { body } = await story("192.0.2.1");
  const winner = both.find(({ status }) => status === 200);
  expect(winner?.body.acknowledgement).toEqual(body.acknowledgement);
  for (const { status } of both) expect([200, 409]).toContain(status);
});

test.each([
  ["note", { note: "x".repeat(1001) }, "body.note", 400],
  ["note", { note: "\u001b[2J" }, "body.note", 400],
  ["mass assignment", { note: "x", by: "another", at: "2026-01-01T00:00:00.000Z" }, "body.by", 400],
])("a wrong %s is refused by its path", async (_, body, path, status) => {
  await world.play(1, { "192.0.2.1": 20 });
  const url = `/alerts/${await world.idOf("192.0.2.1")}/acknowledgement`;
  const refused = await api.call("PUT", url, { as: world.editor, body });
  expect(refused.status).toBe(status);
  expect(refused.body.errors).toMatchObject(expect.arrayContaining([expect.objectContaining({ path })]));
});

test("pages that look are told of an alert that was taken on, and of a silence", async () => {
  await world.play(1, { "192.0.2.1": 20 });
  const { position } = await read("/changes", world.viewer);
  await acknowledge("192.0.2.1");
  const silence = { matchers: [], duration: "1h", comment: "a test" };
  const made = await api.call("POST", "/services/auth/silences", { as: world.editor, body: silence });
  const { changes } = await read(`/changes?since=${position}`, world.viewer);
  expect(changes).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ kind: "alert", id: await world.idOf("192.0.2.1") }),
      expect.objectContaining({ kind: "silence", id: made.body.id }),
    ]),
  );
});
