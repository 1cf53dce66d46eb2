// Jobs that are changed by two at once, or while they run.
import { afterAll, beforeEach, expect, test } from "vitest";
import { createApiOpener, type Identity, start, type TestApi } from "../../../simulators/stack/test-api.ts";
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

const put = (id: string, as: Identity, etag: string, body: unknown) =>
  api.call("PUT", `/jobs/${id}`, { as, body, headers: { "if-match": etag } });

test("of two editors the second is told, with the newer state as GET answers it, and may go on from that", async () => {
  const { owner, editor } = world;
  const { id, view, etag } = await makeJob(api, editor);
  const first = await put(id, owner, etag, { ...bodyOf(view), every: "20s", window: "20s" });
  const second = await put(id, editor, etag, { ...bodyOf(view), name: "renamed" });
  expect(first.status).toBe(200);
  expect([second.status, second.headers.etag]).toEqual([412, '"v2"']);
  const current = await api.call("GET", `/jobs/${id}`, { as: editor });
  expect(second.body.current).toEqual(current.body);
  const third = await put(id, editor, '"v2"', { ...bodyOf(current.body), name: "renamed" });
  expect(third.body).toMatchObject({ name: "renamed", every: "20s", version: 3 });
});

test("of many changes at the very same moment one wins, and each other one gets 412", async () => {
  const { owner, editor } = world;
  const { id, view, etag } = await makeJob(api, editor);
  const told = await Promise.all(
    Array.from({ length: 6 }, (_, index) =>
      put(id, index % 2 === 0 ? owner : editor, etag, { ...bodyOf(view), name: `by ${index}` }),
    ),
  );
  expect(told.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412, 412, 412]);
  const winner = told.find(({ status }) => status === 200)?.body.name;
  const now = await api.call("GET", `/jobs/${id}`, { as: editor });
  expect([now.body.name, now.body.version]).toEqual([winner, 2]);
});

test.each(['"v0"', '"v99"', '"nonsense"', 'W/"v1"'])("an If-Match of %s changes nothing", async (etag) => {
  const { id, view } = await makeJob(api, world.owner);
  expect((await put(id, world.owner, etag, { ...bodyOf(view), name: "renamed" })).status).toBe(412);
});

test("a change without If-Match is refused", async () => {
  const { id, view } = await makeJob(api, world.owner);
  const answered = await api.call("PUT", `/jobs/${id}`, { as: world.owner, body: bodyOf(view) });
  expect(answered.status).toBe(428);
});

test("two jobs of one name at the same moment: one is made", async () => {
  const { owner } = world;
  const told = await Promise.all(
    Array.from({ length: 5 }, () => api.call("POST", "/jobs", { as: owner, body: jobBody() })),
  );
  expect(told.map(({ status }) => status).sort()).toEqual([201, 422, 422, 422, 422]);
  expect((await api.call("GET", "/jobs", { as: owner })).body.items).toHaveLength(1);
});

/** The job's first slot, claimed and not yet published: its run is in flight. */
const claim = async (id: string): Promise<void> => {
  const won = await api.storage.jobs.claim([{ jobId: id, from: start, to: start + 10_000 }], "tick", start + 41_000);
  expect([...won]).toEqual([id]);
};
const left = async (id: string) => ({
  due: (await api.storage.jobs.due(start + 3_600_000, 10)).map((job) => [job.id, job.cursor]),
  abandoned: (await api.storage.jobs.abandoned(start + 3_600_000, 10)).map((job) => job.id),
  judged: (await api.storage.ruleStates.load([id])).map(({ rule }) => rule.name),
});

test("edited while a run is in flight, a job goes on behind the claimed slot and nothing is asked twice", async () => {
  const { owner } = world;
  const { id, view } = await makeJob(api, owner);
  await claim(id);
  expect((await put(id, owner, "*", { ...bodyOf(view), name: "renamed" })).status).toBe(200);
  expect(await left(id)).toEqual({ due: [[id, start + 10_000]], abandoned: [id], judged: ["brute force"] });
  await api.storage.jobs.confirm("tick");
  expect((await left(id)).abandoned).toEqual([]);
});

