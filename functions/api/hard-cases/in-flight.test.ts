// Hard case 38: two who change one thing at once, on every route that changes one; and what goes while something of it is under way.
// What becomes of slots in flight: jobs-races.test.ts of the routes.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type EveryRoute, openEveryRoute } from "../../../simulators/stack/hard-cases/every-route.ts";
import { createApiOpener, type Identity, start, type TestApi } from "../../../simulators/stack/test-api.ts";
import { openPipeline, watchAuth } from "../../../simulators/stack/test-pipeline.ts";
import { memoryLog } from "../../sources/memory-log.ts";
import { routes } from "../routes/index.ts";

describe("hard case 38: whoever changes what they have not seen is told, on every route", () => {
  let every: EveryRoute;
  beforeAll(async () => {
    every = await openEveryRoute();
  }, 60_000);
  afterAll(() => every.close());

  const versioned = routes.filter(({ isVersioned }) => isVersioned).map(({ id }) => id);
  const callOf = (id: string) => every.callOf(id);

  test("everything that has a version is changed on it alone", () => {
    // A role and who has taken an alert on are not versions of a thing.
    const isThing = (path: string) => !/\/members\/|\/acknowledgement$/.test(path);
    const changes = routes.filter(({ method, path }) => method === "PUT" && isThing(path));
    expect(changes.map(({ id }) => id).toSorted()).toEqual(versioned.toSorted());
  });

  test.each(versioned)("%s: an older version, none, or what is no version changes nothing", async (id) => {
    const call = callOf(id);
    const read = every.calls.find(({ route }) => route.method === "GET" && route.path === call.route.path);
    for (const etag of ['"v0"', '"v99"', '"v999999999999999"', '"nonsense"', 'W/"v1"', '"__proto__"']) {
      const before = every.writes();
      const { status, body, headers } = await every.send(call, { headers: { "if-match": etag } });
      expect([etag, status, headers.etag]).toEqual([etag, 412, expect.stringMatching(/^"v\d+"$/)]);
      if (read) {
        const { asked: _asked, ...current } = Object(body.current);
        const { via: _via, scope: _scope, ...now } = (await every.send(read)).body;
        expect([etag, current]).toEqual([etag, now]);
      }
      expect(every.writes()).toBe(before);
    }
    for (const [etag, expected] of [
      ["v1", 400],
      ['"v1", "v2"', 400],
      ["", 400],
    ] as const)
      expect([etag, (await every.send(call, { headers: { "if-match": etag } })).status]).toEqual([etag, expected]);
    const { who, path, body, route } = call;
    const headers = { origin: "https://logwatch.example.com", "x-logwatch-csrf": "1" };
    expect((await every.api.call(route.method, path, { ...who, body, headers })).status).toBe(428);
  });
});

describe("hard case 38: what goes while a run is under way", () => {
  const opener = createApiOpener();
  afterAll(opener.closeAll);
  let api: TestApi;
  let admin: Identity;
  let owner: Identity;
  let editor: Identity;
  let pipeline: ReturnType<typeof openPipeline>;
  beforeEach(async () => {
    api = await opener.open();
    [admin, owner, editor] = [await api.user("admin", "admin"), await api.user("owner"), await api.user("editor")];
    await watchAuth(api, owner);
    await api.storage.members.put("auth", editor.user.id, "editor", start);
    const line = { at: start - 90_000, service: "auth", host: "h", level: 6, message: "login failed", fields: {} };
    pipeline = openPipeline(api, memoryLog([line]));
  });

  const ask = async () => {
    const body = { analysis: "log-search", last: "10m", wait: "0s" };
    const run = await api.call("POST", "/services/auth/runs", { as: editor, body });
    expect(run.status).toBe(202);
    return `/runs/${run.body.id}`;
  };
  const noFault = () => expect(api.logged.filter(({ level }) => level === "error")).toEqual([]);

  test("the service: its runs go with it, and what comes back is nobody's", async () => {
    const path = await ask();
    expect((await api.call("DELETE", "/services/auth?jobs=delete", { as: owner })).status).toBe(204);
    await pipeline.work();
    expect((await api.call("GET", path, { as: editor })).status).toBe(404);
    expect((await api.call("GET", "/runs", { as: editor })).body.items).toEqual([]);
    expect((await api.call("GET", "/jobs/logins/snapshot", { as: owner })).status).toBe(404);
    noFault();
  });

  test("the membership of who asked: they see nothing of the answer", async () => {
    const path = await ask();
    const removed = await api.call("DELETE", `/services/auth/members/${editor.user.id}`, { as: owner });
    expect(removed.status).toBe(200);
    await pipeline.work();
    const { status, text } = await api.call("GET", path, { as: editor });
    expect([status, text.includes("login failed")]).toEqual([404, false]);
    noFault();
  });

  test("the account of who asked, disabled or removed: the answer is told to nobody", async () => {
    const path = await ask();
    const change = { role: "user", state: "disabled" };
    const disabled = await api.call("PUT", `/users/${editor.user.id}`, {
      as: admin,
      body: change,
      headers: { "if-match": "*" },
    });
    expect(disabled.status).toBe(200);
    await pipeline.work();
    for (const [as, status] of [
      [editor, 401],
      [owner, 404],
      [admin, 404],
    ] as const)
      expect((await api.call("GET", path, { as })).status).toBe(status);
    expect((await api.call("DELETE", `/users/${editor.user.id}`, { as: admin })).status).toBe(204);
    expect(await api.storage.runs.find([path.slice("/runs/".length)])).toEqual([]);
    noFault();
  });

  test("the job, run by hand: the run ends as any other, and the job stays gone", async () => {
    const run = await api.call("POST", "/jobs/logins/runs", { as: owner, body: { wait: "0s" } });
    expect((await api.call("DELETE", "/jobs/logins", { as: owner })).status).toBe(204);
    await pipeline.work();
    expect((await api.call("GET", `/runs/${run.body.id}`, { as: owner })).body).toMatchObject({ state: "finished" });
    expect((await api.call("GET", "/jobs/logins", { as: owner })).status).toBe(404);
    noFault();
  });

  test("a role, while its holder writes: each write is judged by the role of its own moment", async () => {
    await api.storage.members.put("auth", editor.user.id, "viewer", start);
    const body = { analysis: "log-search", last: "10m", wait: "0s" };
    expect((await api.call("POST", "/services/auth/runs", { as: editor, body })).status).toBe(403);
    expect(api.published).toEqual([]);
  });
});
