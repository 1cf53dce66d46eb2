// Jobs over HTTP: made, shown, changed, listed, switched, removed.
import { afterAll, beforeEach, expect, test } from "vitest";
import { createApiOpener, start, type TestApi } from "../../../simulators/stack/test-api.ts";
import {
  bodyOf,
  buildJobsWorld,
  type JobsWorld,
  jobBody,
  makeJob,
  ruleBody,
} from "../../../simulators/stack/test-jobs.ts";
import * as samples from "../../storage/suite-samples.ts";

const opener = createApiOpener();
afterAll(opener.closeAll);

let api: TestApi;
let world: JobsWorld;
beforeEach(async () => {
  api = await opener.open();
  world = await buildJobsWorld(api);
});

test("a job is made with its rules, shown with every default, and starts with the slot that holds the moment", async () => {
  const { owner } = world;
  const body = jobBody({ rules: [ruleBody({ hold: "90s", destinationIds: ["mail-owner"] })] });
  const made = await api.call("POST", "/jobs", { as: owner, body });
  expect(made.status).toBe(201);
  expect(made.headers).toMatchObject({ etag: '"v1"', location: `/api/jobs/${made.body.id}` });
  const at = new Date(start).toISOString();
  expect(made.body).toEqual({
    id: expect.stringMatching(/^[0-9A-Z]{26}$/),
    name: "failed logins",
    serviceId: "auth",
    serviceName: "Sign-in",
    analysis: "failed-logins",
    params: {},
    every: "10s",
    window: "10s",
    delay: "30s",
    enabled: true,
    role: "owner",
    ownerId: owner.user.id,
    ownerName: "owner",
    ownerDisabled: false,
    managedByFile: false,
    version: 1,
    createdAt: at,
    updatedAt: at,
    rules: [
      {
        id: expect.stringMatching(/^[0-9A-Z]{26}$/),
        name: "brute force",
        kind: "threshold",
        params: { measurement: "failed_logins_by_address", op: "ge", limit: 10 },
        severity: "warning",
        hold: "90s",
        clearAfter: "0s",
        repeat: "4h",
        repeatGrowth: 2,
        tellResolved: true,
        onFailure: "keep",
        onNoData: "keep",
        maxExamples: 10,
        maxTracked: 1000,
        flapping: { changes: 6, within: "1h" },
        destinationIds: ["mail-owner"],
        enabled: true,
      },
    ],
  });
  const got = await api.call("GET", `/jobs/${made.body.id}`, { as: owner });
  expect([got.status, got.headers.etag, got.body]).toEqual([200, '"v1"', made.body]);
  expect(await api.storage.jobs.due(start + 60_000, 10)).toMatchObject([{ id: made.body.id, cursor: start }]);
  expect(await api.storage.ruleStates.load([String(made.body.id)])).toMatchObject([{ rule: { holdMs: 90_000 } }]);
});

test("what GET answers can be sent back by PUT, and changes nothing but the version", async () => {
  const { id, view } = await makeJob(api, world.owner, { window: "7d", delay: "1h" });
  const put = await api.call("PUT", `/jobs/${id}`, {
    as: world.owner,
    body: bodyOf(view),
    headers: { "if-match": '"v1"' },
  });
  expect([put.status, put.headers.etag]).toEqual([200, '"v2"']);
  expect(put.body).toEqual({ ...view, version: 2 });
});

test("a rule keeps its id when it keeps its name, or is renamed by its id; one that is left out goes", async () => {
  const { owner } = world;
  const rules = ["one", "two", "three"].map((name) => ruleBody({ name }));
  const { id, view } = await makeJob(api, owner, { rules });
  const idOf = (shown: Record<string, unknown>, name: string): unknown =>
    Array.isArray(shown.rules) ? shown.rules.find((rule) => rule.name === name)?.id : undefined;
  const changed = await api.call("PUT", `/jobs/${id}`, {
    as: owner,
    body: jobBody({
      rules: [
        ruleBody({ name: "one", severity: "critical" }),
        ruleBody({ name: "second", id: idOf(view, "two") }),
        ruleBody({ name: "new" }),
      ],
    }),
    headers: { "if-match": "*" },
  });
  expect(changed.status).toBe(200);
  expect(idOf(changed.body, "one")).toBe(idOf(view, "one"));
  expect(idOf(changed.body, "second")).toBe(idOf(view, "two"));
  expect(changed.body.rules).toHaveLength(3);
  expect(JSON.stringify(changed.body.rules)).not.toContain(String(idOf(view, "three")));
});

