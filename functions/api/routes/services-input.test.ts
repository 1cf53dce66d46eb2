// What a service may be called and hold: every refusal with its path, and names that only look dangerous.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createApiOpener } from "../../../simulators/stack/test-api.ts";
import { openServices, type ServicesWorld } from "../../../simulators/stack/test-services.ts";

const opener = createApiOpener();
let world: ServicesWorld;
beforeAll(async () => {
  world = await openServices(opener);
}, 60_000);
afterAll(opener.closeAll);

test.each([
  [{ role: "owner" }, "body.role", 400],
  [{ ownerId: "somebody" }, "body.ownerId", 400],
  [{ id: "mine" }, "body.id", 400],
  [{ version: 7 }, "body.version", 400],
  [{ createdAt: "2026-01-01T00:00:00Z" }, "body.createdAt", 400],
  [{ managedByFile: true }, "body.managedByFile", 400],
  [{ name: "a\u001b[31m\r\nBcc: x" }, "body.name", 400],
  [{ name: "\u202egnp" }, "body.name", 400],
  [{ colour: "red;}" }, "body.colour", 400],
  [{ sourceId: "../x" }, "body.sourceId", 400],
  [{ sourceId: 5 }, "body.sourceId", 400],
  [{ filter: "x) OR (y" }, "body.filter", 422],
  [{ filter: "/.*/" }, "body.filter", 422],
])("%j is refused at %s, in POST and in PUT", async (more, path, status) => {
  const { api, owner, sourceId, create, put } = world;
  const made = await create(`refused ${path} ${status} ${JSON.stringify(more).length}`, {});
  const body = { name: "refused", sourceId, ...more };
  for (const answered of [await api.call("POST", "/services", { as: owner, body }), await put(made.body.id, body)]) {
    expect(answered.status).toBe(status);
    expect(answered.body.errors).toContainEqual(expect.objectContaining({ path }));
  }
});

test("names of other languages' templates and prototypes are names (hard cases 12, 13)", async () => {
  const { create, get } = world;
  for (const name of ["{{constructor}}", "__proto__", "constructor", "toString", "%s%n", "<script>"]) {
    const made = await create(name);
    expect(made.status).toBe(201);
    expect((await get(made.body.id)).body.name).toBe(name);
  }
});
