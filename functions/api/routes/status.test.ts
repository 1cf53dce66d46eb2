// What changed, how it goes and who did what: told to whom it concerns, cheap, and never in the way when a part is gone.
import { afterAll, beforeEach, expect, test } from "vitest";
import { createApiOpener, type Identity, start, type TestApi } from "../../../simulators/stack/test-api.ts";
import { watchAuth } from "../../../simulators/stack/test-pipeline.ts";
import { keepSnapshots } from "../../snapshot/keep-snapshots.ts";
import { destination, notification, result, span } from "../../storage/suite-samples.ts";
import { channelOf, overall, partOf, type Seen, sourceOf, withSince } from "./status-components.ts";

const opener = createApiOpener();
afterAll(opener.closeAll);

let api: TestApi;
let owner: Identity;
let stranger: Identity;

beforeEach(async () => {
  api = await opener.open();
  [owner, stranger] = [await api.user("owner"), await api.user("stranger")];
  await watchAuth(api, owner);
});

const changes = (as: Identity, since?: unknown, headers: Record<string, string> = {}) =>
  api.call("GET", `/changes${since === undefined ? "" : `?since=${since}`}`, { as, headers });
const snapshotOf = (jobId: string, to: number) => {
  const data = result(jobId, to);
  const finished = { id: data.slotId, type: "analysis.finished" as const, at: to, cause: null, data };
  return keepSnapshots([finished], { ...api.storage, log: () => undefined, now: () => api.clock.now });
};
const statusOf = async (as: Identity) => {
  const { body } = await api.call("GET", "/status", { as });
  const components = Array.isArray(body.components) ? body.components : [];
  return { body, components: Object.fromEntries(components.map((one) => [one.id, one])) };
};

test("nothing changed is a 304; a new snapshot is told to who sees the service, and to nobody else", async () => {
  const [mine, theirs] = [await changes(owner), await changes(stranger)];
  expect([mine.body.reset, theirs.body.reset]).toEqual([true, true]);
  const same = await changes(owner, mine.body.position, { "if-none-match": mine.headers.etag ?? "" });
  expect([same.status, same.text]).toEqual([304, ""]);
  api.clock.now = start + 60_000;
  await snapshotOf("logins", start);
  const told = await changes(owner, mine.body.position, { "if-none-match": mine.headers.etag ?? "" });
  expect([told.status, told.body.reset]).toEqual([200, false]);
  expect(told.body.changes).toEqual([{ kind: "snapshot", id: "logins", at: new Date(start + 60_000).toISOString() }]);
  expect((await changes(stranger, theirs.body.position)).body.changes).toEqual([]);
  expect((await changes(owner, told.body.position)).body).toMatchObject({ changes: [], reset: false });
});

test("one's own run is told to oneself alone", async () => {
  await api.storage.members.put("auth", stranger.user.id, "editor", start);
  const [mine, theirs] = [await changes(owner), await changes(stranger)];
  const run = (await api.call("POST", "/jobs/logins/runs", { as: owner, body: { wait: "0s" } })).body;
  expect((await changes(owner, mine.body.position)).body.changes).toMatchObject([{ kind: "run", id: run.id }]);
  expect((await changes(stranger, theirs.body.position)).body.changes).toEqual([]);
});

test("another service to see, Redis that lost everything or does not answer: look at everything", async () => {
  const { position } = (await changes(stranger)).body;
  await api.redis.flushall();
  expect((await changes(stranger, position)).body.reset).toBe(true);
  api.faults.add({ target: "redis", kind: "refuse", calls: 100_000 });
  const gone = await changes(stranger, position);
  expect([gone.status, gone.body]).toEqual([200, { changes: [], position: null, reset: true }]);
});

