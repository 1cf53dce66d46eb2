// What of a job its author does not decide: fields that are ours, names and destinations of others.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createApiOpener, type TestApi } from "../../../simulators/stack/test-api.ts";
import {
  buildJobsWorld,
  errorsOf,
  type JobsWorld,
  jobBody,
  makeJob,
  ruleBody,
} from "../../../simulators/stack/test-jobs.ts";

const opener = createApiOpener();
afterAll(opener.closeAll);

let api: TestApi;
let world: JobsWorld;
beforeAll(async () => {
  api = await opener.open({ LOGWATCH_REQUESTS_PER_USER: "1000000", LOGWATCH_REQUESTS_PER_ADDRESS: "1000000" });
  world = await buildJobsWorld(api);
});

const told = async (body: unknown) => {
  const answered = await api.call("POST", "/jobs", { as: world.owner, body });
  return { status: answered.status, errors: errorsOf(answered.body) };
};

test.each(["role", "ownerId", "id", "createdAt", "updatedAt", "version", "managedByFile", "tenantId", "startAt"])(
  "%s cannot be set, neither in a new job nor in a change",
  async (field) => {
    const { id } = await makeJob(api, world.owner, { name: `has no ${field}`, rules: [] });
    const body = { ...jobBody({ rules: [] }), [field]: "owner" };
    const calls = [
      await api.call("POST", "/jobs", { as: world.owner, body }),
      await api.call("PUT", `/jobs/${id}`, { as: world.owner, body, headers: { "if-match": "*" } }),
    ];
    for (const { status, body: problem } of calls) {
      expect(status).toBe(400);
      expect(errorsOf(problem)).toEqual([`body.${field}: is not known here`]);
    }
    expect((await api.call("GET", `/jobs/${id}`, { as: world.owner })).headers.etag).toBe('"v1"');
  },
);

test.each(["id", "jobId", "holdMs", "ownerId"])("a rule of a new job has no %s", async (field) => {
  const { status, errors } = await told(jobBody({ rules: [ruleBody({ [field]: "x" })] }));
  expect(status).toBe(400);
  expect(errors).toEqual([`body.rules.0.${field}: is not known here`]);
});

test("a rule's id in a change must be one of the job's, and stand once", async () => {
  const { id, view } = await makeJob(api, world.owner, { name: "with a rule" });
  const { view: other } = await makeJob(api, world.owner, { name: "with another" });
  const idOf = (shown: Record<string, unknown>) => (Array.isArray(shown.rules) ? String(shown.rules[0].id) : "");
  const put = async (rules: unknown[]) => {
    const body = jobBody({ name: "with a rule", rules });
    return errorsOf(
      (await api.call("PUT", `/jobs/${id}`, { as: world.owner, body, headers: { "if-match": "*" } })).body,
    );
  };
  const rule = "must be the id of a rule of this job, and named once";
  expect(await put([ruleBody({ id: idOf(other) })])).toEqual([`body.rules.0.id: ${rule}`]);
  const twice = [ruleBody({ id: idOf(view) }), ruleBody({ id: idOf(view), name: "twice" })];
  expect(await put(twice)).toEqual([`body.rules.1.id: ${rule}`]);
});

test("a change says whether the job is on and which rules it has: nothing is lost by being forgotten", async () => {
  const { id } = await makeJob(api, world.owner, { name: "forgetful" });
  const { enabled: _enabled, rules: _rules, ...body } = jobBody({ name: "forgetful" });
  const put = await api.call("PUT", `/jobs/${id}`, { as: world.owner, body, headers: { "if-match": "*" } });
  expect(put.status).toBe(400);
  expect(errorsOf(put.body).map((error) => error.split(":")[0])).toEqual(["body.enabled", "body.rules"]);
});

test("a name is taken once among the jobs of an owner, and free to others", async () => {
  await makeJob(api, world.owner, { name: "Taken name" });
  const { status, errors } = await told(jobBody({ name: "taken  NAME" }));
  expect([status, errors]).toEqual([422, ['body.name: is taken: "Taken name" is already called so']]);
  await makeJob(api, world.editor, { name: "Taken name" });
  const { id } = await makeJob(api, world.owner, { name: "free" });
  const body = jobBody({ name: "Taken name" });
  const put = await api.call("PUT", `/jobs/${id}`, { as: world.owner, body, headers: { "if-match": "*" } });
  expect(errorsOf(put.body)).toEqual(['body.name: is taken: "Taken name" is already called so']);
});

test("whoever edits another's job keeps the destinations it names, and adds only their own", async () => {
  const { id } = await makeJob(api, world.editor, {
    name: "shared",
    rules: [ruleBody({ destinationIds: ["mail-editor"] })],
  });
  const put = (destinationIds: string[]) => {
    const body = jobBody({ name: "shared", rules: [ruleBody({ destinationIds })] });
    return api.call("PUT", `/jobs/${id}`, { as: world.owner, body, headers: { "if-match": "*" } });
  };
  expect((await put(["mail-editor", "mail-owner"])).status).toBe(200);
  expect(errorsOf((await put(["mail-stranger"])).body)).toHaveLength(1);
  expect((await put(["mail-owner"])).status).toBe(200);
  expect(errorsOf((await put(["mail-editor"])).body)).toHaveLength(1);
});
