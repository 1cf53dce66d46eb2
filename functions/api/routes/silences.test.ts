// Silences through the real handler: what people may ask, what is refused and where, what they would hide, who sees and changes them.
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { type AlertsWorld, buildAlertsWorld, minute } from "../../../simulators/stack/test-alerts.ts";
import { type CallOptions, createApiOpener, start, type TestApi } from "../../../simulators/stack/test-api.ts";
import { errorsOf } from "../../../simulators/stack/test-jobs.ts";
import { missingId, traceOf } from "../../../simulators/stack/test-missing.ts";

const opener = createApiOpener();
afterAll(opener.closeAll);

let api: TestApi;
let world: AlertsWorld;
beforeEach(async () => {
  api = await opener.open();
  world = await buildAlertsWorld(api);
});

const hour = 3_600_000;
const at = (ms: number) => new Date(start + ms).toISOString();
const body = (over: Record<string, unknown> = {}) => ({
  matchers: [{ name: "address", op: "=", value: "192.0.2.1" }],
  duration: "2h",
  comment: "a test",
  ...over,
});
const make = (over: Record<string, unknown> = {}, options: CallOptions = {}) =>
  api.call("POST", "/services/auth/silences", { as: world.editor, body: body(over), ...options });
const change = (id: unknown, over: Record<string, unknown> = {}, version = "*") =>
  api.call("PUT", `/silences/${id}`, { as: world.editor, body: body(over), headers: { "if-match": version } });
const end = (id: unknown, as = world.editor) => api.call("POST", `/silences/${id}/end`, { as });
const preview = (matchers: unknown, as = world.viewer) =>
  api.call("POST", "/services/auth/silences/preview", { as, body: { matchers } });
const states = async (query = "", as = world.editor) =>
  (await api.call("GET", `/silences${query}`, { as })).body.items?.map(({ comment, state }) => `${comment} ${state}`);

test("a silence begins now and lasts as long as it says; its author, version and place are told", async () => {
  const made = await make();
  expect([made.status, made.headers.etag, made.headers.location]).toEqual([
    201,
    '"v1"',
    `/api/silences/${made.body.id}`,
  ]);
  expect(made.body).toEqual({
    id: made.body.id,
    serviceId: "auth",
    matchers: [{ name: "address", op: "=", value: "192.0.2.1" }],
    ...{ startsAt: at(0), endsAt: at(2 * hour), createdAt: at(0), updatedAt: at(0) },
    ...{ state: "active", endedEarly: false, comment: "a test", version: 1 },
    ...{ authorId: world.editor.user.id, authorName: "editor" },
  });
  const got = await api.call("GET", `/silences/${made.body.id}`, { as: world.viewer });
  expect([got.body, got.headers.etag]).toEqual([made.body, '"v1"']);
});

test("the same request sent twice makes one silence", async () => {
  const options = { headers: { "idempotency-key": "one" } };
  const [first, second] = [await make({}, options), await make({}, options)];
  expect(second.body).toEqual(first.body);
  expect(await states()).toHaveLength(1);
});

test("a start that is past is now; one in the future waits, and the duration counts from it", async () => {
  expect((await make({ startsAt: at(-hour) })).body).toMatchObject({ startsAt: at(0), endsAt: at(2 * hour) });
  const pending = await make({ startsAt: at(hour) });
  expect(pending.body).toMatchObject({ startsAt: at(hour), endsAt: at(3 * hour), state: "pending" });
});

