// Manual runs by their routes, with the pipeline's own cores behind: answered in time or later, failed, cancelled, shared, private.
import { afterAll, beforeEach, expect, test } from "vitest";
import { createApiOpener, type Identity, start, type TestApi } from "../../../simulators/stack/test-api.ts";
import { openPipeline, watchAuth } from "../../../simulators/stack/test-pipeline.ts";
import { runJobId } from "../../lib/runs.ts";
import { questionKey } from "../../lib/slots.ts";
import { memoryLog } from "../../sources/memory-log.ts";

const minute = 60_000;
const iso = (ms: number) => new Date(ms).toISOString();
const opener = createApiOpener();
afterAll(opener.closeAll);

let api: TestApi;
let owner: Identity;
let viewer: Identity;
let stranger: Identity;
let pipeline: ReturnType<typeof openPipeline>;

beforeEach(async () => {
  api = await opener.open();
  [owner, viewer, stranger] = [await api.user("owner"), await api.user("viewer"), await api.user("stranger")];
  await watchAuth(api, owner);
  await api.storage.members.put("auth", viewer.user.id, "viewer", start);
  const line = (at: number) => ({
    ...{ at, service: "auth", host: "h", level: 6, message: "login failed", fields: {} },
  });
  pipeline = openPipeline(api, memoryLog([line(start - 3 * minute), line(start - 2 * minute), line(start - 90_000)]));
});