test("the list holds what one may see, with one's role, and narrows by service, state and text", async () => {
  const { admin, owner, editor, viewer, stranger } = world;
  await makeJob(api, editor, { name: "Élan vital" });
  await makeJob(api, owner, { name: "DNS failures", enabled: false, rules: [] });
  await makeJob(api, stranger, { name: "hidden", serviceId: "elsewhere" });
  const declared = samples.job("watch.declared", { serviceId: "of-the-file", name: "declared", ownerId: "watch" });
  await api.storage.configuration.putJob("watch", declared, [], 0, start);
  const list = async (as: typeof owner, query = "") =>
    (await api.call("GET", `/jobs${query}`, { as })).body.items?.map(({ name, role }) => `${name}: ${role}`).sort();
  expect(await list(viewer)).toEqual(["DNS failures: viewer", "Élan vital: viewer"]);
  expect(await list(editor)).toEqual(["DNS failures: editor", "Élan vital: owner"]);
  expect(await list(owner)).toEqual(["DNS failures: owner", "Élan vital: owner"]);
  expect(await list(stranger)).toEqual(["hidden: owner"]);
  expect(await list(admin)).toEqual(["declared: owner"]);
  expect(await list(viewer, "?enabled=false")).toEqual(["DNS failures: viewer"]);
  expect(await list(viewer, "?text=dns%20FAIL")).toEqual(["DNS failures: viewer"]);
  expect(await list(viewer, "?text=sign-IN&enabled=true")).toEqual(["Élan vital: viewer"]);
  expect(await list(viewer, `?text=${encodeURIComponent("Élan")}`)).toEqual(["Élan vital: viewer"]);
  expect(await list(viewer, "?text=%25")).toEqual([]);
  expect(await list(viewer, "?serviceId=elsewhere")).toEqual([]);
  expect(await list(stranger, "?serviceId=elsewhere")).toEqual(["hidden: owner"]);
  const { body } = await api.call("GET", "/jobs", { as: admin });
  expect(body.items?.[0]).toMatchObject({ ownerId: "watch", ownerName: null, managedByFile: true, ruleCount: 0 });
});

test("the list comes page by page, each job once, in a fixed number of statements", async () => {
  for (let index = 0; index < 7; index += 1) await makeJob(api, world.owner, { name: `job ${index}` });
  const names: unknown[] = [];
  let cursor = "";
  do {
    const before = api.calls.made;
    const { body } = await api.call("GET", `/jobs?limit=3${cursor}`, { as: world.viewer });
    expect(api.calls.made - before).toBeLessThanOrEqual(2);
    names.push(...(body.items ?? []).map(({ name }) => name));
    cursor = body.next === null ? "" : `&cursor=${encodeURIComponent(String(body.next))}`;
  } while (cursor !== "");
  expect(names.sort()).toEqual(Array.from({ length: 7 }, (_, index) => `job ${index}`));
});

test("turned off a job is not due; turned on again it goes on from now, and the time between is missing", async () => {
  const { owner } = world;
  const { id } = await makeJob(api, owner);
  const off = await api.call("POST", `/jobs/${id}/disable`, { as: owner });
  expect(off.body).toMatchObject({ enabled: false, version: 2 });
  expect((await api.call("POST", `/jobs/${id}/disable`, { as: owner })).body).toEqual(off.body);
  expect(await api.storage.jobs.due(start + 3_600_000, 10)).toEqual([]);
  api.clock.now = start + 100_000;
  const on = await api.call("POST", `/jobs/${id}/enable`, { as: owner });
  expect(on.body).toMatchObject({ enabled: true, version: 3 });
  expect((await api.call("POST", `/jobs/${id}/enable`, { as: owner })).headers.etag).toBe('"v3"');
  expect(await api.storage.jobs.find([id])).toMatchObject([{ cursor: start + 100_000 }]);
  const { entries } = await audited();
  expect(entries.map(({ action }) => action)).toEqual(["job.enabled", "job.disabled", "job.created"]);
});

const audited = async () => {
  const { rows } = await api.db.execute("SELECT action, before_body, after_body FROM audit ORDER BY id DESC", {});
  return { entries: rows.map((row) => ({ action: row.action, before: row.before_body, after: row.after_body })) };
};

test("what changed is kept in the audit log, before and after", async () => {
  const { owner } = world;
  const { id, view } = await makeJob(api, owner);
  const body = { ...bodyOf(view), name: "renamed" };
  await api.call("PUT", `/jobs/${id}`, { as: owner, body, headers: { "if-match": "*" } });
  await api.call("DELETE", `/jobs/${id}`, { as: owner });
  const { entries } = await audited();
  expect(entries.map(({ action }) => action)).toEqual(["job.removed", "job.changed", "job.created"]);
  expect(JSON.parse(String(entries[1]?.before))).toEqual(view);
  expect(JSON.parse(String(entries[1]?.after))).toMatchObject({ name: "renamed" });
  expect(JSON.parse(String(entries[0]?.before))).toMatchObject({ name: "renamed" });
});

test("what the instance's file declares is changed in the file alone, and an admin may copy it", async () => {
  const { admin } = world;
  const declared = samples.job("watch.declared", { serviceId: "of-the-file", ownerId: "watch", params: {} });
  await api.storage.configuration.putJob("watch", declared, [], 0, start);
  const path = "/jobs/watch.declared";
  const body = jobBody({ serviceId: "of-the-file" });
  const told = [
    await api.call("PUT", path, { as: admin, body, headers: { "if-match": "*" } }),
    await api.call("DELETE", path, { as: admin }),
    await api.call("POST", `${path}/disable`, { as: admin }),
  ];
  expect(told.map((one) => [one.status, one.body.type])).toEqual(
    Array(3).fill([409, "urn:logwatch:problem:managed-by-file"]),
  );
  expect((await api.call("GET", path, { as: admin })).body).toMatchObject({ role: "owner", managedByFile: true });
  expect((await api.call("POST", `${path}/duplicate`, { as: admin, body: {} })).status).toBe(201);
});

test("the same creation sent twice makes one job", async () => {
  const options = { as: world.owner, body: jobBody(), headers: { "idempotency-key": "once" } };
  const [first, second] = [await api.call("POST", "/jobs", options), await api.call("POST", "/jobs", options)];
  expect(second).toMatchObject({ status: 201, body: first.body });
  expect((await api.call("GET", "/jobs", { as: world.owner })).body.items).toHaveLength(1);
});
