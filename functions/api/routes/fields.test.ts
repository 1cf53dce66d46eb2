// Fields of sources and services, and the values of one, through the real handler over a real Graylog stand-in.
import { afterAll, beforeAll, expect, test } from "vitest";
import { start } from "../../../simulators/stack/test-api.ts";
import { createLogWorlds, type LogWorld } from "../../../simulators/stack/test-logs.ts";

const worlds = createLogWorlds();
let world: LogWorld;
let auth: string;
beforeAll(async () => {
  world = await worlds.open();
  await world.write([
    ...["root", "root", "root", "admin", "admin", "guest"].map((name) => ({
      service: "auth",
      fields: { "user.name": name, port: 22 },
    })),
    { service: "auth", fields: { port: 23 } },
    { service: "auth", at: start - 7_200_000, fields: { "user.name": "yesterday" } },
    { service: "dns", fields: { "user.name": "of-dns", question: "example.com" } },
    { service: "long", fields: { blob: "b".repeat(5000) } },
  ]);
  auth = await world.addService("auth", "service:auth");
}, 60_000);
afterAll(worlds.closeAll);

const get = (path: string, as = world.owner) => world.api.call("GET", path, { as });
const values = (query: string, service = auth) => get(`/services/${service}/fields/values?${query}`);

test("fields of a source and of a service come by name, with their kinds", async () => {
  for (const path of [`/sources/${world.sourceId}/fields`, `/services/${auth}/fields`]) {
    const fields = await get(path);
    expect(fields.status).toBe(200);
    expect(fields.body).toMatchObject({
      from: "2026-11-22T11:00:00.000Z",
      to: "2026-11-22T12:00:00.000Z",
      truncated: false,
    });
    expect(fields.body.items).toEqual(
      expect.arrayContaining([
        { name: "port", kind: "number" },
        { name: "timestamp", kind: "date" },
        { name: "user_name", kind: "text" },
      ]),
    );
    const names = fields.body.items?.map(({ name }) => String(name)) ?? [];
    expect(names).toEqual(names.toSorted());
  }
});

test("values come most frequent first, of the service's logs alone, and say who has none", async () => {
  const found = await values("field=user.name");
  expect(found.body).toMatchObject({
    field: "user.name",
    items: [
      { value: "root", count: 3 },
      { value: "admin", count: 2 },
      { value: "guest", count: 1 },
    ],
    absent: 1,
    truncated: false,
  });
  expect((await values("field=user.name&filter=port:23")).body).toMatchObject({ items: [], absent: 1 });
  const earlier = await values("field=user.name&from=2026-11-22T09:00:00Z&to=2026-11-22T11:00:00Z");
  expect(earlier.body.items).toEqual([{ value: "yesterday", count: 1 }]);
});

test("more values than asked for are told", async () => {
  const found = await values("field=user.name&limit=2");
  expect(found.body).toMatchObject({ truncated: true, items: [{ value: "root" }, { value: "admin" }] });
  expect((await values("field=user.name&limit=3")).body).toMatchObject({ truncated: false });
});

test("who has none is counted also where other values are more frequent", async () => {
  await world.write([
    ...["a", "a", "b", "b", "c", "c"].map((kind) => ({ service: "kinds", fields: { kind } })),
    { service: "kinds" },
  ]);
  const service = await world.addService("kinds", "service:kinds");
  expect((await values("field=kind&limit=1", service)).body).toMatchObject({ absent: 1, truncated: true });
});

test("a long value is cut", async () => {
  const service = await world.addService("long", "service:long");
  const [first] = (await values("field=blob", service)).body.items ?? [];
  expect(String(first?.value)).toMatch(/^b{900,}…$/);
  expect(String(first?.value)).toHaveLength(1000);
});

test("values of free text are refused in the source's words", async () => {
  const found = await values("field=message");
  expect(found.status).toBe(422);
  expect(found.body.errors).toMatchObject([{ path: "query.field", rule: expect.stringMatching(/free text/) }]);
});

test.each([
  ["", "query.field", 400],
  ["field=a b", "query.field", 400],
  ["field=count()", "query.field", 400],
  ["field=a&field=b", "query.field", 400],
  [`field=${"a".repeat(300)}`, "query.field", 400],
  ["field=a&limit=0", "query.limit", 400],
  ["field=a&limit=1000", "query.limit", 400],
  ["field=a&filter=x)", "query.filter", 422],
  ["field=a&from=2026-01-01T00:00:00Z", "query.from", 422],
])("%s is refused at %s, and no call is made", async (query, path, status) => {
  const before = world.asked.length;
  const found = await values(query);
  expect(found.status).toBe(status);
  expect(found.body.errors).toMatchObject([{ path }]);
  expect(world.asked.length).toBe(before);
});

test("fields called as prototypes' properties are fields (hard case 13)", async () => {
  for (const field of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    expect((await values(`field=${field}`)).body).toMatchObject({ items: [], absent: 7 });
  }
});

test("a source that fails is told without its host", async () => {
  for (const path of [`/services/${auth}/fields`, `/sources/${world.sourceId}/fields`]) {
    world.graylogFaults.add({ target: "graylog", kind: "error", status: 503, calls: 1 });
    const failed = await get(path);
    expect(failed.status).toBe(424);
    expect(failed.body).toMatchObject({ type: "urn:logwatch:problem:source-failed" });
    expect(failed.text).not.toContain("127.0.0.1");
  }
});
