// Watch files that are refused: whatever a single request may not do, a file may not do either, and it says where.
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createApiOpener, type TestApi } from "../../../simulators/stack/test-api.ts";
import {
  job,
  openWatch,
  rulesIn,
  slack,
  source,
  type WatchWorld,
  watchSettings,
  wordsIn,
} from "../../../simulators/stack/test-watch.ts";

const opener = createApiOpener();
let api: TestApi;
let world: WatchWorld;
beforeAll(async () => {
  api = await opener.open(watchSettings);
  // Of an empty instance the first account is an admin.
  await api.user("first");
});
beforeEach(async () => {
  world = await openWatch(api);
});
afterAll(opener.closeAll);

test("a service that others watch does not go by being left out: refused, with the names of their jobs", async () => {
  const { them, make, apply, buildAll, hashOf } = world;
  const ids = await buildAll();
  await api.storage.members.put(ids.auth, them.user.id, "editor", api.clock.now);
  await make("/jobs", job("second looks", ids.auth), them);
  const before = hashOf();
  for (const dryRun of [true, false]) {
    const refused = await apply("name: mine\nservices: []\n", { dryRun });
    expect(refused.status).toBe(422);
    expect(rulesIn(refused)).toEqual(['service "auth" cannot go: others watch it with the jobs "second looks"']);
  }
  expect(hashOf()).toBe(before);
});

test("a stored secret does not follow its thing to another address", async () => {
  const { exported, apply, buildAll } = world;
  await buildAll();
  const text = (await exported()).text.replaceAll("https://graylog.example.com", "https://evil.example");
  expect(rulesIn(await apply(text))).toEqual([
    expect.stringMatching(/^line \d+, column \d+: sources\.0\.params\.token: must be given again/),
    expect.stringMatching(/^line \d+, column \d+: sources\.1\.params\.token: must be given again/),
  ]);
  const given = await apply(text, { dryRun: true, variables: { SOURCE_CENTRAL_TOKEN: "a-new-one" } });
  expect(given.status, given.text).toBe(200);
});

test("a variable that the file does not have is refused with those it has: a slip does not pass for a secret", async () => {
  const { exported, apply, buildAll } = world;
  await buildAll();
  const { text } = await exported();
  const refused = await apply(text, { dryRun: true, variables: { SOURCE_CENTRAL_TOKN: "a-new-one" } });
  expect(refused.status).toBe(422);
  expect(refused.body.errors).toEqual([
    {
      path: "body.variables.SOURCE_CENTRAL_TOKN",
      rule: expect.stringMatching(/^the file has no such variable; it has: .*SOURCE_CENTRAL_TOKEN/),
    },
  ]);
});

const reader =
  "name: x\nsources:\n  - { name: s, kind: graylog, params: { url: 'https://graylog.example.com', token: abc } }\n";
test.each([
  ["no source", "name: x\nservices:\n  - { name: a }\n", /^line 3, column 5: services\.0: must say its source/],
  [
    "the instance's own source",
    "name: x\nservices:\n  - { name: a, source: local }\n",
    /services\.0\.source: there is no source/,
  ],
  ["an unknown key", "name: x\nservices: []\nownerId: y\n", /^line 3, column 1: ownerId: is not known here/],
  ["a line that is no YAML", "name: [", /^line 1, column \d+: /],
  ["nothing", "", /^line 1, column 1: /],
  [
    "a variable that has no value",
    `name: x\nservices: [{ name: "$${"{NAME}"}", source: s }]\n`,
    /the variable NAME is not set/,
  ],
  [
    "a variable of JavaScript's own",
    `name: x\nservices: [{ name: "$${"{constructor}"}", source: s }]\n`,
    /the variable constructor is not set/,
  ],
  ["a prototype", "__proto__: { name: x }\nservices: []\n", /__proto__: is not known here/],
  [
    "Slack at another host",
    "name: x\nservices: []\ndestinations:\n  - { name: d, channel: slack, address: { url: 'https://evil.example/services/T/B/x' } }\n",
    /^line 4, column \d+: destinations\.0\.address\.url: .*LOGWATCH_SLACK_HOSTS/,
  ],
  [
    "a filter that breaks out",
    `${reader}services:\n  - { name: a, source: s, filter: 'x) OR (streams:other' }\n`,
    /services\.0\.filter: /,
  ],
  [
    "too many rules",
    `${reader}services:\n  - { name: a, source: s }\njobs:\n  - name: j\n    service: a\n    analysis: log-search\n    every: 1m\n    rules: [${Array.from({ length: 51 }, (_, at) => `{ name: r${at}, kind: threshold, params: { measurement: matches, limit: 1 } }`).join(", ")}]\n`,
    /jobs\.0\.rules: must not be more than 50/,
  ],
  [
    "a rule on nothing",
    `${reader}services:\n  - { name: a, source: s }\njobs:\n  - { name: j, service: a, analysis: log-search, every: 1m, rules: [{ name: r, kind: threshold, params: { measurement: nothing, limit: 1 } }] }\n`,
    /measurement: is not measured by this job/,
  ],
  [
    "too much at once",
    `${reader}services:\n${Array.from({ length: 201 }, (_, at) => `  - { name: s${at}, source: s }`).join("\n")}\n`,
    /^changes 202 things at once; at most 200/,
  ],
])("a file with %s is refused, and says where", async (_what, file, expected) => {
  const { apply, hashOf } = world;
  const before = hashOf();
  const refused = await apply(file);
  expect(refused.status, refused.text).toBe(422);
  expect(rulesIn(refused)[0]).toMatch(expected);
  expect(hashOf()).toBe(before);
});

