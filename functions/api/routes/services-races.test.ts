// Services that are changed by two at once, or asked for twice.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createApiOpener, start } from "../../../simulators/stack/test-api.ts";
import { openServices, type ServicesWorld } from "../../../simulators/stack/test-services.ts";

const opener = createApiOpener();
let world: ServicesWorld;
beforeAll(async () => {
  world = await openServices(opener);
}, 60_000);
afterAll(opener.closeAll);

test("two editors at once: one is done, the other gets 412 with the newer state", async () => {
  const { sourceId, create, put } = world;
  const made = await create("contested");
  const bodies = ["left", "right"].map((filter) => ({ name: "contested", sourceId, filter }));
  const answers = await Promise.all(bodies.map((body) => put(made.body.id, body, '"v1"')));
  const [won, lost] = answers.toSorted((a, b) => a.status - b.status);
  expect([won?.status, lost?.status]).toEqual([200, 412]);
  expect(lost?.body.current).toMatchObject({ filter: won?.body.filter, version: 2 });
});

test("an owner who may not widen what is read does not by naming a version that the source's owner is about to write", async () => {
  const { api, sourceId, create, put, get } = world;
  const made = await create("narrowed", { filter: "*" });
  const other = await api.user("co-owner");
  await api.storage.members.put(String(made.body.id), other.user.id, "owner", start);
  const { services } = api.storage;
  const write = services.put;
  let waits = true;
  // The source's owner is faster, at the very last moment.
  services.put = async (...given) => {
    if (waits) {
      waits = false;
      await put(made.body.id, { name: "narrowed", sourceId, filter: "service:web" }, '"v1"');
    }
    return write(...given);
  };
  const widened = await put(made.body.id, { name: "wide", sourceId, filter: "*" }, '"v2"', other);
  services.put = write;
  expect(widened).toMatchObject({ status: 412, body: { current: { version: 1 } } });
  if (waits) await put(made.body.id, { name: "narrowed", sourceId, filter: "service:web" }, '"v1"');
  expect((await get(made.body.id)).body).toMatchObject({ filter: "service:web", version: 2 });
});

test("one owner has no two services of one name, also when both are made at once", async () => {
  const { stranger, sourceId, addSource, create, put, get } = world;
  const both = await Promise.all([create("same"), create("same")]);
  expect(both.map(({ status }) => status).toSorted()).toEqual([201, 409]);
  const other = await create("other name");
  expect((await put(other.body.id, { name: "same", sourceId })).status).toBe(409);
  expect((await get(other.body.id)).body).toMatchObject({ name: "other name", version: 1 });
  const theirs = await addSource("theirs", stranger);
  expect((await create("same", { sourceId: theirs }, stranger)).status).toBe(201);
});

test("the same request sent twice with one key makes one service", async () => {
  const { api, owner, sourceId } = world;
  const options = { as: owner, body: { name: "once", sourceId }, headers: { "idempotency-key": "once-1" } };
  const [first, second] = [await api.call("POST", "/services", options), await api.call("POST", "/services", options)];
  expect([first.status, second.status]).toEqual([201, 201]);
  expect(second.body).toEqual(first.body);
});
