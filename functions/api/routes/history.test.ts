// What a job found, by its routes: the newest result, history as few points, coverage and filling its gaps.
import { afterAll, beforeEach, expect, test } from "vitest";
import { createApiOpener, type Identity, start, type TestApi } from "../../../simulators/stack/test-api.ts";
import { openPipeline, watchAuth } from "../../../simulators/stack/test-pipeline.ts";
import { requestFor } from "../../lib/slots.ts";
import { memoryLog } from "../../sources/memory-log.ts";
import { span } from "../../storage/suite-samples.ts";

const minute = 60_000;
const iso = (ms: number) => new Date(ms).toISOString();
const opener = createApiOpener();
afterAll(opener.closeAll);

let api: TestApi;
let owner: Identity;
let pipeline: ReturnType<typeof openPipeline>;

beforeEach(async () => {
  api = await opener.open();
  owner = await api.user("owner");
  await watchAuth(api, owner);
  const line = (at: number) => ({
    ...{ at, service: "auth", host: "h", level: 6, message: "login failed", fields: {} },
  });
  // One a minute, in its middle.
  pipeline = openPipeline(api, memoryLog(Array.from({ length: 60 }, (_, n) => line(start - (n + 0.5) * minute))));
});

/** The job's slots that end so many minutes before the start, asked and answered. */
const runSlots = async (...minutesAgo: number[]) => {
  const [job] = await api.storage.jobs.find(["logins"]);
  if (!job) throw new Error("No job.");
  await pipeline.work(
    minutesAgo.map((ago) => {
      const data = requestFor(job, start - ago * minute, "due", 0);
      return { id: `${data.slotId}.0`, type: "analysis.requested", at: start, cause: null, data };
    }),
  );
};

const get = (path: string, headers: Record<string, string> = {}) =>
  api.call("GET", `/jobs/logins${path}`, { as: owner, headers });
const fill = (from: number, to: number) =>
  api.call("POST", "/jobs/logins/coverage/fill", { as: owner, body: { from: iso(from), to: iso(to) } });

test("the newest result, a 304 while it stays so, and drawn anew when Redis lost it", async () => {
  const none = await get("/snapshot");
  expect([none.status, none.body]).toEqual([200, { jobId: "logins", result: null }]);
  await runSlots(5, 4);
  const first = await get("/snapshot");
  expect(first.body.result).toMatchObject({ window: { to: iso(start - 4 * minute) }, recomputed: false, revision: 0 });
  const tag = { "if-none-match": first.headers.etag ?? "" };
  const same = await get("/snapshot", tag);
  expect([same.status, same.text]).toEqual([304, ""]);
  await runSlots(3);
  expect((await get("/snapshot", tag)).status).toBe(200);
  await api.redis.flushall();
  const anew = await get("/snapshot");
  expect(anew.body.result).toMatchObject({
    ...{ window: { to: iso(start - 3 * minute) }, recomputed: true },
    views: [{ kind: "stat", title: "Matches", value: 2, unit: "count" }],
    measurements: [{ name: "matches", value: 2 }],
  });
  expect(anew.headers.etag).not.toBe(first.headers.etag);
});

test("history as few points: overlapping windows are never summed, gaps stay gaps", async () => {
  await runSlots(20, 19, 18, 10, 9);
  const { status, body } = await get(`/history?from=${iso(start - 60 * minute)}&points=61`);
  expect(status).toBe(200);
  expect(body).toMatchObject({ from: iso(start - 60 * minute), to: iso(start), stepMs: minute, left: 0 });
  const [series] = Array.isArray(body.series) ? body.series : [];
  expect(series).toMatchObject({ name: "matches", labels: {}, unit: "count" });
  expect(
    series.points.map((point: { to: string; value: number }) => [Date.parse(point.to) - start, point.value]),
  ).toEqual([20, 19, 18, 10, 9].map((ago) => [-ago * minute, 2]));
  const few = (await get(`/history?from=${iso(start - 60 * minute)}&points=2&measurement=matches`)).body.series;
  expect(few).toMatchObject([{ points: [{ value: 2, windows: 5 }] }]);
  expect((await get("/history?measurement=none")).body.series).toEqual([]);
});