test("what is another's is not used by naming it, neither by name nor by id", async () => {
  const { me, them, make, exported, apply } = world;
  const sourceId = await make("/sources", source("theirs-source"), them);
  const serviceId = await make("/services", { name: "theirs-service", sourceId }, them);
  const destinationId = await make("/destinations", slack("theirs-chat"), them);
  await api.storage.members.put(serviceId, me.user.id, "viewer", api.clock.now);
  for (const name of ["theirs-source", sourceId]) {
    const refused = await apply(`name: x\nservices:\n  - { name: a, source: ${name} }\n`);
    expect(rulesIn(refused)).toEqual([expect.stringContaining("there is no source called")]);
  }
  for (const name of ["theirs-service", serviceId]) {
    const refused = await apply(
      `name: x\nservices: []\njobs:\n  - { name: j, service: ${name}, analysis: log-search, every: 1m }\n`,
    );
    expect(rulesIn(refused)).toEqual([expect.stringContaining("there is no service called")]);
  }
  await api.storage.members.put(serviceId, me.user.id, "editor", api.clock.now);
  for (const name of ["theirs-chat", destinationId]) {
    const rule = `{ name: r, kind: threshold, params: { measurement: matches, limit: 1 }, destinations: [${name}] }`;
    const refused = await apply(
      `name: x\nservices: []\njobs:\n  - { name: j, service: theirs-service, analysis: log-search, every: 1m, rules: [${rule}] }\n`,
    );
    expect(rulesIn(refused)).toEqual([expect.stringContaining("there is no destination called")]);
  }
  expect((await exported(them)).text).not.toContain("user001");
});

test("a destination of another that a rule of mine names stays where it is, and goes to no other job", async () => {
  const { them, make, get, exported, apply, buildAll } = world;
  const ids = await buildAll();
  const his = await make("/destinations", slack("theirs secret place"), them);
  const { rules: shown, ...mine } = await get(`/jobs/${ids.shared}`);
  const { stored } = {
    stored: (await api.storage.configuration.list("rules", { jobIds: [ids.shared], limit: 9 })).map(({ item }) => item),
  };
  const [found] = await api.storage.configuration.find("jobs", [ids.shared]);
  if (!found) throw new Error("No job.");
  const told = stored.map((rule) => ({ ...rule, destinationIds: [...rule.destinationIds, his] }));
  await api.storage.configuration.putJob(found.ownerId, found.item, told, found.version, api.clock.now);
  expect([mine.name, shown]).toEqual(["on his service", expect.anything()]);
  const { text } = await exported();
  expect(text).toContain(his);
  expect(text).not.toContain("theirs secret place");
  expect(wordsIn(await apply(text))).toEqual([]);
  const moved = text.replace(/destinations:\n {10}- chat\n {10}- mail/, `destinations:\n          - ${his}`);
  expect(moved).not.toBe(text);
  expect(rulesIn(await apply(moved))).toEqual([
    expect.stringMatching(/jobs\.0\.rules\.\d\.destinations: there is no destination/),
  ]);
});

test("hard case 20: what is not of the request is refused by its name, and sizes are bounded", async () => {
  const { apply } = world;
  const file = "name: x\nservices: []\n";
  const extra = await apply(file, { ownerId: "x", role: "admin" });
  expect(extra.status).toBe(400);
  expect((await apply(`# ${"x".repeat(262_144)}\n${file}`)).status).toBe(400);
  expect((await apply(file, { variables: { "a b": "x" } })).status).toBe(400);
});
