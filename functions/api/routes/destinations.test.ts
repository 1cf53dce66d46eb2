// Destinations: secrets stay inside, and what rules name does not go silently.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createApiOpener } from "../../../simulators/stack/test-api.ts";
import { type DestinationWorld, openDestinations } from "../../../simulators/stack/test-destinations.ts";
import * as samples from "../../storage/suite-samples.ts";

const opener = createApiOpener();
let world: DestinationWorld;
beforeAll(async () => {
  world = await openDestinations(opener);
});
beforeEach(async () => {
  await fetch(`${world.api.mailbox.url}/messages.json`, { method: "DELETE" });
});
afterAll(opener.closeAll);

describe("a destination", () => {
  test("is made, read, changed and removed; its secret is in no answer and not in the audit log", async () => {
    const { api, user, slack, create, put, change } = world;
    const created = await create(slack());
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      address: {},
      secrets: ["url"],
      waitingFor: [],
      asked: [],
      version: 1,
      enabled: true,
    });
    expect(created.body.confirmedAt).not.toBeNull();
    const id = String(created.body.id);
    expect(created.headers).toMatchObject({ etag: '"v1"', location: `/api/destinations/${id}` });
    const kept = await put(id, change({ name: "renamed", channel: "slack", address: {}, maxPerHour: 5 }), '"v1"');
    expect(kept.body).toMatchObject({ name: "renamed", secrets: ["url"], maxPerHour: 5, version: 2 });
    const listed = await api.call("GET", "/destinations", { as: user });
    expect(listed.body.items?.some((one) => one.id === id)).toBe(true);
    const audit = await api.storage.audit.list({ limit: 100 });
    expect(
      audit
        .filter(({ objectId }) => objectId === id)
        .map(({ action }) => action)
        .sort(),
    ).toEqual(["destination.changed", "destination.created"]);
    for (const text of [created.text, kept.text, listed.text, JSON.stringify(audit)])
      expect(text).not.toContain("XXtoken");
    expect((await api.call("DELETE", `/destinations/${id}`, { as: user })).status).toBe(204);
    expect((await api.call("GET", `/destinations/${id}`, { as: user })).status).toBe(404);
  });

  test("of another is as one that is not there, after the same calls", async () => {
    const { api, user, other, slack, made, change } = world;
    const id = await made(slack(), other);
    for (const method of ["GET", "PUT", "DELETE"]) {
      const body = method === "PUT" ? change(slack()) : undefined;
      const ask = async (of: string) => {
        const before = api.calls.made;
        const { status, body: said } = await api.call(method, `/destinations/${of}`, {
          as: user,
          body,
          headers: { "if-match": "*" },
        });
        return { status, detail: said.detail, calls: api.calls.made - before };
      };
      expect(await ask(id)).toEqual(await ask("01K0000000000000000000NONE"));
    }
    const listed = await api.call("GET", "/destinations?limit=200", { as: user });
    expect(listed.text).not.toContain(id);
  });

  test("that was changed meanwhile is told as it is now, and one name is given once", async () => {
    const { other, slack, create, made, put, change } = world;
    const body = slack();
    const id = await made(body);
    await put(id, change({ ...body, maxPerHour: 7 }));
    const late = await put(id, change({ ...body, maxPerHour: 8 }), '"v1"');
    expect(late.status).toBe(412);
    expect(late.body.current).toMatchObject({ maxPerHour: 7, version: 2, asked: [] });
    expect((await create({ ...slack(), name: body.name })).status).toBe(409);
    expect((await create({ ...slack(), name: body.name }, other)).status).toBe(201);
  });

  test("is made once by one Idempotency-Key, and asks once", async () => {
    const { api, user, mail, create } = world;
    const body = mail("once@example.com");
    const first = await create(body, user, { "idempotency-key": "k-1" });
    const second = await create(body, user, { "idempotency-key": "k-1" });
    expect(second.body.id).toBe(first.body.id);
    expect(api.mailbox.messages()).toHaveLength(1);
  });

  test("does not go while rules name it, and says how many do", async () => {
    const { api, user, slack, made, read } = world;
    const id = await made(slack());
    const { source, service } = samples;
    const owner = user.user.id;
    await api.storage.configuration.put("sources", owner, { ...source, id: "s1" }, 0, 1);
    await api.storage.configuration.put("services", owner, { ...service, id: "v1", sourceId: "s1" }, 0, 1);
    const rules = ["r1", "r2"].map((rule) => samples.rule(rule, "j1", { name: rule, destinationIds: [id] }));
    await api.storage.configuration.putJob(owner, samples.job("j1", { serviceId: "v1", ownerId: owner }), rules, 0, 1);
    const refused = await api.call("DELETE", `/destinations/${id}`, { as: user });
    expect(refused.status).toBe(409);
    expect(refused.body.detail).toBe("2 rules of 1 job name this destination. Take it out of them first.");
    expect((await read(id)).id).toBe(id);
  });

  test("hard case 20: what is not a setting is refused by its name", async () => {
    const { mail, slack, create, made, put, change } = world;
    const extra = {
      id: "x",
      ownerId: "x",
      version: 9,
      createdAt: "2026-01-01T00:00:00Z",
      confirmedAt: "2026-01-01T00:00:00Z",
      agreed: [],
      role: "admin",
    };
    const created = await create({ ...mail("a@example.com"), ...extra });
    expect(created.status).toBe(400);
    expect(
      JSON.parse(created.text)
        .errors.map(({ path }: { path: string }) => path)
        .sort(),
    ).toEqual(
      Object.keys(extra)
        .map((field) => `body.${field}`)
        .sort(),
    );
    const id = await made(slack());
    const changed = await put(id, { ...change(slack()), ...extra });
    expect(changed.status).toBe(400);
  });

  test.each([
    ["a channel that there is not", { channel: "pager" }, "body.channel"],
    ["an address of another shape", { channel: "email", address: { to: "a@example.com" } }, "body.address.to"],
    [
      "an address with a header in it",
      { channel: "email", address: { to: ["a@example.com\r\nBcc: b@example.com"] } },
      "body.address.to.0",
    ],
    ["an unknown part", { channel: "email", address: { to: ["a@example.com"], cc: [] } }, "body.address.cc"],
    ["no address", { channel: "slack", address: {} }, "body.address.url"],
    ["a name with a line end", { name: "x\r\nBcc: y" }, "body.name"],
  ])("is refused with the path: %s", async (_what, wrong, path) => {
    const { slack, create } = world;
    const refused = await create({ ...slack(), ...wrong });
    expect([400, 422]).toContain(refused.status);
    expect(refused.body.errors).toMatchObject([{ path }]);
  });
});

test("what the instance's file declares is an admin's to see and test, and nobody's to change here", async () => {
  const { api, user, slack, read, put, change } = world;
  const admin = await api.user("root", "admin");
  const declared = samples.destination("demo.mail", {
    name: "demo",
    address: { to: ["ops@example.com"] },
    secret: "",
    confirmedAt: 0,
  });
  await api.storage.configuration.put("destinations", "watch", declared, 0, 1);
  const view = await read("demo.mail", admin);
  expect(view).toMatchObject({ managedByFile: true, waitingFor: [], confirmedAt: view.createdAt });
  expect((await put("demo.mail", change(slack()), "*", admin)).status).toBe(409);
  expect((await api.call("DELETE", "/destinations/demo.mail", { as: admin })).status).toBe(409);
  expect((await api.call("POST", "/destinations/demo.mail/test", { as: admin })).body).toMatchObject({ ok: true });
  expect((await api.call("GET", "/destinations/demo.mail", { as: user })).status).toBe(404);
});
