// Jobs: what each role may do with them, and that another's answers as what is not there.
import { afterAll, beforeEach, expect, test } from "vitest";
import { createApiOpener, type TestApi } from "../../../simulators/stack/test-api.ts";
import {
  bodyOf,
  buildJobsWorld,
  errorsOf,
  type JobsWorld,
  jobBody,
  makeJob,
} from "../../../simulators/stack/test-jobs.ts";

const opener = createApiOpener();
afterAll(opener.closeAll);

let api: TestApi;
let world: JobsWorld;
beforeEach(async () => {
  api = await opener.open();
  world = await buildJobsWorld(api);
});

test("another's job answers as one that is not there, to every route, after the same statements", async () => {
  const { id } = await makeJob(api, world.stranger, { serviceId: "elsewhere" });
  // The first call of a session reads it from the database, later ones find it kept.
  await api.call("GET", "/jobs", { as: world.editor });
  const calls = [
    ["GET", "", undefined],
    ["PUT", "", jobBody()],
    ["DELETE", "", undefined],
    ["POST", "/enable", undefined],
    ["POST", "/disable", undefined],
    ["POST", "/duplicate", {}],
  ] as const;
  for (const [method, end, body] of calls) {
    const told = [];
    for (const which of [id, "01HZY000000000000000000JOB"]) {
      const before = api.calls.made;
      const options = { as: world.editor, body, headers: { "if-match": "*" } };
      const answered = await api.call(method, `/jobs/${which}${end}`, options);
      const { instance: _instance, ...problem } = answered.body;
      told.push({ status: answered.status, problem, calls: api.calls.made - before });
    }
    expect(told[0]).toEqual(told[1]);
    expect(told[0]?.status).toBe(404);
  }
});

test.each([
  ["the job's own user, editor of the service", "editor", [200, 200, 200, 201, 204]],
  ["an owner of the service", "owner", [200, 200, 200, 201, 204]],
  ["a viewer", "viewer", [200, 403, 403, 403, 403]],
  ["a member of another service", "stranger", [404, 404, 404, 404, 404]],
  ["an admin who is no member", "admin", [404, 404, 404, 404, 404]],
] as const)("%s may do what the role says: see, change, switch, copy, remove", async (_who, name, expected) => {
  const { id } = await makeJob(api, world.editor);
  const as = world[name];
  const told = [
    await api.call("GET", `/jobs/${id}`, { as }),
    await api.call("PUT", `/jobs/${id}`, { as, body: jobBody(), headers: { "if-match": "*" } }),
    await api.call("POST", `/jobs/${id}/disable`, { as }),
    await api.call("POST", `/jobs/${id}/duplicate`, { as, body: {} }),
    await api.call("DELETE", `/jobs/${id}`, { as }),
  ];
  expect(told.map(({ status }) => status)).toEqual(expected);
});

test("another editor of the service sees and copies a job, and changes it not", async () => {
  const second = await api.user("second");
  await world.join("auth", second, "editor");
  const { id } = await makeJob(api, world.editor);
  const got = await api.call("GET", `/jobs/${id}`, { as: second });
  expect(got.body).toMatchObject({ role: "editor", ownerName: "editor" });
  const put = await api.call("PUT", `/jobs/${id}`, { as: second, body: jobBody(), headers: { "if-match": "*" } });
  expect(put.status).toBe(403);
  expect((await api.call("POST", `/jobs/${id}/duplicate`, { as: second, body: {} })).status).toBe(201);
});

test("a job goes only on services where its author is editor", async () => {
  const told = async (serviceId: string) => {
    const { status, body } = await api.call("POST", "/jobs", { as: world.viewer, body: jobBody({ serviceId }) });
    return [status, errorsOf(body)];
  };
  const unknown = [422, ["body.serviceId: there is no such service, or it is not yours"]];
  expect(await told("auth")).toEqual([403, []]);
  expect(await told("elsewhere")).toEqual(unknown);
  expect(await told("nowhere")).toEqual(unknown);
});

test("a job moves to another service only where its editor is editor too", async () => {
  const { id, view } = await makeJob(api, world.editor);
  const move = () =>
    api.call("PUT", `/jobs/${id}`, {
      as: world.editor,
      body: { ...bodyOf(view), serviceId: "elsewhere" },
      headers: { "if-match": "*" },
    });
  expect(errorsOf((await move()).body)).toEqual(["body.serviceId: there is no such service, or it is not yours"]);
  await world.join("elsewhere", world.editor, "viewer");
  expect((await move()).status).toBe(403);
  await world.join("elsewhere", world.editor, "editor");
  expect((await move()).body).toMatchObject({ serviceId: "elsewhere", serviceName: "Elsewhere", role: "owner" });
});
