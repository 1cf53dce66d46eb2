// The preview by its route: who may ask, what is refused with which path, and that what it says is of the stored history.
import type { AnalysisFinished, Measurement } from "@logwatch/events";
import { rulePreview } from "@logwatch/events/api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createApiOpener, type Identity, start, type TestApi } from "../../../simulators/stack/test-api.ts";
import { archiveResults } from "../../archive/archive-results.ts";
import { slotId } from "../../lib/slots.ts";
import type { DestinationRecord, JobRecord } from "../../storage/configuration.ts";

const minute = 60_000;
const opener = createApiOpener();
afterAll(opener.closeAll);

let api: TestApi;
let owner: Identity;
let viewer: Identity;
let stranger: Identity;

const job = (ownerId: string): JobRecord => ({
  id: "logins",
  name: "failed logins",
  analysis: "failed-logins",
  params: {},
  serviceId: "auth",
  everyMs: minute,
  windowMs: minute,
  delayMs: 30_000,
  enabled: true,
  ownerId,
  startAt: start - 60 * minute,
});

const destination = (id: string): DestinationRecord => ({
  id,
  name: id,
  channel: "email",
  address: { to: [`${id}@example.com`] },
  secret: "",
  enabled: true,
  maxPerHour: 100,
  confirmedAt: start,
});

/** A window each minute of the last hour; `count` failures in the tenth. */
const fill = async (of: TestApi, count: number): Promise<void> => {
  const results = Array.from({ length: 59 }, (_, slot): AnalysisFinished => {
    const to = start - 60 * minute + (slot + 1) * minute;
    const value = slot === 9 ? count : 1;
    const measurements: Measurement[] = [
      { name: "failed_logins", labels: {}, value, unit: "count" },
      { name: "failed_logins_by_user", labels: { user: "root" }, value, unit: "count" },
    ];
    const data: AnalysisFinished["data"] = {
      slotId: slotId("logins", to),
      jobId: "logins",
      jobName: "failed logins",
      analysis: "failed-logins",
      serviceId: "auth",
      serviceName: "auth",
      window: { from: to - minute, to },
      everyMs: minute,
      delayMs: 30_000,
      revision: 0,
      reason: "due",
      outcome: "complete",
      failure: null,
      measurements,
      views: [],
      examples: [],
      truncated: [],
      finishedAt: to,
    };
    return { id: data.slotId, type: "analysis.finished", at: to, cause: null, data };
  });
  await archiveResults(results, { ...of.storage, now: () => start });
};

beforeAll(async () => {
  api = await opener.open();
  owner = await api.user("owner");
  viewer = await api.user("viewer");
  stranger = await api.user("stranger");
  const { configuration, members } = api.storage;
  const source = { id: "source", name: "source", kind: "graylog", params: {}, secret: "" };
  const service = { id: "auth", name: "sign-ins", sourceId: "source", filter: "*", colour: "#000000" };
  await configuration.put("sources", owner.user.id, source, 0, start);
  await configuration.put("services", owner.user.id, service, 0, start);
  await members.put("auth", owner.user.id, "owner", start);
  await members.put("auth", viewer.user.id, "viewer", start);
  await configuration.put("destinations", owner.user.id, destination("mine"), 0, start);
  await configuration.put("destinations", stranger.user.id, destination("theirs"), 0, start);
  expect(await configuration.putJob(owner.user.id, job(owner.user.id), [], 0, start)).toBe(true);
  await fill(api, 54);
});

const rule = (over: Record<string, unknown> = {}) => ({
  name: "many",
  kind: "threshold",
  params: { measurement: "failed_logins_by_user", op: "gt", limit: 20 },
  ...over,
});

const ask = (as: Identity | undefined, body: unknown, jobId = "logins") =>
  api.call("POST", `/jobs/${jobId}/rule-preview`, { as, body });

test("it says which alerts and messages there would have been, to whom, and why the rest was silent", async () => {
  const { status, body } = await ask(owner, {
    hours: 1,
    rules: [rule({ destinationIds: ["mine"], tellResolved: false })],
  });
  expect(status).toBe(200);
  const report = rulePreview.parse(body);
  const firingAt = start - 50 * minute;
  expect(report.judged).toEqual({ from: start - 60 * minute, to: start - minute });
  expect(report.windows).toEqual({ due: 59, complete: 59, failed: 0, missing: 0 });
  expect(report.alerts).toMatchObject({ total: 1, fired: 1, resolved: 1 });
  expect(report.alerts.listed).toMatchObject([
    { ruleName: "many", labels: { user: "root" }, firingAt, resolvedAt: firingAt + minute, value: 54, why: "54 > 20" },
  ]);
  expect(report.messages).toMatchObject({ total: 1, sent: 1, toNobody: 0 });
  expect(report.messages.listed).toMatchObject([
    { at: firingAt + 30_000, destinationId: "mine", reason: "", message: { title: "many on sign-ins: user=root" } },
  ]);
  expect(report.books).toEqual({
    findings: 59,
    sent: 1,
    pending: 0,
    suppressed: { "resolved-not-wanted": 1, "below-threshold": 57 },
  });
});

