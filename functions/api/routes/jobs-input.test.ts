// What a job may not be: every refusal with its path and rule, nothing written, nothing crashed.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createApiOpener, type TestApi } from "../../../simulators/stack/test-api.ts";
import {
  buildJobsWorld,
  errorsOf,
  type JobsWorld,
  jobBody,
  makeJob,
  ruleBody,
} from "../../../simulators/stack/test-jobs.ts";

const opener = createApiOpener();
afterAll(opener.closeAll);

let api: TestApi;
let world: JobsWorld;
beforeAll(async () => {
  api = await opener.open({ LOGWATCH_REQUESTS_PER_USER: "1000000", LOGWATCH_REQUESTS_PER_ADDRESS: "1000000" });
  world = await buildJobsWorld(api);
});

const told = async (body: unknown) => {
  const answered = await api.call("POST", "/jobs", { as: world.owner, body });
  return { status: answered.status, errors: errorsOf(answered.body) };
};
const toldOfText = async (text: string) => {
  const answered = await api.call("POST", "/jobs", { as: world.owner, text });
  return { status: answered.status, errors: errorsOf(answered.body) };
};

const noDuration = "must be a duration such as 30s, 5m, 1h or 1d";

test.each([
  ["0s", 422, "must be between 1s and 1d"],
  ["-1s", 400, noDuration],
  ["0.5s", 422, "must be between 1s and 1d"],
  ["1500ms", 422, "must be whole seconds"],
  ["25h", 422, "must be between 1s and 1d"],
  ["NaN", 400, noDuration],
  ["NaNs", 400, noDuration],
  ["1e308s", 400, noDuration],
  ["5", 400, noDuration],
  ["", 400, noDuration],
  ["9007199254740992s", 400, noDuration],
  ["999999999999d", 422, "must be between 1s and 1d"],
  [0, 400, "must be text"],
  [-1, 400, "must be text"],
  [0.5, 400, "must be text"],
  [1e308, 400, "must be text"],
  [2 ** 53, 400, "must be text"],
  [null, 400, "must be text"],
] as const)("a period of %j is refused at its path", async (every, status, rule) => {
  const answered = await told(jobBody({ every }));
  expect(answered.status).toBe(status);
  expect(answered.errors.filter((error) => !error.startsWith("body.every: "))).toEqual([]);
  expect(answered.errors[0]).toContain(rule);
});

test.each([
  ["NaN", /JSON/],
  ["Infinity", /JSON/],
  ["1e400", /1\.8e308/],
  ["-1e400", /1\.8e308/],
])("a limit written as the number %s is refused with the body", async (number, rule) => {
  const text = JSON.stringify(jobBody({ name: "of a number" })).replace('"limit":10', `"limit":${number}`);
  expect(text).toContain(number);
  const { status, errors } = await toldOfText(text);
  expect(status).toBe(400);
  expect(errors[0]).toMatch(rule);
});

test.each(["", null, "10", "Infinity", true, [10], {}])("a limit of %j is refused at its path", async (limit) => {
  const params = { measurement: "failed_logins_by_address", limit };
  const { status, errors } = await told(jobBody({ rules: [ruleBody({ params })] }));
  expect(status).toBe(422);
  expect(errors).toEqual([expect.stringMatching(/^body\.rules\.0\.params\.limit: /)]);
});

test.each([
  ["shorter than the period", { every: "10s", window: "9s" }, /window: must not be shorter than `every`/],
  ["of parts of seconds", { every: "1s", window: "1500ms" }, /window: must be whole seconds/],
  ["above a week", { every: "1s", window: "8d" }, /window: must be between 1s and 7d/],
])("a window %s is refused", async (_what, timing, rule) => {
  const { status, errors } = await told(jobBody(timing));
  expect(status).toBe(422);
  expect(errors[0]).toMatch(rule);
});

test("a window far above the period, a week every second, is as the contract has it", async () => {
  const { view } = await makeJob(api, world.owner, { name: "wide", every: "1s", window: "7d" });
  expect(view).toMatchObject({ every: "1s", window: "7d" });
});

test.each([
  [
    "an unknown analysis",
    { analysis: "nothing" },
    /^body\.analysis: there is no analysis "nothing"; known: dns-failures, /,
  ],
  [
    "an analysis called as a method is",
    { analysis: "constructor" },
    /^body\.analysis: there is no analysis "constructor"/,
  ],
  ["a parameter that no analysis has", { params: { window: "1h" } }, /^body\.params\.window: is not known here/],
  [
    "an unknown rule kind",
    { rules: [ruleBody({ kind: "toString" })] },
    /^body\.rules\.0\.kind: there is no rule kind "toString"; known: absence, threshold$/,
  ],
  [
    "a parameter that the rule kind has not",
    { rules: [ruleBody({ params: { measurement: "failed_logins_by_address", limit: 1, limits: 2 } })] },
    "body.rules.0.params.limits: is not known here; is `limit` meant?",
  ],
  [
    "a rule on what is never measured, with what is",
    { rules: [ruleBody({ params: { measurement: "__proto__", limit: 1 } })] },
    /^body\.rules\.0\.params\.measurement: is not measured by this job; it measures: failed_logins/,
  ],
  [
    "a label that the measurement has not",
    {
      rules: [ruleBody({ params: { measurement: "failed_logins_by_address", limit: 1, where: { constructor: "x" } } })],
    },
    /^body\.rules\.0\.params\.where\.constructor: is no label of failed_logins_by_address/,
  ],
  [
    "two rules of one name",
    { rules: [ruleBody(), ruleBody({ name: "Brute-Force" })] },
    'body.rules.1.name: is taken: "brute force" is already called so',
  ],
  [
    "a destination that is not there",
    { rules: [ruleBody({ destinationIds: ["mail-owner", "nowhere"] })] },
    "body.rules.0.destinationIds.1: there is no such destination, or it is not yours",
  ],
  [
    "somebody else's destination, told alike",
    { rules: [ruleBody({ destinationIds: ["mail-editor"] })] },
    "body.rules.0.destinationIds.0: there is no such destination, or it is not yours",
  ],
])("%s is refused at its path", async (_what, over, rule) => {
  const { status, errors } = await told(jobBody(over));
  expect(status).toBe(422);
  expect(errors).toEqual([rule instanceof RegExp ? expect.stringMatching(rule) : rule]);
});

