// A user's watch file: written and applied again it changes nothing; applied with changes it does what single changes would.
import { createHash } from "node:crypto";
import Database from "libsql";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createApiOpener, type Identity, type TestApi } from "../../../simulators/stack/test-api.ts";

const opener = createApiOpener();
let api: TestApi;
let alice: Identity;
let bob: Identity;

beforeAll(async () => {
  api = await opener.open({ LOGWATCH_REQUESTS_PER_USER: "1000000", LOGWATCH_SLACK_HOSTS: "hooks.slack.com" });
  await api.user("first");
});
let people = 0;
beforeEach(async () => {
  people += 1;
  [alice, bob] = [await api.user(`alice${people}`), await api.user(`bob${people}`)];
});
afterAll(opener.closeAll);

const make = async (path: string, body: object, as = alice): Promise<string> => {
  const made = await api.call("POST", path, { as, body });
  expect(made.status, made.text).toBe(201);
  return String(made.body.id);
};
const get = async (path: string, as = alice) => (await api.call("GET", path, { as })).body;
const exported = async (as = alice) => {
  const { status, text, headers } = await api.call("GET", "/watch", { as });
  expect(status, text).toBe(200);
  return { text, etag: headers.etag ?? "" };
};
const apply = (file: string, more: object = { dryRun: false }, as = alice, headers = {}) =>
  api.call("POST", "/watch", { as, body: { file, ...more }, headers });
type Told = { path: string; rule: string };
const rules = ({ body }: { body: Record<string, unknown> }): string[] => {
  const { errors = [] } = body as { errors?: Told[] };
  expect(errors.every(({ path }) => path === "body.file")).toBe(true);
  return errors.map(({ rule }) => rule);
};
const words = ({ body }: { body: Record<string, unknown> }): string[] => {
  const { differences = [] } = body as { differences?: { words: string }[] };
  return differences.map((one) => one.words);
};

const source = (name: string, token = "XXtokenXX") => ({
  name,
  kind: "graylog",
  params: { url: "https://graylog.example.com", token },
});
const slack = (name: string) => ({
  name,
  channel: "slack",
  address: { url: "https://hooks.slack.com/services/T1/B1/XXtokenXX" },
});
const threshold = { measurement: "failed_logins_by_address", limit: 10 };
const job = (name: string, serviceId: string, more: object = {}) => ({
  name,
  serviceId,
  analysis: "failed-logins",
  every: "10s",
  ...more,
});

/** Something of everything: secrets, names that look like variables, rules of all kinds, things of others that one may use. */
const buildAll = async () => {
  const [central, other] = [await make("/sources", source("Central")), await make("/sources", source("central"))];
  const auth = await make("/services", { name: "auth", sourceId: central, filter: "service:auth AND NOT level:7" });
  const dns = await make("/services", {
    name: `dns $${"{HOME}"} "x"`,
    sourceId: other,
    filter: "*",
    colour: "#AB00cd",
  });
  const bobs = await make("/services", { name: "auth", sourceId: await make("/sources", source("his"), bob) }, bob);
  await api.storage.members.put(bobs, alice.user.id, "editor", api.clock.now);
  const chat = await make("/destinations", slack("chat"));
  const mail = await make("/destinations", {
    name: "mail",
    channel: "email",
    address: { to: [`one${people}@example.com`, `two${people}@example.com`] },
    enabled: false,
    maxPerHour: 3,
  });
  const agreed = api.mailbox.messages().find(({ to }) => to === `one${people}@example.com`);
  const token = /#token=([\w-]{43})/.exec(agreed?.text ?? "")?.[1];
  const { headers } = alice;
  expect((await api.call("POST", "/destinations/confirm", { body: { token }, headers })).body.complete).toBe(false);
  const rule = (name: string, more: object) => ({ name, kind: "threshold", params: threshold, ...more });
  const first = await make(
    "/jobs",
    job("failed logins", auth, {
      window: "1m",
      delay: "45s",
      params: { userField: "win.user" },
      rules: [
        rule("brute force", {
          hold: "90s",
          clearAfter: "5m",
          repeat: "1h",
          repeatGrowth: 1.5,
          destinationIds: [chat, mail],
        }),
        rule("flaps", { flapping: { changes: 3, within: "30m" }, severity: "critical", tellResolved: false }),
        rule("quiet", {
          kind: "absence",
          params: { measurement: "failed_logins" },
          onFailure: "alert",
          onNoData: "ok",
        }),
        rule("off", {
          enabled: false,
          maxExamples: 1,
          maxTracked: 5,
          params: { ...threshold, where: { address: "192.0.2.7" } },
        }),
      ],
    }),
  );
  const shared = await make(
    "/jobs",
    job("on his service", bobs, { enabled: false, rules: [rule("told", { destinationIds: [chat] })] }),
  );
  await make("/jobs", job("plain", dns));
  return { central, other, auth, dns, bobs, chat, mail, first, shared };
};

