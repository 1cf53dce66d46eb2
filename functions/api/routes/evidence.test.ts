// The evidence of an alert through the real handler, over a real Graylog stand-in: the lines that were counted, and no others.
import { afterAll, beforeEach, expect, test } from "vitest";
import { minute, openPipeline, type Seen, type Watched } from "../../../simulators/stack/test-alerts.ts";
import { type Identity, start } from "../../../simulators/stack/test-api.ts";
import { jobBody, ruleBody } from "../../../simulators/stack/test-jobs.ts";
import { createLogWorlds, type LogWorld } from "../../../simulators/stack/test-logs.ts";

const worlds = createLogWorlds();
afterAll(worlds.closeAll);

let world: LogWorld;
let watched: Watched;
beforeEach(async () => {
  world = await worlds.open();
  const serviceId = await world.addService("auth", "service:auth");
  const body = jobBody({ serviceId, every: "1m", window: "1m", rules: [ruleBody({ tellResolved: false })] });
  // Before there was anything to judge: a job that is younger than its alert was changed since.
  world.api.clock.now = start - 60 * minute;
  const made = await world.api.call("POST", "/jobs", { as: world.owner, body });
  world.api.clock.now = start;
  if (made.status !== 201) throw new Error(made.text);
  watched = { jobId: String(made.body.id), jobName: "failed logins", serviceId, serviceName: "auth" };
}, 60_000);

/** `count` sign-ins of one address in the window that ends `minutes` after the start. */
const logins = (minutes: number, count: number, address: string, over: { status?: string; service?: string } = {}) => {
  const { status = "failure", service = "auth" } = over;
  return world.write(
    Array.from({ length: count }, (_, index) => ({
      ...{ service, at: start + (minutes - 1) * minute + index * 100, message: `${status} ${minutes} ${index}` },
      fields: { event_type: "authentication_attempt", status, source_ip: address },
    })),
  );
};

const play = async (minutes: number, seen: Seen) => {
  await openPipeline(world.api.storage, world.api.clock).play(watched, minutes, seen);
  world.api.clock.now = start;
};
const alertId = async (address = "192.0.2.1"): Promise<string> => {
  const alerts = await world.api.storage.alerts.list({ serviceIds: [watched.serviceId], limit: 10 });
  return alerts.find(({ labels }) => labels.address === address)?.alertId ?? "";
};
const evidence = async (query = "", as: Identity = world.owner, address?: string) =>
  world.api.call("GET", `/alerts/${await alertId(address)}/evidence?limit=200${query}`, { as });
const messages = (page: { body: { items?: Record<string, unknown>[] } }) => page.body.items?.map((one) => one.message);
const iso = (minutes: number) => new Date(start + minutes * minute).toISOString();

/** Breached in two windows, clear in the third; with whatever must not be taken for it around. */
const attack = async () => {
  await logins(-12, 4, "192.0.2.1");
  await logins(-10, 12, "192.0.2.1");
  await logins(-10, 3, "192.0.2.2");
  await logins(-10, 5, "192.0.2.1", { status: "success" });
  await logins(-10, 6, "192.0.2.1", { service: "dns" });
  await logins(-9, 11, "192.0.2.1");
  await logins(-8, 2, "192.0.2.1");
  await play(-10, { "192.0.2.1": 12, "192.0.2.2": 3 });
  await play(-9, { "192.0.2.1": 11 });
};
const counted = [
  ...Array.from({ length: 11 }, (_, index) => `failure -9 ${10 - index}`),
  ...Array.from({ length: 12 }, (_, index) => `failure -10 ${11 - index}`),
];

test("the lines that were counted, newest first, from the first breached window to the last", async () => {
  await attack();
  await play(-8, { "192.0.2.1": 2 });
  const page = await evidence();
  expect(page.status).toBe(200);
  expect(messages(page)).toEqual(counted);
  expect(page.body).toMatchObject({
    ...{ from: iso(-11), to: iso(-9), next: null, jobChanged: false, measurement: "failed_logins_by_address" },
    filter: expect.stringMatching(/^\(event_type:authentication_attempt AND .*\) AND \(source_ip:"192\.0\.2\.1"\)$/),
  });
});

test("of an alert that still fires, the lines up to now", async () => {
  await attack();
  const page = await evidence();
  expect(messages(page)).toEqual(["failure -8 1", "failure -8 0", ...counted]);
  expect(page.body.to).toBe(iso(0));
});

test("the filter that is told finds the same lines in the search of logs", async () => {
  await attack();
  const { body } = await evidence();
  const query = new URLSearchParams({ filter: String(body.filter), from: String(body.from), to: String(body.to) });
  const found = await world.api.call("GET", `/services/${watched.serviceId}/logs?limit=200&${query}`, {
    as: world.owner,
  });
  expect(messages(found)).toEqual(messages(await evidence()));
});

