// Log search through the real handler, over a real Graylog stand-in.
import { afterAll, beforeAll, expect, test } from "vitest";
import { start } from "../../../simulators/stack/test-api.ts";
import { createLogWorlds, graylogToken, type LogWorld } from "../../../simulators/stack/test-logs.ts";
import { missingId, traceOf } from "../../../simulators/stack/test-missing.ts";

const worlds = createLogWorlds();
let world: LogWorld;
let auth: string;
let dns: string;
beforeAll(async () => {
  world = await worlds.open();
  const lines = Array.from({ length: 7 }, (_, index) => ({
    service: "auth",
    // Three of one moment: pages must not lose or double them.
    at: start - 1000 * Math.max(1, index - 2),
    message: `line ${index}`,
    fields: { "user.name": `user-${index}`, number: index, __proto__: "a", constructor: "b", toString: "c" },
  }));
  await world.write(lines);
  await world.write([{ service: "auth", at: start - 3_600_000, message: "an hour ago" }]);
  await world.write([{ service: "dns", message: "of dns" }]);
  auth = await world.addService("auth", "service:auth");
  dns = await world.addService("dns", "service:dns");
}, 60_000);
afterAll(worlds.closeAll);

const search = (query: string, service = auth, as = world.owner) =>
  world.api.call("GET", `/services/${service}/logs?${query}`, { as });
const messages = (page: { body: { items?: Record<string, unknown>[] } }) => page.body.items?.map((one) => one.message);

test("the lines of the last 15 minutes come newest first, with their fields, and nobody else's", async () => {
  const page = await search("");
  expect(page.status).toBe(200);
  expect(messages(page)?.toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6].map((n) => `line ${n}`));
  const times = page.body.items?.map((one) => Date.parse(String(one.at))) ?? [];
  expect(times).toEqual(times.toSorted((a, b) => b - a));
  expect(page.body).toMatchObject({ from: "2026-11-22T11:45:00.000Z", to: "2026-11-22T12:00:00.000Z", next: null });
  expect(page.body.items?.find((one) => one.message === "line 4")).toEqual({
    at: "2026-11-22T11:59:58.000Z",
    service: "auth",
    host: "web-1",
    level: 6,
    message: "line 4",
    fields: { user_name: "user-4", number: 4, constructor: "b", toString: "c" },
    cut: false,
  });
});

test("pages hold every line once, also where many are of one moment, and nothing is counted", async () => {
  const found: unknown[] = [];
  let cursor = "";
  for (let pages = 0; pages < 10; pages += 1) {
    const before = world.asked.length;
    const page = await search(`limit=2${cursor}`);
    expect(page.status).toBe(200);
    found.push(...(messages(page) ?? []));
    const bodies = world.asked.slice(before).join();
    expect(bodies).toContain('"messages"');
    expect(bodies).not.toContain("count()");
    if (page.body.next === null) break;
    cursor = `&cursor=${page.body.next}`;
  }
  expect(found.toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6].map((n) => `line ${n}`));
});

test("a filter narrows, a window moves, and named fields are all that is shown", async () => {
  expect(messages(await search("filter=user.name:%22user-3%22"))).toEqual(["line 3"]);
  expect(messages(await search("from=2026-11-22T10:30:00.000Z&to=2026-11-22T11:30:00.000Z"))).toEqual(["an hour ago"]);
  const page = await search("filter=number:2&field=number&field=user.name");
  expect(page.body.items?.map((one) => one.fields)).toEqual([{ number: 2, "user.name": "user-2" }]);
});

test("a cursor is good for its user, service, window and filter alone, and no call is made with another", async () => {
  const first = await search("limit=2&filter=line");
  const { next } = first.body;
  expect(next).toEqual(expect.any(String));
  const stranger = await world.api.user("cursor-thief");
  await world.api.storage.members.put(auth, stranger.user.id, "viewer", start);
  const before = world.asked.length;
  const others = [
    await search(`limit=2&filter=line&cursor=${next}`, dns),
    await search(`limit=2&filter=lines&cursor=${next}`),
    await search(`limit=2&cursor=${next}`),
    await search(`limit=2&filter=line&from=2026-11-22T11:50:00.000Z&cursor=${next}`),
    await search(`limit=2&filter=line&cursor=${next}`, auth, stranger),
    await search(`limit=2&filter=line&cursor=${String(next).slice(0, -4)}AAAA`),
    await search("limit=2&filter=line&cursor=v1.a.b.c"),
  ];
  for (const { status, body } of others) {
    expect(status).toBe(422);
    expect(body.errors).toMatchObject([{ path: "query.cursor" }]);
  }
  expect(world.asked.length).toBe(before);
  expect((await search(`limit=2&filter=line&cursor=${next}`)).status).toBe(200);
});