test("the status tells how the parts, my sources and my channels go; a part that is gone is down, not an error", async () => {
  const { storage } = api;
  await storage.coverage.record([span("logins", start - 120_000, start - 60_000)]);
  await storage.configuration.put("destinations", owner.user.id, destination("mine"), 0, start);
  await storage.notifications.owe([
    notification("n1", { destinationId: "mine", state: "failed", reason: "refused: 550 no", createdAt: start }),
  ]);
  const before = await statusOf(owner);
  expect(before.body).toMatchObject({ state: "up", lag: null, deadLetters: null });
  expect(before.components).toMatchObject({
    database: { state: "up", detail: "" },
    redis: { state: "up" },
    bus: { state: "unknown" },
    source: { kind: "source", name: "our store", state: "up" },
    email: { kind: "channel", state: "down", detail: "The last message failed: refused." },
  });
  // The first slot of the job was due 59 minutes less its delay ago.
  expect(before.body.oldestDueMs).toBe(59 * 60_000 - 30_000);
  await storage.coverage.record([
    span("logins", start - 60_000, start, { state: "failed", reason: "unreachable: connect to host.internal" }),
  ]);
  api.faults.add({ target: "redis", kind: "refuse", calls: 100_000 });
  const after = await statusOf(owner);
  expect(after.body.state).toBe("down");
  expect(after.components).toMatchObject({
    redis: { state: "down", detail: "It does not answer." },
    source: {
      state: "down",
      since: new Date(start - 60_000).toISOString(),
      detail: "The last question failed: unreachable.",
    },
  });
  expect(Object.keys((await statusOf(stranger)).components).sort()).toEqual(["bus", "database", "redis"]);
});

test("a member knows a source by what it serves, not by its owner's name for it", async () => {
  await api.storage.members.put("auth", stranger.user.id, "viewer", start);
  expect((await statusOf(stranger)).components.source).toMatchObject({ name: "Source of sign-ins", state: "unknown" });
});

test("the audit log: everybody reads their own deeds, an admin all of them, page by page", async () => {
  const admin = await api.user("admin", "admin");
  const run = () => api.call("POST", "/jobs/logins/runs", { as: owner, body: { wait: "0s" } });
  const ids = [(await run()).body.id, (await run()).body.id];
  const read = async (as: Identity, query = "") => (await api.call("GET", `/audit${query}`, { as })).body;
  const mine = await read(owner, "?limit=1");
  expect(mine.items).toMatchObject([{ action: "run.requested", actorId: owner.user.id, address: "192.0.2.1" }]);
  const rest = await read(owner, `?limit=1&cursor=${mine.next}`);
  expect([...(mine.items ?? []), ...(rest.items ?? [])].map((entry) => entry.objectId).sort()).toEqual(ids.sort());
  expect((await read(stranger)).items).toEqual([]);
  expect((await read(stranger, `?actorId=${owner.user.id}`)).items).toEqual([]);
  expect((await read(stranger, `?objectId=${ids[0]}`)).items).toEqual([]);
  expect((await read(admin, `?objectId=${ids[0]}`)).items).toHaveLength(1);
  expect((await read(admin, `?actorId=${owner.user.id}`)).items).toHaveLength(2);
});

test("how a component goes: slow, down and since when", () => {
  expect([partOf("bus", undefined), partOf("bus", { tookMs: null })].map((one) => one.state)).toEqual([
    "unknown",
    "down",
  ]);
  expect(partOf("database", { tookMs: 1234.5 })).toMatchObject({ state: "slow", detail: "It took 1235 ms." });
  const seen: Seen = new Map();
  const at = (tookMs: number | null, now: number) => withSince(partOf("redis", { tookMs }), seen, now).since;
  expect([at(1, 1000), at(1, 2000), at(null, 3000), at(null, 4000), at(1, 5000)]).toEqual([
    null,
    1000,
    3000,
    3000,
    5000,
  ]);
  expect(overall([{ state: "up" }, { state: "unknown" }])).toBe("up");
  expect(overall([{ state: "slow" }, { state: "down" }])).toBe("down");
});

test("a source goes as the latest question to it went, a channel as its last message, since that turn", () => {
  const newest = [span("a", 0, 9000), span("b", 8000, 10_000, { state: "failed", reason: "timeout: x" })];
  expect(sourceOf("s", "S", newest)).toMatchObject({
    state: "down",
    since: 8000,
    detail: "The last question failed: timeout.",
  });
  expect(sourceOf("s", "S", [span("a", 0, 9000, { state: "missing" })]).state).toBe("unknown");
  const ended = [
    notification("3", { state: "failed", reason: "timeout", createdAt: 3000 }),
    notification("2", { state: "failed", reason: "timeout", createdAt: 2000 }),
    notification("1", { state: "sent", sentAt: 1500, createdAt: 1000 }),
  ];
  expect(channelOf("email", ended)).toMatchObject({ state: "down", since: 2000 });
  expect(channelOf("email", ended.slice(2))).toMatchObject({ state: "up", since: 1500 });
  expect(channelOf("slack", ended).state).toBe("unknown");
});
