// Jobs copied: whose the copy is, what it is called, and whom it may tell.
import { afterAll, beforeEach, expect, test } from "vitest";
import { createApiOpener, type TestApi } from "../../../simulators/stack/test-api.ts";
import { buildJobsWorld, errorsOf, type JobsWorld, makeJob, ruleBody } from "../../../simulators/stack/test-jobs.ts";

const opener = createApiOpener();
afterAll(opener.closeAll);

let api: TestApi;
let world: JobsWorld;
beforeEach(async () => {
  api = await opener.open();
  world = await buildJobsWorld(api);
});

const copy = (id: string, body: unknown = {}) => api.call("POST", `/jobs/${id}/duplicate`, { as: world.owner, body });

test("a copy is its maker's, turned off, the same in all else, and leaves out destinations of others and says so", async () => {
  const { id, view } = await makeJob(api, world.editor, {
    window: "1m",
    rules: [ruleBody({ name: "one", destinationIds: ["mail-editor"] }), ruleBody({ name: "two", hold: "1m" })],
  });
  // The owner of the service adds a destination of their own to it.
  const rules = [
    ruleBody({ name: "one", destinationIds: ["mail-editor", "mail-owner"] }),
    ruleBody({ name: "two", hold: "1m" }),
  ];
  const { name, serviceId, analysis, every, window, enabled } = view;
  const body = { name, serviceId, analysis, every, window, enabled, rules };
  await api.call("PUT", `/jobs/${id}`, { as: world.owner, body, headers: { "if-match": "*" } });
  const made = await copy(id);
  expect(made.status).toBe(201);
  expect(made.body).toMatchObject({
    name: "failed logins (copy)",
    ownerId: world.owner.user.id,
    enabled: false,
    window: "1m",
    version: 1,
    rules: [
      { name: "one", destinationIds: ["mail-owner"] },
      { name: "two", hold: "1m" },
    ],
    destinationsLeftOut: [{ ruleName: "one", destinationId: "mail-editor" }],
  });
  expect(made.headers.location).toBe(`/api/jobs/${made.body.id}`);
  const { destinationsLeftOut: _leftOut, ...job } = made.body;
  expect((await api.call("GET", `/jobs/${made.body.id}`, { as: world.owner })).body).toEqual(job);
  const original = (await api.call("GET", `/jobs/${id}`, { as: world.owner })).body;
  const idsOf = (shown: Record<string, unknown>) =>
    Array.isArray(shown.rules) ? shown.rules.map((rule) => rule.id) : [];
  expect(idsOf(original).filter((one) => idsOf(job).includes(one))).toEqual([]);
});

test("copies are numbered, a given name must be free, and a long one is cut at a whole character", async () => {
  const { id } = await makeJob(api, world.owner);
  const names = [];
  for (let count = 0; count < 3; count += 1) names.push((await copy(id)).body.name);
  expect(names).toEqual(["failed logins (copy)", "failed logins (copy 2)", "failed logins (copy 3)"]);
  expect((await copy(id, { name: "mine" })).body.name).toBe("mine");
  const taken = await copy(id, { name: "Mine" });
  expect([taken.status, errorsOf(taken.body)]).toEqual([422, ['body.name: is taken: "mine" is already called so']]);
  const { id: long } = await makeJob(api, world.owner, { name: "🙂".repeat(40) });
  expect((await copy(long)).body.name).toBe(`${"🙂".repeat(36)} (copy)`);
});

test("many copies at once all get names of their own", async () => {
  const { id } = await makeJob(api, world.owner);
  const made = await Promise.all(Array.from({ length: 6 }, () => copy(id)));
  expect(made.map(({ status }) => status)).toEqual(Array(6).fill(201));
  expect(new Set(made.map(({ body }) => body.name)).size).toBe(6);
});
