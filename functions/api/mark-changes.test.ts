// What pages that look are told when something is written.
import { afterAll, expect, test } from "vitest";
import { createApiOpener } from "../../simulators/stack/test-api.ts";
import { buildWorld } from "../../simulators/stack/test-world.ts";

const opener = createApiOpener();
afterAll(opener.closeAll);

test("a page learns of a write by those who may know of it, and by nobody else", async () => {
  const api = await opener.open();
  const { own, callers } = await buildWorld(api);
  const ask = async (name: "viewer" | "member of another service", since?: unknown) =>
    (await api.call("GET", `/changes${since ? `?since=${String(since)}` : ""}`, callers[name])).body;
  const [viewer, stranger] = [await ask("viewer"), await ask("member of another service")];
  api.clock.now += 1000;
  const off = await api.call("POST", `/jobs/${own.job}/disable`, callers.owner);
  expect(off.status).toBe(200);
  expect((await ask("viewer", viewer.position)).changes).toMatchObject([{ kind: "job", id: own.job }]);
  expect((await ask("member of another service", stranger.position)).changes).toEqual([]);
});

test("a write goes on when Redis is gone", async () => {
  const api = await opener.open();
  const { own, callers } = await buildWorld(api);
  api.faults.add({ target: "redis", kind: "refuse" });
  expect((await api.call("POST", `/jobs/${own.job}/disable`, callers["write token"])).status).toBe(200);
});