test.each([
  ["neither an end nor a duration", { duration: undefined }, "body.endsAt", 422],
  ["an end and a duration", { endsAt: at(hour) }, "body.endsAt", 422],
  ["an end that is now", { duration: undefined, endsAt: at(0) }, "body.endsAt", 422],
  ["an end before its start", { duration: undefined, startsAt: at(2 * hour), endsAt: at(hour) }, "body.endsAt", 422],
  ["more than 31 days", { duration: undefined, endsAt: at(31 * 24 * hour + 1) }, "body.endsAt", 422],
  ["a duration of 32 days", { duration: "32d" }, "body.duration", 422],
  ["a start in two years", { startsAt: at(731 * 24 * hour) }, "body.startsAt", 422],
  ["a comment of blanks", { comment: "  " }, "body.comment", 422],
  ["no comment", { comment: undefined }, "body.comment", 400],
  ["an unknown operator", { matchers: [{ name: "a", op: "~", value: "" }] }, "body.matchers.0.op", 400],
  ["21 matchers", { matchers: Array(21).fill({ name: "a", op: "=", value: "" }) }, "body.matchers", 400],
  ["matchers too long for a row", { matchers: Array(20).fill(long()) }, "body.matchers", 422],
  ["an owner of one's choice", { authorId: "another" }, "body.authorId", 400],
])("%s is refused by its path", async (_, over, path, status) => {
  const refused = await make(over);
  expect([refused.status, errorsOf(refused.body).some((error) => error.startsWith(`${path}: `))]).toEqual([
    status,
    true,
  ]);
  expect(await states()).toEqual([]);
});

function long() {
  return { name: "a", op: "=", value: "é".repeat(1000) };
}

describe("patterns (hard case 21)", () => {
  test.each([
    ["192\\.0\\.2\\.(1", "This bracket is never closed. (at position 11)"],
    ["a**", "A repeat cannot be repeated. (at position 2)"],
    ["(?:a)", "Groups have no options here: nothing may begin with `(?`. (at position 1)"],
    ["a{1000000}", "Counted repeats are not known; for the sign itself write \\{. (at position 1)"],
    ["(a)\\1", "\\1 has no meaning here. (at position 3)"],
    [Array(60).fill("a").join("|"), "A pattern has at most 50 alternatives. (at position 99)"],
    ["a".repeat(201), "A pattern has at most 200 characters. (at position 200)"],
  ])("%s is refused with its place, when it is made, changed or tried", async (value, rule) => {
    const matchers = [
      { name: "job", op: "=", value: "x" },
      { name: "address", op: "=~", value },
    ];
    const { id } = (await make()).body;
    for (const refused of [await make({ matchers }), await change(id, { matchers }), await preview(matchers)])
      expect([refused.status, errorsOf(refused.body)]).toEqual([422, [`body.matchers.1.value: ${rule}`]]);
  });

  test("5,000 alternatives are refused", async () => {
    const value = Array(5000).fill("a").join("|");
    expect((await make({ matchers: [{ name: "address", op: "=~", value }] })).status).toBe(400);
  });

  test("(a+)+$ on a long row of a's is answered at once", async () => {
    await world.play(1, { [`${"a".repeat(150)}!`]: 20 });
    const begun = performance.now();
    const tried = await preview([{ name: "address", op: "=~", value: "(a+)+$" }]);
    expect(performance.now() - begun).toBeLessThan(2000);
    expect(tried.body).toMatchObject({ now: { alerts: 0 } });
    expect((await preview([{ name: "address", op: "=~", value: "(a+)+!$" }])).body).toMatchObject({
      now: { alerts: 1 },
    });
  });
});

test("the list is narrowed by service and state, newest first, and holds only what one sees", async () => {
  await make({ comment: "over", duration: "1s" });
  api.clock.now += 1000;
  await make({ comment: "later", startsAt: at(hour) });
  api.clock.now += 1000;
  await make({ comment: "on" });
  expect(await states()).toEqual(["on active", "later pending", "over expired"]);
  expect(await states("?state=active")).toEqual(["on active"]);
  expect(await states("?state=pending")).toEqual(["later pending"]);
  expect(await states("?state=expired")).toEqual(["over expired"]);
  expect(await states("?serviceId=auth", world.viewer)).toHaveLength(3);
  expect(await states("?serviceId=elsewhere")).toEqual([]);
  for (const who of [world.stranger, world.admin]) expect(await states("", who)).toEqual([]);
  const first = await api.call("GET", "/silences?limit=2", { as: world.editor });
  expect(first.body.items).toHaveLength(2);
  expect(await states(`?limit=2&cursor=${first.body.next}`)).toEqual(["over expired"]);
});