test("a viewer of the service may ask; who is no member finds nothing, as where nothing is; nobody is told to sign in", async () => {
  const body = { rules: [rule()] };
  const seen = await ask(viewer, body);
  expect([seen.status, rulePreview.parse(seen.body).messages]).toMatchObject([200, { toNobody: 2, sent: 0 }]);
  expect((await ask(await api.token(viewer, "read"), body)).status).toBe(200);
  const [hidden, missing] = [await ask(stranger, body), await ask(viewer, body, "nothing")];
  expect([hidden.status, missing.status]).toEqual([404, 404]);
  expect({ ...hidden.body, instance: "" }).toEqual({ ...missing.body, instance: "" });
  expect((await ask(undefined, body)).status).toBe(401);
});

test("each mistake of a rule is told with its path", async () => {
  const { status, body } = await ask(owner, {
    rules: [
      rule({ params: { measurement: "failed_logins_by_moon", limit: 1 } }),
      rule({ name: "Many!", params: { measurement: "failed_logins_by_user", where: { moon: "x" }, limit: 1 } }),
      rule({ name: "third", kind: "guess" }),
      rule({ name: "fourth", params: { measurement: "failed_logins", limit: "high", more: 1 } }),
    ],
  });
  expect(status).toBe(422);
  const errors = body.errors as { path: string; rule: string }[];
  expect(errors.map(({ path }) => path).sort()).toEqual([
    "body.rules.0.params.measurement",
    "body.rules.1.name",
    "body.rules.1.params.where.moon",
    "body.rules.2.kind",
    "body.rules.3.params.limit",
    "body.rules.3.params.more",
  ]);
  expect(errors.find(({ path }) => path.endsWith("measurement"))?.rule).toMatch(/it measures: .*failed_logins/);
});

test.each([
  [{ rules: [rule()], hours: 169 }, "body.hours"],
  [{ rules: [rule()], hours: 0 }, "body.hours"],
  [{ rules: [] }, "body.rules"],
  [{ rules: Array.from({ length: 21 }, (_, index) => rule({ name: `rule ${index}` })) }, "body.rules"],
  [{ rules: [rule({ hold: "8d" })] }, "body.rules.0.hold"],
  [{ rules: [rule({ id: "demo.rule" })] }, "body.rules.0.id"],
  [{ rules: [rule()], keep: true }, "body.keep"],
])("what is out of bounds is refused by name: %#", async (body, path) => {
  const answered = await ask(owner, body);
  expect([400, 422]).toContain(answered.status);
  expect((answered.body.errors as { path: string }[]).map((error) => error.path)).toContain(path);
});

test("destinations are the caller's own or named by the job's rules; another's is as one that is not there", async () => {
  const refusedFor = async (as: Identity, id: string) =>
    (await ask(as, { rules: [rule({ destinationIds: [id] })] })).body.errors;
  const refused = [{ path: "body.rules.0.destinationIds.0", rule: "there is no such destination, or it is not yours" }];
  expect(await refusedFor(owner, "theirs")).toEqual(refused);
  expect(await refusedFor(owner, "nowhere")).toEqual(refused);
  expect(await refusedFor(viewer, "mine")).toEqual(refused);
  const { configuration } = api.storage;
  const [stored] = await configuration.find("jobs", ["logins"]);
  const saved = {
    ...{
      id: "logins.saved",
      jobId: "logins",
      name: "saved",
      kind: "absence",
      params: { measurement: "failed_logins" },
    },
    ...{ severity: "info" as const, holdMs: 0, clearAfterMs: 0, repeatMs: 0, repeatGrowth: 1, tellResolved: true },
    ...{ onFailure: "keep" as const, onNoData: "keep" as const, maxExamples: 1, maxTracked: 1 },
    ...{ flappingChanges: 0, flappingMs: 0, destinationIds: ["mine"], enabled: true },
  };
  await configuration.putJob(owner.user.id, job(owner.user.id), [saved], stored?.version ?? 0, start);
  expect(await refusedFor(viewer, "mine")).toBeUndefined();
  // A saved rule that is being changed comes with its id.
  expect((await ask(owner, { rules: [rule({ id: "logins.saved" })] })).status).toBe(200);
});

test("it changes nothing: no row of the database, no event, no mail", async () => {
  const tables = ["rules", "rule_progress", "alerts", "alert_events", "notifications", "findings", "audit"];
  const rows = async () => {
    const counts: unknown[] = [];
    for (const table of tables) counts.push((await api.db.execute(`SELECT COUNT(*) AS rows_there FROM ${table}`)).rows);
    return counts;
  };
  const before = await rows();
  expect((await ask(owner, { rules: [rule({ destinationIds: ["mine"] })] })).status).toBe(200);
  expect(await rows()).toEqual(before);
  expect(api.published).toEqual([]);
});

test("many at once are done one after another; what is too much is refused with a time to come back, and none hangs", async () => {
  const answers = await Promise.all(Array.from({ length: 40 }, () => ask(owner, { rules: [rule()] })));
  const done = answers.filter(({ status }) => status === 200);
  const refused = answers.filter(({ status }) => status === 429);
  expect(done.length + refused.length).toBe(40);
  expect(done.length).toBeGreaterThanOrEqual(9);
  expect(refused[0]).toMatchObject({ headers: { "retry-after": "10" }, body: { type: "urn:logwatch:problem:busy" } });
  expect((await ask(owner, { rules: [rule()] })).status).toBe(200);
});