test("with another period a job starts anew, and what was in flight is let go", async () => {
  const { owner } = world;
  const { id, view } = await makeJob(api, owner);
  await claim(id);
  api.clock.now = start + 45_000;
  expect((await put(id, owner, "*", { ...bodyOf(view), every: "30s", window: "1m" })).status).toBe(200);
  expect(await left(id)).toEqual({ due: [[id, start + 30_000]], abandoned: [], judged: ["brute force"] });
});

test("turned off while a run is in flight, a job is not asked, not claimed and not judged any more", async () => {
  const { owner } = world;
  const { id } = await makeJob(api, owner);
  await claim(id);
  await api.call("POST", `/jobs/${id}/disable`, { as: owner });
  expect(await left(id)).toEqual({ due: [], abandoned: [], judged: [] });
  const again = [{ jobId: id, from: start + 10_000, to: start + 20_000 }];
  expect((await api.storage.jobs.claim(again, "next", start + 60_000)).size).toBe(0);
});

test("removed while a run is in flight, a job leaves nothing to be asked or judged", async () => {
  const { owner } = world;
  const { id } = await makeJob(api, owner);
  await claim(id);
  expect((await api.call("DELETE", `/jobs/${id}`, { as: owner })).status).toBe(204);
  expect((await api.call("DELETE", `/jobs/${id}`, { as: owner })).status).toBe(404);
  expect(await left(id)).toEqual({ due: [], abandoned: [], judged: [] });
  expect(await api.storage.jobs.find([id])).toEqual([]);
});

test("the jobs of a disabled user stop, stay visible with the reason, and nobody turns them on", async () => {
  const { owner, editor } = world;
  const { id, view } = await makeJob(api, editor);
  await claim(id);
  const { user } = editor;
  expect(await api.storage.users.update(user.id, user.version, { state: "disabled" }, start)).toBe("done");
  expect(await left(id)).toEqual({ due: [], abandoned: [], judged: [] });
  const shown = await api.call("GET", `/jobs/${id}`, { as: owner });
  expect(shown.body).toMatchObject({ enabled: false, ownerDisabled: true, role: "owner" });
  const told = [
    await api.call("POST", `/jobs/${id}/enable`, { as: owner }),
    await put(id, owner, "*", { ...bodyOf(view), enabled: true }),
  ];
  expect(told.map(({ status, body }) => [status, body.type])).toEqual(
    Array(2).fill([409, "urn:logwatch:problem:owner-disabled"]),
  );
  expect((await put(id, owner, "*", { ...bodyOf(view), enabled: false })).status).toBe(200);
  const copied = await api.call("POST", `/jobs/${id}/duplicate`, { as: owner, body: {} });
  expect((await api.call("POST", `/jobs/${copied.body.id}/enable`, { as: owner })).status).toBe(200);
});

test("the jobs of who left the service are not turned on again, as they would tell them of its logs", async () => {
  const { owner, editor } = world;
  const { id } = await makeJob(api, editor, { enabled: false });
  await api.storage.members.remove("auth", editor.user.id, start);
  const told = await api.call("POST", `/jobs/${id}/enable`, { as: owner });
  expect([told.status, told.body.type]).toEqual([409, "urn:logwatch:problem:owner-left"]);
  expect((await api.call("GET", `/jobs/${id}`, { as: editor })).status).toBe(404);
});

test("a destination that goes while a rule names it stays, and one that is gone is not named", async () => {
  const { editor } = world;
  await makeJob(api, editor, { rules: [{ ...jobBody().rules[0], destinationIds: ["mail-editor"] }] });
  expect(await api.storage.configuration.remove("destinations", "mail-editor", null)).toBe("in-use");
  expect(await api.storage.configuration.remove("destinations", "mail-owner", null)).toBe("removed");
  const rules = [{ ...jobBody().rules[0], destinationIds: ["mail-owner"] }];
  const { status, body } = await api.call("POST", "/jobs", { as: world.owner, body: jobBody({ rules }) });
  expect([status, errorsOf(body)]).toEqual([
    422,
    ["body.rules.0.destinationIds.0: there is no such destination, or it is not yours"],
  ]);
});