test("pages hold every line once and keep their window; a cursor is good for its alert alone", async () => {
  await attack();
  await logins(-5, 20, "192.0.2.3");
  await play(-5, { "192.0.2.3": 20, "192.0.2.1": 12 });
  const found: unknown[] = [];
  let cursor = "";
  for (let pages = 0; pages < 10; pages += 1) {
    const url = `/alerts/${await alertId()}/evidence?limit=7${cursor}`;
    const page = await world.api.call("GET", url, { as: world.owner });
    expect(page.body.to).toBe(iso(0));
    found.push(...(messages(page) ?? []));
    if (page.body.next === null) break;
    cursor = `&cursor=${page.body.next}`;
    world.api.clock.now += 1000;
  }
  expect(found.toSorted()).toEqual([...counted, "failure -8 0", "failure -8 1"].toSorted());
  const other = await world.api.call("GET", `/alerts/${await alertId("192.0.2.3")}/evidence?limit=7${cursor}`, {
    as: world.owner,
  });
  expect([other.status, other.body.errors]).toMatchObject([422, [{ path: "query.cursor" }]]);
});

test("a label that would break out of the filter selects its own lines alone (hard cases 1, 2)", async () => {
  const hostile = '192.0.2.9" OR service:dns OR source_ip:"x\\';
  await logins(-10, 12, hostile);
  await logins(-10, 12, "192.0.2.1", { service: "dns" });
  await logins(-10, 12, "192.0.2.1");
  await play(-10, { [hostile]: 12 });
  const page = await evidence("", world.owner, hostile);
  expect(page.status).toBe(200);
  expect(page.body.items).toHaveLength(12);
  expect(page.body.items?.every((line) => Object(line.fields).source_ip === hostile)).toBe(true);
});

test("named fields are all that is shown, and unknown parameters are refused by name", async () => {
  await attack();
  const page = await evidence("&field=status");
  expect(page.body.items?.[0]?.fields).toEqual({ status: "failure" });
  const refused = await evidence("&filter=*");
  expect([refused.status, refused.body.errors]).toMatchObject([400, [{ path: "query.filter" }]]);
});

const changeJob = async (over: Record<string, unknown>) => {
  const body = jobBody({ serviceId: watched.serviceId, every: "1m", window: "1m", ...over });
  const options = { as: world.owner, body, headers: { "if-match": "*" } };
  const changed = await world.api.call("PUT", `/jobs/${watched.jobId}`, options);
  if (changed.status !== 200) throw new Error(changed.text);
};

test("after a change of the job the lines are those of today's filter, up to the clear window's end, and it is said", async () => {
  await attack();
  await play(-8, { "192.0.2.1": 2 });
  await changeJob({ params: { filter: "status:success" }, every: "1h", window: "1h" });
  const page = await evidence();
  expect(page.body).toMatchObject({ jobChanged: true, to: iso(-8) });
  expect(messages(page)?.every((message) => String(message).startsWith("success"))).toBe(true);
  expect(messages(page)).toHaveLength(5);
});

test("when nobody can tell any more which lines were counted, it is said why, and no source is asked", async () => {
  await attack();
  const told = async () => {
    const before = world.asked.length;
    const { status, body } = await evidence();
    expect(world.asked.length).toBe(before);
    return [status, body.detail];
  };
  await changeJob({ rules: [ruleBody({ name: "another" })] });
  expect(await told()).toEqual([409, expect.stringMatching(/^The rule of this alert is gone\./)]);
  const elsewhere = await world.addService("dns", "service:dns");
  await changeJob({ serviceId: elsewhere });
  expect(await told()).toEqual([409, "The job of this alert watches another service now."]);
  await world.api.call("DELETE", `/jobs/${watched.jobId}`, { as: world.owner });
  expect(await told()).toEqual([409, expect.stringMatching(/^The job of this alert is gone/)]);
});

test("a source that fails is a 424 with its reason, without its host", async () => {
  await attack();
  world.graylogFaults.add({ target: "graylog", kind: "error", status: 503, calls: 1 });
  const failed = await evidence();
  expect(failed.status).toBe(424);
  expect(failed.body.detail).toMatch(/overloaded/);
  world.graylogFaults.add({ target: "graylog", kind: "error", status: 400, calls: 5 });
  const refused = await evidence();
  expect(refused.status).toBe(424);
  for (const { text } of [failed, refused]) expect(text).not.toMatch(/127\.0\.0\.1|4711/);
});

test("a viewer of the service sees them, a stranger nothing", async () => {
  await attack();
  const viewer = await world.api.user("viewer");
  const stranger = await world.api.user("stranger");
  await world.api.storage.members.put(watched.serviceId, viewer.user.id, "viewer", start);
  expect(messages(await evidence("", viewer))).toHaveLength(25);
  expect((await evidence("", stranger)).status).toBe(404);
});