test("a period that cannot be is refused with its place", async () => {
  for (const path of ["/history", "/coverage"]) {
    const errors = async (query: string) => {
      const { status, body } = await get(`${path}?${query}`);
      const [error] = Array.isArray(body.errors) ? body.errors : [];
      return [status, error?.path];
    };
    expect(await errors(`from=${iso(start)}&to=${iso(start)}`)).toEqual([422, "query.from"]);
    expect(await errors(`from=${iso(start - 400 * 86_400_000)}`)).toEqual([422, "query.from"]);
    expect(await errors("from=yesterday")).toEqual([400, "query.from"]);
    expect((await errors("nonsense=1"))[0]).toBe(400);
  }
  expect((await get("/history?points=501")).status).toBe(400);
  expect((await get("/history?series=51")).status).toBe(400);
});

test("coverage names what has an answer, what failed, what was never asked and what is not due", async () => {
  await runSlots(60 - 1, 58);
  pipeline.state.failure = { kind: "timeout", message: "too slow", retryable: true };
  await runSlots(57);
  await api.storage.jobs.claim([{ jobId: "logins", from: start - 60 * minute, to: start - minute }], "c", start);
  const { body } = await get(`/coverage?from=${iso(start - 60 * minute)}`);
  expect(body.more).toBe(false);
  expect(body.slots).toEqual({ complete: 2, revised: 0, failed: 1, missing: 55, due: 2 });
  expect(body.spans).toMatchObject([
    { from: iso(start - 60 * minute), to: iso(start - 58 * minute), state: "complete" },
    { to: iso(start - 57 * minute), state: "failed", reason: "timeout: too slow" },
    { state: "missing", reason: "never asked" },
    { to: iso(start), state: "due" },
  ]);
});

test("a gap is filled on demand: its slots are asked again under higher revisions, and become complete", async () => {
  pipeline.state.failure = { kind: "timeout", message: "too slow", retryable: true };
  await runSlots(30, 29, 28);
  pipeline.state.failure = undefined;
  await api.storage.jobs.claim([{ jobId: "logins", from: start - 60 * minute, to: start - minute }], "c", start);
  const { status, body } = await fill(start - 31 * minute, start - 26 * minute);
  expect([status, body]).toEqual([200, { asked: 5, left: 0 }]);
  const asked = pipeline.requests();
  expect(asked.map(({ data }) => [data.reason, data.revision > 0, (start - data.window.to) / minute])).toEqual(
    [30, 29, 28, 27, 26].map((ago) => ["retry", true, ago]),
  );
  await pipeline.work(asked);
  const after = (await get(`/coverage?from=${iso(start - 31 * minute)}&to=${iso(start - 26 * minute)}`)).body;
  expect(after.slots).toEqual({ complete: 5, revised: 0, failed: 0, missing: 0, due: 0 });
  expect((await fill(start - 31 * minute, start - 26 * minute)).body).toEqual({ asked: 0, left: 0 });
  expect((await api.storage.audit.list({ limit: 9 })).map((entry) => entry.action)).toContain("job.filled");
});

test("a long gap is filled a thousand slots at a time, and a job that is off not at all", async () => {
  await api.storage.coverage.record([
    span("logins", start - 2000 * minute, start - 60 * minute, { state: "missing", reason: "catch-up" }),
  ]);
  expect((await fill(start - 2000 * minute, start - 60 * minute)).body).toEqual({ asked: 1000, left: 940 });
  expect(pipeline.requests()).toHaveLength(1000);
  await api.storage.configuration.setJobEnabled("logins", false, null, start);
  expect((await fill(start - 10 * minute, start)).status).toBe(409);
  expect(pipeline.requests()).toEqual([]);
  expect((await get(`/coverage?from=${iso(start - 3000 * minute)}`)).body).toMatchObject({
    to: iso(start - 60 * minute),
    slots: { missing: 1940, due: 0 },
  });
});

test("a ledger with more ranges than one answer holds is told up to where they end", async () => {
  const spans = Array.from({ length: 2500 }, (_, n) =>
    span("logins", start - (2600 - n) * minute, start - (2599 - n) * minute, {
      state: n % 2 === 0 ? "complete" : "missing",
    }),
  );
  await api.storage.coverage.record(spans);
  const first = (await get(`/coverage?from=${iso(start - 2600 * minute)}`)).body;
  expect([first.more, first.to, first.spans]).toEqual([
    true,
    iso(start - 600 * minute),
    expect.objectContaining({ length: 2000 }),
  ]);
  const second = (await get(`/coverage?from=${first.to}`)).body;
  expect([second.more, second.from]).toEqual([false, first.to]);
});