test.each([
  ["51 rules", { rules: Array.from({ length: 51 }, (_, index) => ruleBody({ name: `rule ${index}` })) }, "body.rules"],
  [
    "51 destinations",
    { rules: [ruleBody({ destinationIds: Array.from({ length: 51 }, (_, index) => `to-${index}`) })] },
    "body.rules.0.destinationIds",
  ],
  ["a name of 81 letters", { name: "x".repeat(81) }, "body.name"],
  ["a name with a line end", { name: "x\r\nBcc: y@example.com" }, "body.name"],
  ["parameters that fill no row", { params: { filter: "x".repeat(20_001) } }, "body.params"],
  ["parameters of many bytes in few letters", { params: { filter: "€".repeat(7_000) } }, "body.params"],
  ["a limit of rules that is none", { rules: [ruleBody({ maxTracked: 1001 })] }, "body.rules.0.maxTracked"],
  ["a hold of more than a week", { rules: [ruleBody({ hold: "8d" })] }, "body.rules.0.hold"],
  ["a delay of more than an hour", { delay: "61m" }, "body.delay"],
])("%s: too much is refused", async (_what, over, path) => {
  const { status, errors } = await told(jobBody(over));
  expect([400, 422]).toContain(status);
  expect(errors).toHaveLength(1);
  expect(errors[0]?.startsWith(`${path}: `)).toBe(true);
});

test("fifty rules with fifty destinations and long parameters fit, and come back whole", async () => {
  const { configuration } = api.storage;
  const destinations = Array.from({ length: 50 }, (_, index) => `${"d".repeat(240)}-${index}`);
  for (const id of destinations) {
    const [like] = await configuration.destinations(["mail-owner"]);
    if (like) await configuration.put("destinations", world.owner.user.id, { ...like, id }, 0, api.clock.now);
  }
  const where = { address: "x".repeat(200) };
  const rules = Array.from({ length: 50 }, (_, index) =>
    ruleBody({
      name: `${"n".repeat(70)} ${index}`,
      params: { measurement: "failed_logins_by_address", limit: 1, where },
      destinationIds: destinations,
    }),
  );
  const { view } = await makeJob(api, world.owner, { name: "large", rules });
  expect(view.rules).toMatchObject(rules);
});

const hostile = ["{{constructor}}", "$" + "{process.env}", "%s%n", "__proto__", "constructor", "toString", "<script>"];

test.each(hostile)("a job and a rule called %s are texts like any other", async (name) => {
  const rules = [
    ruleBody({ name, params: { measurement: "failed_logins_by_address", limit: 1, where: { address: name } } }),
  ];
  const { id } = await makeJob(api, world.owner, { name, rules });
  const { body } = await api.call("GET", `/jobs/${id}`, { as: world.owner });
  expect(body).toMatchObject({ name, rules: [{ name, params: { where: { address: name } } }] });
  const found = await api.call("GET", `/jobs?text=${encodeURIComponent(name)}`, { as: world.owner });
  expect(found.body.items).toMatchObject([{ name }]);
  // What differs in signs alone is one name: the next may be such.
  await api.call("DELETE", `/jobs/${id}`, { as: world.owner });
});

test("a key __proto__ anywhere is refused", async () => {
  const text = JSON.stringify(jobBody({ params: { filter: "x" } })).replace('"filter"', '"__proto__"');
  expect((await toldOfText(text)).status).toBe(400);
});

test("a pattern that would take for ever is no part of a rule: its matches are equal texts", async () => {
  const where = { address: "(a+)+$" };
  const rules = [ruleBody({ params: { measurement: "failed_logins_by_address", limit: 1, where } })];
  const { view } = await makeJob(api, world.owner, { name: "pattern", rules });
  expect(view).toMatchObject({ rules: [{ params: { where } }] });
  const of = (pattern: string) => ruleBody({ params: { measurement: "failed_logins_by_address", limit: 1, pattern } });
  const { errors } = await told(jobBody({ name: "pattern 2", rules: [of("(a+)+$")] }));
  expect(errors).toEqual([expect.stringMatching(/^body\.rules\.0\.params\.pattern: is not known here/)]);
});

test("nothing of all this was a fault of ours", () => {
  expect(api.logged).toEqual([]);
});