/** All of the database. */
const hashOf = () => {
  const db = new Database(api.file);
  const hash = createHash("sha256");
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").all();
  for (const table of tables) {
    const { name } = Object(table);
    hash.update(JSON.stringify([name, db.prepare(`SELECT * FROM ${name} ORDER BY 1, 2`).raw().all()]));
  }
  db.close();
  return hash.digest("hex");
};

test("what is exported and applied again gives no difference, and the database stays as it is, byte by byte", async () => {
  await buildAll();
  const { text, etag } = await exported();
  expect(text).not.toContain("XXtoken");
  const before = hashOf();
  const shown = await apply(text, {});
  expect(shown.status, shown.text).toBe(200);
  expect(shown.body).toEqual({ differences: [], applied: false, asked: [] });
  const applied = await apply(text);
  expect(applied.body).toEqual({ differences: [], applied: true, asked: [] });
  expect(hashOf()).toBe(before);
  expect(await exported()).toEqual({ text, etag });
  const same = await api.call("GET", "/watch", { as: alice, headers: { "if-none-match": etag } });
  expect([same.status, same.text]).toEqual([304, ""]);
});

test("a dry run, which it is unless told otherwise, shows what applying would change and changes nothing", async () => {
  const ids = await buildAll();
  const { text } = await exported();
  const changed = text
    .replace("every: 10s", "every: 30s")
    .replace("hold: 90s", "hold: 2m")
    .replace("maxPerHour: 3", "maxPerHour: 4");
  const before = hashOf();
  const dry = await apply(changed, {});
  expect(hashOf()).toBe(before);
  const applied = await apply(changed);
  expect(applied.body.differences).toEqual(dry.body.differences);
  expect(words(applied)).toEqual([
    'destination "mail": maxPerHour 3 → 4',
    'job "failed logins": every "10s" → "30s"',
    'rule "brute force" of job "failed logins": hold "90s" → "2m"',
  ]);
  const now = await get(`/jobs/${ids.first}`);
  expect(now).toMatchObject({ every: "30s", version: 2, id: ids.first });
  expect(await get(`/jobs/${ids.shared}`)).toMatchObject({ version: 1 });
  expect(await get(`/destinations/${ids.mail}`)).toMatchObject({
    maxPerHour: 4,
    waitingFor: [`two${people}@example.com`],
    version: 3,
  });
  expect(words(await apply(changed))).toEqual([]);
});

