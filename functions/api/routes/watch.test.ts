// A user's watch file: written and applied again it changes nothing; applied with changes it does what single changes would.
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createApiOpener, type TestApi } from "../../../simulators/stack/test-api.ts";
import {
  openWatch,
  rulesIn,
  slack,
  type WatchWorld,
  watchSettings,
  wordsIn,
} from "../../../simulators/stack/test-watch.ts";
import { open } from "../../lib/secret.ts";

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

test("what is exported and applied again gives no difference, and the database stays as it is, byte by byte", async () => {
  const { me, exported, apply, buildAll, hashOf } = world;
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
  const same = await api.call("GET", "/watch", { as: me, headers: { "if-none-match": etag } });
  expect([same.status, same.text]).toEqual([304, ""]);
});

test("a dry run, which it is unless told otherwise, shows what applying would change and changes nothing", async () => {
  const { people, get, exported, apply, buildAll, hashOf } = world;
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
  expect(wordsIn(applied)).toEqual([
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
  expect(wordsIn(await apply(changed))).toEqual([]);
});

test("new things are made as single requests would make them, and what is left out goes with what hangs on it", async () => {
  const { them, get, exported, apply, buildAll } = world;
  const ids = await buildAll();
  await api.storage.members.put(ids.auth, them.user.id, "editor", api.clock.now);
  await api.storage.members.put(ids.dns, them.user.id, "viewer", api.clock.now);
  const rulesBefore = (await get(`/jobs/${ids.first}`)).rules;
  const file = `${(await exported()).text.replace(/ {2}- name: dns[\s\S]*?(?=destinations:)/, "  - { name: web, source: Central }\n").replace(/ {2}- name: plain[\s\S]*?(?= {2}- name|$)/, "")}`;
  const applied = await apply(`${file}  - { name: pages, service: web, analysis: log-search, every: 1m }\n`);
  expect(applied.status, applied.text).toBe(200);
  expect(wordsIn(applied)).toEqual([
    expect.stringMatching(/^service "dns .* goes$/),
    'new service "web"',
    'new job "pages"',
    'job "plain" goes',
  ]);
  const services = (await get("/services")).items ?? [];
  const made = services.find(({ name }) => name === "web");
  expect(made).toMatchObject({ role: "owner", version: 1 });
  expect((await api.call("GET", `/services/${ids.dns}`, { as: them })).status).toBe(404);
  const { rows } = await api.db.execute("SELECT COUNT(*) AS n FROM service_members WHERE service_id = :id", {
    id: ids.dns,
  });
  expect(rows).toEqual([{ n: 0 }]);
  // Who was invited stays, and rules keep what they are known by.
  expect(await api.storage.members.roleOf(ids.auth, them.user.id)).toBe("editor");
  expect((await get(`/jobs/${ids.first}`)).rules).toEqual(rulesBefore);
});

test("secrets: one without its variable stays, one with it changes, and none is told anywhere", async () => {
  const { exported, apply, buildAll } = world;
  const ids = await buildAll();
  const { text } = await exported();
  const key = api.config.LOGWATCH_SECRETS_KEY;
  const changed = await apply(text, {
    dryRun: false,
    variables: { DESTINATION_CHAT_URL: "https://hooks.slack.com/services/T1/B1/XXnewXX" },
  });
  expect(wordsIn(changed)).toEqual(['destination "chat": another address.url']);
  const [chat] = await api.storage.configuration.destinations([ids.chat]);
  expect(open(chat?.secret ?? "", key)).toContain("XXnewXX");
  const kept = await api.storage.configuration.source(ids.central);
  expect(open(kept?.secret ?? "", key)).toContain("XXtokenXX");
  const audit = JSON.stringify(await api.storage.audit.list({ limit: 50 }));
  expect(audit).toContain("watch.applied");
  for (const said of [audit, changed.text]) expect(said).not.toMatch(/XXnew|XXtoken/);
});

test("whoever is new at an address by a file is asked first, as by a single change", async () => {
  const { get, apply } = world;
  const file = (to: string) =>
    `name: x\nservices: []\ndestinations:\n  - { name: mail, channel: email, address: { to: [${to}] } }\n  - { name: chat, channel: slack, address: { url: "https://hooks.slack.com/services/T/B/x" } }\n`;
  const made = await apply(file("first@example.com"));
  expect(made.body.asked).toMatchObject([{ name: "mail", asked: [{ address: "first@example.com", mailed: true }] }]);
  const items = (await get("/destinations")).items ?? [];
  expect(items.find(({ name }) => name === "mail")).toMatchObject({ confirmedAt: null });
  expect(items.find(({ name }) => name === "chat")?.confirmedAt).not.toBeNull();
  const again = await apply(file("first@example.com, second@example.com"));
  expect(again.body.asked).toMatchObject([{ name: "mail" }]);
  expect(wordsIn(await apply(file("first@example.com, second@example.com")))).toEqual([]);
});

test("jobs on services that one may only look at by now are not in the file, and applying it leaves them alone", async () => {
  const { me, exported, apply, buildAll } = world;
  const ids = await buildAll();
  await api.storage.members.put(ids.theirs, me.user.id, "viewer", api.clock.now);
  const { text } = await exported();
  expect(text).not.toContain("on his service");
  expect(wordsIn(await apply(text))).toEqual([]);
  expect((await api.storage.configuration.find("jobs", [ids.shared])).length).toBe(1);
  const taken = `${text}  - { name: On his Service, service: auth, analysis: log-search, every: 1m }\n`;
  expect(rulesIn(await apply(taken))).toEqual([expect.stringMatching(/name: is taken by one of yours/)]);
});

test("with the ETag of an export, it is applied only if nothing changed since", async () => {
  const { me, exported, apply, buildAll } = world;
  const ids = await buildAll();
  const { text, etag } = await exported();
  await api.call("POST", `/jobs/${ids.first}/disable`, { as: me });
  const late = await apply(text, { dryRun: false }, me, { "if-match": etag });
  expect(late.status).toBe(412);
  expect(late.headers.etag).toBe((await exported()).etag);
  expect((await apply(text, { dryRun: false }, me, { "if-match": late.headers.etag })).status).toBe(200);
  expect((await apply(text, {}, me, { "if-match": "no tag" })).status).toBe(400);
});

test("hard case 38: of a file and a single change at the same moment, neither is lost", async () => {
  const { me, get, exported, apply, buildAll } = world;
  const ids = await buildAll();
  const { text } = await exported();
  const body = { ...slack("chat"), maxPerHour: 7, enabled: true };
  const [applied, put] = await Promise.all([
    apply(text.replace("every: 10s", "every: 20s")),
    api.call("PUT", `/destinations/${ids.chat}`, { as: me, body, headers: { "if-match": '"v1"' } }),
  ]);
  const now = { job: await get(`/jobs/${ids.first}`), chat: await get(`/destinations/${ids.chat}`) };
  expect(put.status).toBe(200);
  expect(now.chat.maxPerHour).toBe(7);
  expect([applied.status, now.job.every]).toEqual(applied.status === 200 ? [200, "20s"] : [409, "10s"]);
});

test("an admin's file may use what the instance declares, and holds none of it", async () => {
  const { people, exported, apply } = world;
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
  expect(wordsIn(await apply(text, {}, root))).toEqual([]);
  expect(rulesIn(await apply(file))).toEqual([expect.stringContaining("there is no source called")]);
});
