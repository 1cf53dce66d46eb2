// Hard case 14, on every route that takes a body: JSON that parsers disagree about, that is too deep, too large, or is none.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EveryRoute, openEveryRoute } from "../../../simulators/stack/hard-cases/every-route.ts";
import { routes } from "../routes/index.ts";

let every: EveryRoute;
beforeAll(async () => {
  every = await openEveryRoute();
}, 60_000);
afterAll(() => every.close());

const withBody = routes.filter((route) => route.body).map(({ id }) => id);
const callOf = (id: string) => every.callOf(id);

/** `json`: the route's own example; what is made of it, and the rule that refuses it. */
const oddities: [string, (json: string) => string, RegExp][] = [
  ["a key twice", () => '{"name":"a","name":"b"}', /twice/],
  ["a key twice, once escaped", () => '{"name":"a","n\\u0061me":"b"}', /twice/],
  ["a depth of 100,000", () => `{"x":${"[".repeat(100_000)}${"]".repeat(100_000)}}`, /deeper/],
  ["a depth of 100,000 without an end", () => '{"x":'.repeat(100_000), /deeper/],
  ["the number 1e400", () => '{"x":1e400}', /number/],
  ["the number -1e400", () => '{"x":-1e400}', /number/],
  ["half a character", () => '{"x":"\\ud800"}', /Unicode/],
  ["half a character in a key", () => '{"\\udfff":1}', /Unicode/],
  ["a key __proto__", () => '{"__proto__":{"role":"admin"}}', /__proto__/],
  ["an escaped key __proto__", () => '{"\\u005f_proto__":{"role":"admin"}}', /__proto__/],
  ["a byte order mark", (json) => `\ufeff${json}`, /JSON/],
  ["nothing", () => "", /JSON/],
  ["NaN", () => '{"x":NaN}', /JSON/],
  ["a comment", (json) => `/* */${json}`, /JSON/],
  ["a comma at the end", () => '{"x":1,}', /JSON/],
  ["single quotes", () => "{'x':1}", /JSON/],
  ["two values", (json) => `${json}${json}`, /JSON/],
  ["a text cut short", (json) => json.slice(0, -1), /JSON/],
  ["a control character in a text", () => '{"x":"\u0000"}', /JSON/],
  ["null", () => "null", /./],
  ["a list", () => "[]", /./],
  ["a text", () => '"{}"', /./],
  ["a number", () => "0", /./],
  ["an id beyond 2^53", () => '{"id":9007199254740993}', /is not known here|must be text/],
];

test("hard case 14: there are bodies to test", () => {
  expect(withBody.length).toBeGreaterThan(15);
});

test.each(withBody)("hard case 14: %s refuses odd JSON with its rule, and writes nothing", async (id) => {
  const call = callOf(id);
  for (const [what, make, rule] of oddities) {
    const before = every.writes();
    const { status, body, headers, text } = await every.send(call, { text: make(JSON.stringify(call.body)) });
    expect([what, status, headers["content-type"]]).toEqual([what, 400, "application/problem+json; charset=utf-8"]);
    expect(Array.isArray(body.errors) && body.errors.some((error) => rule.test(error.rule)), `${what}: ${text}`).toBe(
      true,
    );
    expect([what, every.writes()]).toEqual([what, before]);
  }
});

test.each(withBody)("hard case 14: %s takes JSON of a bounded size alone, and nothing else", async (id) => {
  const call = callOf(id);
  const before = every.writes();
  const text = JSON.stringify(call.body);
  const large = [`${" ".repeat(1_000_001)}${text}`, `{"x":"${"x".repeat(10_000_000)}"}`];
  for (const one of large) expect((await every.send(call, { text: one })).status).toBe(413);
  const types = [
    "",
    "text/plain",
    "text/plain;application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json; charset=utf-16",
    "application/json, text/plain",
    "application/problem+json",
    "application/jsonp",
  ];
  for (const type of types)
    expect([type, (await every.send(call, { text, headers: { "content-type": type } })).status]).toEqual([type, 415]);
  expect(every.writes()).toBe(before);
});

test("hard case 14: a route without a body refuses one", async () => {
  for (const call of every.calls.filter(({ route }) => !route.body)) {
    const before = every.writes();
    const { status, body } = await every.send(call, { text: '{"role":"admin"}' });
    expect([call.route.id, status, body.errors]).toEqual([
      call.route.id,
      400,
      [{ path: "body", rule: "must be absent" }],
    ]);
    expect(every.writes()).toBe(before);
  }
});

test("hard case 14: -0 is a number like 0, and comes back as it", async () => {
  const { owner } = every.world.callers;
  const params = { measurement: "failed_logins_by_address", op: "ge", limit: 7_777 };
  const rules = [{ name: "zero", kind: "threshold", params }];
  const given = {
    name: "of minus zero",
    serviceId: every.world.own.service,
    analysis: "failed-logins",
    every: "1m",
    rules,
  };
  const text = JSON.stringify(given).replace("7777", "-0");
  const made = await every.api.call("POST", "/jobs", { ...owner, text });
  expect(made.status).toBe(201);
  expect(made.text).toContain('"limit":0');
});

test("hard case 14: nothing of all this was a fault of ours", () => {
  expect(every.api.logged.filter(({ level }) => level === "error")).toEqual([]);
});