test("a cursor from before the service's own filter changed is refused", async () => {
  const service = await world.addService("changing", "service:auth");
  const { next } = (await search("limit=2", service)).body;
  const body = { name: "changing", sourceId: world.sourceId, filter: "service:dns" };
  await world.api.call("PUT", `/services/${service}`, { as: world.owner, body, headers: { "if-match": '"v1"' } });
  expect((await search(`limit=2&cursor=${next}`, service)).status).toBe(422);
});

test("a further page keeps the window of the first, though the clock went on", async () => {
  const { next, to } = (await search("limit=2")).body;
  world.api.clock.now = start + 60_000;
  const page = await search(`limit=2&cursor=${next}`);
  world.api.clock.now = start;
  expect(page.body).toMatchObject({ to });
});

test.each([
  ["from=2026-11-22T12:00:00.000Z&to=2026-11-22T12:00:00.000Z", "query.from", 422],
  ["from=2026-10-01T12:00:00.000Z", "query.from", 422],
  ["from=2027-10-01T12:00:00.000Z", "query.from", 422],
  ["to=1960-01-01T00:00:00.000Z", "query.to", 422],
  ["from=yesterday", "query.from", 400],
  ["limit=0", "query.limit", 400],
  ["limit=201", "query.limit", 400],
  ["limit=-1", "query.limit", 400],
  ["limit=1e9", "query.limit", 400],
  ["field=a%20b", "query.field.0", 400],
  ["offset=10", "query.offset", 400],
  ["filter=a&filter=b", "query.filter", 400],
])("%s is refused at %s, and no call is made", async (query, path, status) => {
  const before = world.asked.length;
  const page = await search(query);
  expect(page.status).toBe(status);
  expect(page.body.errors).toMatchObject([{ path }]);
  expect(world.asked.length).toBe(before);
});

test("a page of the longest lines stays below what a Lambda may answer, and says what it cut", async () => {
  const long = '\u0001"\\é'.repeat(1000);
  const fields = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`field_${n}`, long.slice(0, 500)]));
  await world.write(Array.from({ length: 200 }, () => ({ service: "long", message: long, fields })));
  const service = await world.addService("long", "service:long");
  const page = await search("limit=200", service);
  expect(page.body.items).toHaveLength(200);
  expect(Buffer.byteLength(JSON.stringify({ body: page.text }))).toBeLessThan(6_000_000);
  expect(page.body.items?.every((one) => one.cut === true)).toBe(true);
  const one = await search("limit=1", service);
  expect(Buffer.byteLength(one.text)).toBeGreaterThan(30_000);
}, 60_000);

test("a source that fails is a 424 with its own reason, one that is too slow a 424, without host or secret", async () => {
  world.graylogFaults.add({ target: "graylog", kind: "error", status: 503, calls: 1 });
  const failed = await search("");
  expect(failed.status).toBe(424);
  expect(failed.body.detail).toMatch(/overloaded/);
  const body = { name: "logs", kind: "graylog", params: { url: world.url, token: "wrong-token-77", retries: 0 } };
  await world.api.call("PUT", `/sources/${world.sourceId}`, { as: world.owner, body, headers: { "if-match": "*" } });
  const refused = await search("");
  expect(refused.status).toBe(424);
  expect(refused.body.detail).toMatch(/^The source refused the sign-in \(401\)/);
  const right = { ...body, params: { ...body.params, token: graylogToken, timeoutMs: 200 } };
  await world.api.call("PUT", `/sources/${world.sourceId}`, {
    as: world.owner,
    body: right,
    headers: { "if-match": "*" },
  });
  world.graylogFaults.add({ target: "graylog", kind: "slow", delayMs: 2000, calls: 1 });
  const slow = await search("");
  expect(slow.status).toBe(424);
  for (const { text } of [failed, refused, slow]) {
    expect(text).not.toMatch(/127\.0\.0\.1|token-77|4711/);
  }
});

test("hostile text comes back as it was written, inert inside JSON (hard cases 9, 13)", async () => {
  const hostile = '<script>alert(1)</script> \u0000 \u202e {{constructor}} $\u007bthis.constructor} "],"next":"x';
  await world.write([{ service: "hostile", message: hostile, fields: { constructor: hostile } }]);
  const page = await search("", await world.addService("hostile", "service:hostile"));
  expect(page.headers).toMatchObject({
    "content-type": "application/json; charset=utf-8",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
  });
  expect(page.body.items).toMatchObject([{ message: hostile, fields: { constructor: hostile } }]);
  expect(page.body.next).toBeNull();
});

test("another's service is as one that is not there: same answer, same number of database calls", async () => {
  const stranger = await world.api.user("stranger");
  await world.api.call("GET", "/services", { as: stranger });
  const ask = (id: string) => traceOf(world.api, () => search("filter=x", id, stranger));
  const [others, missing] = [await ask(auth), await ask(missingId)];
  expect(missing.status).toBe(404);
  expect(others).toEqual(missing);
});