test("new things are made as single requests would make them, and what is left out goes with what hangs on it", async () => {
  const ids = await buildAll();
  await api.storage.members.put(ids.auth, bob.user.id, "editor", api.clock.now);
  await api.storage.members.put(ids.dns, bob.user.id, "viewer", api.clock.now);
  const rulesBefore = (await get(`/jobs/${ids.first}`)).rules;
  const file = `${(await exported()).text.replace(/ {2}- name: dns[\s\S]*?(?=destinations:)/, "  - { name: web, source: Central }\n").replace(/ {2}- name: plain[\s\S]*?(?= {2}- name|$)/, "")}`;
  const applied = await apply(`${file}  - { name: pages, service: web, analysis: log-search, every: 1m }\n`);
  expect(applied.status, applied.text).toBe(200);
  expect(words(applied)).toEqual([
    expect.stringMatching(/^service "dns .* goes$/),
    'new service "web"',
    'new job "pages"',
    'job "plain" goes',
  ]);
  const services = (await get("/services")).items ?? [];
  const made = services.find(({ name }) => name === "web");
  expect(made).toMatchObject({ role: "owner", version: 1 });
  expect((await api.call("GET", `/services/${ids.dns}`, { as: bob })).status).toBe(404);
  const { rows } = await api.db.execute("SELECT COUNT(*) AS n FROM service_members WHERE service_id = :id", {
    id: ids.dns,
  });
  expect(rows).toEqual([{ n: 0 }]);
  // Who was invited stays, and rules keep what they are known by.
  expect(await api.storage.members.roleOf(ids.auth, bob.user.id)).toBe("editor");
  expect((await get(`/jobs/${ids.first}`)).rules).toEqual(rulesBefore);
});

test("a service that others watch does not go by being left out: refused, with the names of their jobs", async () => {
  const ids = await buildAll();
  await api.storage.members.put(ids.auth, bob.user.id, "editor", api.clock.now);
  await make("/jobs", job("bob looks", ids.auth), bob);
  const before = hashOf();
  for (const dryRun of [true, false]) {
    const refused = await apply("name: mine\nservices: []\n", { dryRun });
    expect(refused.status).toBe(422);
    expect(rules(refused)).toEqual(['service "auth" cannot go: others watch it with the jobs "bob looks"']);
  }
  expect(hashOf()).toBe(before);
});

test("secrets: one without its variable stays, one with it changes, and none is told anywhere", async () => {
  const ids = await buildAll();
  const { text } = await exported();
  const key = api.config.LOGWATCH_SECRETS_KEY;
  const changed = await apply(text, {
    dryRun: false,
    variables: { DESTINATION_CHAT_URL: "https://hooks.slack.com/services/T1/B1/XXnewXX" },
  });
  expect(words(changed)).toEqual(['destination "chat": another address.url']);
  const [chat] = await api.storage.configuration.destinations([ids.chat]);
  const { open } = await import("../../lib/secret.ts");
  expect(open(chat?.secret ?? "", key)).toContain("XXnewXX");
  const kept = await api.storage.configuration.source(ids.central);
  expect(open(kept?.secret ?? "", key)).toContain("XXtokenXX");
  const audit = JSON.stringify(await api.storage.audit.list({ limit: 50 }));
  expect(audit).toContain("watch.applied");
  for (const said of [audit, changed.text]) expect(said).not.toMatch(/XXnew|XXtoken/);
});

test("a stored secret does not follow its thing to another address", async () => {
  await buildAll();
  const text = (await exported()).text.replaceAll("https://graylog.example.com", "https://evil.example");
  expect(rules(await apply(text))).toEqual([
    expect.stringMatching(/^line \d+, column \d+: sources\.0\.params\.token: must be given again/),
    expect.stringMatching(/^line \d+, column \d+: sources\.1\.params\.token: must be given again/),
  ]);
  const given = await apply(text, { dryRun: true, variables: { SOURCE_CENTRAL_TOKEN: "a-new-one" } });
  expect(given.status, given.text).toBe(200);
});

test("whoever is new at an address by a file is asked first, as by a single change", async () => {
  const file = (to: string) =>
    `name: x\nservices: []\ndestinations:\n  - { name: mail, channel: email, address: { to: [${to}] } }\n  - { name: chat, channel: slack, address: { url: "https://hooks.slack.com/services/T/B/x" } }\n`;
  const made = await apply(file("first@example.com"));
  expect(made.body.asked).toMatchObject([{ name: "mail", asked: [{ address: "first@example.com", mailed: true }] }]);
  const items = (await get("/destinations")).items ?? [];
  expect(items.find(({ name }) => name === "mail")).toMatchObject({ confirmedAt: null });
  expect(items.find(({ name }) => name === "chat")?.confirmedAt).not.toBeNull();
  const again = await apply(file("first@example.com, second@example.com"));
  expect(again.body.asked).toMatchObject([{ name: "mail" }]);
  expect(words(await apply(file("first@example.com, second@example.com")))).toEqual([]);
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
  const before = hashOf();
  const refused = await apply(file);
  expect(refused.status, refused.text).toBe(422);
  expect(rules(refused)[0]).toMatch(expected);
  expect(hashOf()).toBe(before);
});

test("what is another's is not used by naming it, neither by name nor by id", async () => {
  const sourceId = await make("/sources", source("bobs-source"), bob);
  const serviceId = await make("/services", { name: "bobs-service", sourceId }, bob);
  const destinationId = await make("/destinations", slack("bobs-chat"), bob);
  await api.storage.members.put(serviceId, alice.user.id, "viewer", api.clock.now);
  for (const name of ["bobs-source", sourceId]) {
    const refused = await apply(`name: x\nservices:\n  - { name: a, source: ${name} }\n`);
    expect(rules(refused)).toEqual([expect.stringContaining("there is no source called")]);
  }
  for (const name of ["bobs-service", serviceId]) {
    const refused = await apply(
      `name: x\nservices: []\njobs:\n  - { name: j, service: ${name}, analysis: log-search, every: 1m }\n`,
    );
    expect(rules(refused)).toEqual([expect.stringContaining("there is no service called")]);
  }
  await api.storage.members.put(serviceId, alice.user.id, "editor", api.clock.now);
  for (const name of ["bobs-chat", destinationId]) {
    const rule = `{ name: r, kind: threshold, params: { measurement: matches, limit: 1 }, destinations: [${name}] }`;
    const refused = await apply(
      `name: x\nservices: []\njobs:\n  - { name: j, service: bobs-service, analysis: log-search, every: 1m, rules: [${rule}] }\n`,
    );
    expect(rules(refused)).toEqual([expect.stringContaining("there is no destination called")]);
  }
  expect((await exported(bob)).text).not.toContain("alice");
});

test("a destination of another that a rule of mine names stays where it is, and goes to no other job", async () => {
  const ids = await buildAll();
  const his = await make("/destinations", slack("bobs secret place"), bob);
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
  expect(text).not.toContain("bobs secret place");
  expect(words(await apply(text))).toEqual([]);
  const moved = text.replace(/destinations:\n {10}- chat\n {10}- mail/, `destinations:\n          - ${his}`);
  expect(moved).not.toBe(text);
  expect(rules(await apply(moved))).toEqual([
    expect.stringMatching(/jobs\.0\.rules\.\d\.destinations: there is no destination/),
  ]);
});

test("jobs on services that one may only look at by now are not in the file, and applying it leaves them alone", async () => {
  const ids = await buildAll();
  await api.storage.members.put(ids.bobs, alice.user.id, "viewer", api.clock.now);
  const { text } = await exported();
  expect(text).not.toContain("on his service");
  expect(words(await apply(text))).toEqual([]);
  expect((await api.storage.configuration.find("jobs", [ids.shared])).length).toBe(1);
  const taken = `${text}  - { name: On his Service, service: auth, analysis: log-search, every: 1m }\n`;
  expect(rules(await apply(taken))).toEqual([expect.stringMatching(/name: is taken by one of yours/)]);
});

test("with the ETag of an export, it is applied only if nothing changed since", async () => {
  const ids = await buildAll();
  const { text, etag } = await exported();
  await api.call("POST", `/jobs/${ids.first}/disable`, { as: alice });
  const late = await apply(text, { dryRun: false }, alice, { "if-match": etag });
  expect(late.status).toBe(412);
  expect(late.headers.etag).toBe((await exported()).etag);
  expect((await apply(text, { dryRun: false }, alice, { "if-match": late.headers.etag })).status).toBe(200);
  expect((await apply(text, {}, alice, { "if-match": "no tag" })).status).toBe(400);
});

test("hard case 38: of a file and a single change at the same moment, neither is lost", async () => {
  const ids = await buildAll();
  const { text } = await exported();
  const body = { ...slack("chat"), maxPerHour: 7, enabled: true };
  const [applied, put] = await Promise.all([
    apply(text.replace("every: 10s", "every: 20s")),
    api.call("PUT", `/destinations/${ids.chat}`, { as: alice, body, headers: { "if-match": '"v1"' } }),
  ]);
  const now = { job: await get(`/jobs/${ids.first}`), chat: await get(`/destinations/${ids.chat}`) };
  expect(put.status).toBe(200);
  expect(now.chat.maxPerHour).toBe(7);
  expect([applied.status, now.job.every]).toEqual(applied.status === 200 ? [200, "20s"] : [409, "10s"]);
});

test("hard case 20: what is not of the request is refused by its name, and sizes are bounded", async () => {
  const file = "name: x\nservices: []\n";
  const extra = await apply(file, { ownerId: "x", role: "admin" });
  expect(extra.status).toBe(400);
  expect((await apply(`# ${"x".repeat(262_144)}\n${file}`)).status).toBe(400);
  expect((await apply(file, { variables: { "a b": "x" } })).status).toBe(400);
});

test("an admin's file may use what the instance declares, and holds none of it", async () => {
  const root = await api.user(`root${people}`, "admin");
  const item = {
    id: "local",
    name: "local Graylog",
    kind: "graylog",
    params: { url: "https://graylog.example.com" },
    secret: "",
  };
  await api.storage.configuration.put("sources", "local", item, 0, api.clock.now);
  const file = "name: x\nservices:\n  - { name: mine, source: local Graylog }\n";
  expect((await apply(file, { dryRun: false }, root)).body).toMatchObject({ applied: true });
  const { text } = await exported(root);
  expect(text).toContain("source: local Graylog");
  expect(text).not.toContain("sources:");
  expect(words(await apply(text, {}, root))).toEqual([]);
  expect(rules(await apply(file))).toEqual([expect.stringContaining("there is no source called")]);
});