const window = { from: iso(start - 10 * minute), to: iso(start) };
const ask = (as: Identity, over: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
  api.call("POST", "/services/auth/runs", {
    as,
    headers,
    body: { analysis: "log-search", ...window, wait: "0s", ...over },
  });
const get = (as: Identity, id: unknown) => api.call("GET", `/runs/${id}`, { as });
const cancel = (as: Identity, id: unknown) => api.call("POST", `/runs/${id}/cancel`, { as });

test("a run that is answered in time is answered at once: values, picture, log lines; no job's ledger knows of it", async () => {
  const { status, body, headers } = await pipeline.during(ask(owner, { wait: "20s" }));
  expect([status, headers.location]).toEqual([200, `/api/runs/${body.id}`]);
  expect(body).toMatchObject({ state: "finished", serviceId: "auth", jobId: null, window, failure: null });
  expect(body.result).toMatchObject({
    measurements: [{ name: "matches", labels: {}, value: 3, unit: "count" }],
    recomputed: false,
    window,
  });
  expect(JSON.stringify(body.result)).toContain("login failed");
  expect(await api.storage.coverage.read(runJobId(String(body.id)), 0, start * 2)).toEqual([]);
  const [entry] = await api.storage.audit.list({ limit: 1 });
  expect(entry).toMatchObject({ action: "run.requested", objectId: body.id, actorId: owner.user.id });
});

test("one that takes longer is a 202 and a place to look; its picture is drawn anew when Redis lost it", async () => {
  const { status, body, headers } = await ask(owner);
  expect([status, body.state, body.result]).toEqual([202, "queued", null]);
  const path = String(headers.location).replace("/api", "");
  expect((await api.call("GET", path, { as: owner })).body).toMatchObject({ state: "queued", result: null });
  expect(await pipeline.work()).toBe(1);
  const finished = (await get(owner, body.id)).body;
  expect(finished).toMatchObject({ state: "finished", finishedAt: iso(start), result: { recomputed: false } });
  await api.redis.flushall();
  expect((await get(owner, body.id)).body).toMatchObject({
    state: "finished",
    result: {
      recomputed: true,
      finishedAt: null,
      views: [{ kind: "stat", title: "Matches", value: 3 }],
      measurements: [{ name: "matches", value: 3 }],
    },
  });
});

test("Redis that does not answer costs a run nothing but its picture", async () => {
  api.faults.add({ target: "redis", kind: "refuse", calls: 100_000 });
  const { status, body } = await pipeline.during(ask(owner, { wait: "20s" }));
  expect([status, body.state]).toEqual([200, "finished"]);
  expect(body.result).toMatchObject({ recomputed: true, measurements: [{ value: 3 }] });
});

test("a source that fails is an answer too, with its reason", async () => {
  pipeline.state.failure = { kind: "overloaded", message: "too much", retryable: true };
  const { status, body } = await pipeline.during(ask(owner, { wait: "20s" }));
  expect([status, body.state, body.result]).toEqual([200, "failed", null]);
  expect(body.failure).toEqual(pipeline.state.failure);
});

test("what nobody answers is told as lost, not as waiting for ever", async () => {
  const { body } = await ask(owner);
  api.clock.now = start + 11 * minute;
  expect((await get(owner, body.id)).body).toMatchObject({ state: "failed", failure: { kind: "timeout" } });
  expect((await api.call("GET", "/runs", { as: owner })).body.items).toMatchObject([{ state: "failed" }]);
});

test("cancelled before it began: it is not asked, and stays cancelled; one that has ended cannot be", async () => {
  const [first, second] = [(await ask(owner)).body, (await ask(owner, { to: iso(start - minute) })).body];
  expect((await cancel(owner, first.id)).body).toMatchObject({ state: "cancelled", cancelledAt: iso(start) });
  expect((await cancel(owner, first.id)).status).toBe(200);
  await pipeline.work();
  expect(pipeline.state.asked).toBe(1);
  expect((await get(owner, first.id)).body).toMatchObject({ state: "cancelled", result: null });
  const refused = await cancel(owner, second.id);
  expect([refused.status, refused.body.type]).toEqual([409, "urn:logwatch:problem:ended"]);
});

test("cancelled while it was asked: what it found is not shown", async () => {
  const { body } = await ask(owner);
  const requests = pipeline.requests();
  const asked = requests.map((one) => ({ ...one, data: { ...one.data, reason: "due" as const } }));
  await cancel(owner, body.id);
  await pipeline.work(asked);
  expect(pipeline.state.asked).toBe(1);
  expect((await get(owner, body.id)).body).toMatchObject({ state: "cancelled", result: null });
});

test("the same request sent twice is one run and one question", async () => {
  const key = { "idempotency-key": "once" };
  const [first, again] = [await ask(owner, {}, key), await ask(owner, {}, key)];
  expect(again.body.id).toBe(first.body.id);
  expect(api.published).toHaveLength(1);
});

test("a job run now asks its newest whole window, beside its own request, and changes nothing of it", async () => {
  api.clock.now = start + 50_000;
  const { body } = await pipeline.during(api.call("POST", "/jobs/logins/runs", { as: owner, body: { wait: "20s" } }));
  // The window that ends at the start is due at half a minute past; the next one is not.
  expect(body).toMatchObject({ jobId: "logins", window: { from: iso(start - 2 * minute), to: iso(start) } });
  expect(body.result).toMatchObject({ measurements: [{ value: 2 }] });
  expect(await api.storage.coverage.read("logins", 0, start * 2)).toEqual([]);
  expect((await api.call("GET", "/jobs/logins/snapshot", { as: owner })).body.result).toBeNull();
  await api.call("POST", "/jobs/logins/runs", { as: owner, body: { wait: "0s" } });
  const [job] = await api.storage.jobs.find(["logins"]);
  expect(job && questionKey(job)).toBe(api.published[0]?.key);
});

test("what cannot be asked is refused with its place, and nothing is published", async () => {
  const refused = async (over: Record<string, unknown>) => {
    const { status, body } = await ask(owner, over);
    const [error] = Array.isArray(body.errors) ? body.errors : [];
    return [status, error?.path];
  };
  expect(await refused({ analysis: "nothing" })).toEqual([422, "body.analysis"]);
  expect(await refused({ params: { nonsense: 1 } })).toEqual([422, "body.params.nonsense"]);
  expect(await refused({ params: { filter: "(" } })).toEqual([422, "body.params.filter"]);
  expect(await refused({ to: iso(start + 1) })).toEqual([422, "body.to"]);
  expect(await refused({ from: window.to })).toEqual([422, "body.from"]);
  expect(await refused({ from: iso(start - 32 * 86_400_000) })).toEqual([422, "body.from"]);
  expect((await refused({ wait: "26s" }))[1]).toBe("body.wait");
  expect((await refused({ userId: "me" }))[1]).toBe("body.userId");
  expect(api.published).toEqual([]);
});

test("a run is its user's alone, and hidden from one who left the service; who may only look may not ask", async () => {
  expect((await ask(viewer)).status).toBe(403);
  expect((await ask(stranger)).status).toBe(404);
  const { body } = await ask(owner);
  await pipeline.work();
  for (const other of [viewer, stranger]) expect((await get(other, body.id)).status).toBe(404);
  expect((await cancel(viewer, body.id)).status).toBe(404);
  await api.storage.members.put("auth", viewer.user.id, "editor", start);
  const theirs = (await ask(viewer)).body;
  await pipeline.work();
  expect((await get(viewer, theirs.id)).body.state).toBe("finished");
  await api.storage.members.remove("auth", viewer.user.id, start);
  expect((await get(viewer, theirs.id)).status).toBe(404);
});

test("the list of my runs is mine alone, newest first, page by page", async () => {
  const ids: unknown[] = [];
  for (let n = 0; n < 3; n += 1) {
    ids.unshift((await ask(owner)).body.id);
    // Ids sort by the millisecond they were made in.
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const first = (await api.call("GET", "/runs?limit=2", { as: owner })).body;
  const second = (await api.call("GET", `/runs?limit=2&cursor=${first.next}`, { as: owner })).body;
  expect([first, second].flatMap((page) => page.items?.map((run) => run.id))).toEqual(ids);
  expect(second.next).toBeNull();
  expect((await api.call("GET", "/runs", { as: viewer })).body.items).toEqual([]);
});

test("`last` ends now, in whole seconds, and stands alone", async () => {
  const run = (body: object) =>
    api.call("POST", "/services/auth/runs", { as: owner, body: { analysis: "log-search", wait: "0s", ...body } });
  api.clock.now = start + 300;
  expect((await run({ last: "10m" })).body.window).toEqual({ from: iso(start - 600_000), to: iso(start) });
  expect(await run({ last: "10m", from: iso(start - 1000) })).toMatchObject({ status: 422 });
  expect(await run({})).toMatchObject({ status: 422, body: { errors: [{ path: "body.from" }] } });
});