test("a change is under its version; who is late gets the newer state", async () => {
  const { id } = (await make()).body;
  const changed = await change(id, { comment: "longer", duration: "5h" }, '"v1"');
  expect([changed.status, changed.headers.etag]).toEqual([200, '"v2"']);
  expect(changed.body).toMatchObject({ comment: "longer", startsAt: at(0), endsAt: at(5 * hour), version: 2 });
  const late = await change(id, { comment: "mine" }, '"v1"');
  expect([late.status, late.headers.etag, late.body.current]).toEqual([412, '"v2"', changed.body]);
  expect((await api.call("PUT", `/silences/${id}`, { as: world.editor, body: body() })).status).toBe(428);
});

test("what has begun keeps its start, and a duration counts from now; what is over is not changed", async () => {
  const { id } = (await make()).body;
  api.clock.now += hour;
  const changed = await change(id, { startsAt: at(10 * hour) });
  expect(changed.body).toMatchObject({ startsAt: at(0), endsAt: at(3 * hour) });
  const tooLong = await change(id, { duration: undefined, endsAt: at(32 * 24 * hour) });
  expect(errorsOf(tooLong.body)).toEqual(["body.endsAt: must be at most 31 days after it starts"]);
  api.clock.now += 3 * hour;
  expect((await change(id)).status).toBe(409);
});

test("a silence is ended by hand once; what is over stays as it is, and only what changed is audited", async () => {
  const { id } = (await make({ startsAt: at(hour) })).body;
  api.clock.now += minute;
  const ended = await end(id);
  expect(ended.body).toMatchObject({ state: "expired", endedEarly: true, startsAt: at(minute), endsAt: at(minute) });
  api.clock.now += minute;
  expect((await end(id)).body).toEqual(ended.body);
  const { rows } = await api.db.execute("SELECT * FROM audit WHERE kind = 'silence' ORDER BY id");
  expect(rows.map(({ action }) => action)).toEqual(["silence.created", "silence.ended"]);
  expect(JSON.stringify(rows[1])).toContain(at(hour));
});

test("viewers see and try, editors make, change and end; to all others nothing is there", async () => {
  const { id } = (await make()).body;
  const told = async (as: typeof world.viewer) => [
    (await api.call("GET", `/silences/${id}`, { as })).status,
    (await preview([], as)).status,
    (await make({}, { as })).status,
    (await api.call("PUT", `/silences/${id}`, { as, body: body(), headers: { "if-match": "*" } })).status,
    (await end(id, as)).status,
  ];
  expect(await told(world.viewer)).toEqual([200, 200, 403, 403, 403]);
  expect(await told(world.stranger)).toEqual([404, 404, 404, 404, 404]);
  expect(await told(world.admin)).toEqual([404, 404, 404, 404, 404]);
  expect(await told(world.owner)).toEqual([200, 200, 201, 200, 200]);
});

test("another's silence is as one that is not there, after the same statements", async () => {
  const { id } = (await make()).body;
  await api.call("GET", "/silences", { as: world.stranger });
  const ask = (which: unknown) => traceOf(api, () => end(which, world.stranger));
  const [others, missing] = [await ask(id), await ask(missingId)];
  expect(missing.status).toBe(404);
  expect(others).toEqual(missing);
});

test("a service has at most a hundred silences that are not over", async () => {
  for (let index = 0; index < 100; index += 1) expect((await make({ duration: "1h" })).status).toBe(201);
  expect([(await make()).status, (await make()).body.type]).toEqual([409, "urn:logwatch:problem:too-many"]);
  api.clock.now += hour;
  expect((await make()).status).toBe(201);
}, 30_000);
