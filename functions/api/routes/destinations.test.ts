// Destinations: secrets stay inside, nothing but the question goes to who has not agreed, and what rules name does not go silently.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createApiOpener, type Identity, type TestApi } from "../../../simulators/stack/test-api.ts";
import * as channels from "../../channels/index.ts";
import { deliverHandler } from "../../deliver/handler.ts";
import { encodeEvent } from "../../lib/emit.ts";
import * as samples from "../../storage/suite-samples.ts";

const opener = createApiOpener();
let api: TestApi;
let user: Identity;
let other: Identity;
let names = 0;

beforeAll(async () => {
  api = await opener.open();
  user = await api.user("alice");
  other = await api.user("bob");
});
beforeEach(async () => {
  await fetch(`${api.mailbox.url}/messages.json`, { method: "DELETE" });
});
afterAll(opener.closeAll);

const nextName = () => {
  names += 1;
  return `place ${names}`;
};
const mail = (...to: string[]) => ({ name: nextName(), channel: "email", address: { to } });
const slackUrl = () => api.mailbox.slackUrl("T1/B1/XXtokenXX");
const slack = (url = slackUrl()) => ({ name: nextName(), channel: "slack", address: { url } });
const create = (body: object, as = user, headers = {}) => api.call("POST", "/destinations", { as, body, headers });
const made = async (body: object, as = user) => {
  const created = await create(body, as);
  expect(created.status, created.text).toBe(201);
  return String(created.body.id);
};
const read = async (id: string, as = user) => (await api.call("GET", `/destinations/${id}`, { as })).body;
const put = (id: string, body: object, ifMatch = "*", as = user) =>
  api.call("PUT", `/destinations/${id}`, { as, body, headers: { "if-match": ifMatch } });
const change = (body: object) => ({ maxPerHour: 120, enabled: true, ...body });
/** The newest link that was mailed to an address. */
const tokenFor = (address: string) => {
  const sent = api.mailbox.messages().find(({ to }) => to === address);
  return /#token=([\w-]{43})/.exec(sent?.text ?? "")?.[1] ?? "none";
};
const confirm = (token: string) =>
  api.call("POST", "/destinations/confirm", {
    body: { token },
    headers: { origin: "https://logwatch.example.com", "x-logwatch-csrf": "1" },
  });

describe("a destination", () => {
  test("is made, read, changed and removed; its secret is in no answer and not in the audit log", async () => {
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
    const body = mail("once@example.com");
    const first = await create(body, user, { "idempotency-key": "k-1" });
    const second = await create(body, user, { "idempotency-key": "k-1" });
    expect(second.body.id).toBe(first.body.id);
    expect(api.mailbox.messages()).toHaveLength(1);
  });

  test("does not go while rules name it, and says how many do", async () => {
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
    const refused = await create({ ...slack(), ...wrong });
    expect([400, 422]).toContain(refused.status);
    expect(refused.body.errors).toMatchObject([{ path }]);
  });
});

describe("hard cases 4, 5 and 8: Slack's host alone, over https", () => {
  const path = "/services/T1/B1/XXtokenXX";
  const hosts = [
    ...[
      "169.254.169.254",
      "169.254.170.2",
      "127.1",
      "2852039166",
      "0xa9fea9fe",
      "１６９.254.169.254",
      "169.254.169.254.",
    ],
    ...["[::169.254.169.254]", "[::ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::]", "[fd00:ec2::254]"],
    ...["100.100.100.200", "192.0.0.192", "localhost", "10.0.0.1", "[::1]"],
    ...["hooks.slack.com@evil.example", "hooks.slack.com.evil.example", "hooks.slаck.com", "evil-hooks.slack.com"],
    ...[
      "user:pass@hooks.slack.com",
      "hooks.slack.com:8443",
      "hooks.slack.com%2eevil.example",
      "hooks.slack.com\\@evil.example",
    ],
  ];
  const urls = [
    ...hosts.map((host) => `https://${host}${path}`),
    ...[
      `http://hooks.slack.com${path}`,
      `file://${path}`,
      `gopher://hooks.slack.com${path}`,
      `//hooks.slack.com${path}`,
    ],
    ...[
      `https://hooks.slack.com${path}\r\nHost: evil.example`,
      `https://hooks.slack.com/\t${path}`,
      ` https://hooks.slack.com${path}`,
    ],
    ...[
      `https://hooks.slack.com${path}?x=1`,
      `https://hooks.slack.com${path}#x`,
      "https://hooks.slack.com/api/chat.postMessage",
    ],
  ];
  test.each(urls)("%j is refused with its path, nothing is stored, and its token is not repeated", async (url) => {
    const strict = await strictApi();
    const { rows: before } = await strict.api.db.execute("SELECT COUNT(*) AS n FROM destinations");
    const refused = await strict.api.call("POST", "/destinations", { as: strict.user, body: slack(url) });
    expect(refused.status, refused.text).toBe(422);
    expect(refused.body.errors).toMatchObject([{ path: "body.address.url" }]);
    expect(refused.text).not.toContain("XXtoken");
    const { rows: after } = await strict.api.db.execute("SELECT COUNT(*) AS n FROM destinations");
    expect(after).toEqual(before);
  });

  test("Slack's own is taken, and changing it to another host is refused", async () => {
    const strict = await strictApi();
    const body = slack(`https://hooks.slack.com${path}`);
    const created = await strict.api.call("POST", "/destinations", { as: strict.user, body });
    expect(created.status, created.text).toBe(201);
    const changed = await strict.api.call("PUT", `/destinations/${created.body.id}`, {
      as: strict.user,
      body: change(slack(`https://evil.example${path}`)),
      headers: { "if-match": "*" },
    });
    expect(changed.body.errors).toMatchObject([{ path: "body.address.url" }]);
  });

  let strictOnes: Promise<{ api: TestApi; user: Identity }> | undefined;
  /** With Slack's own host in the list, as in production. */
  const strictApi = () => {
    strictOnes ??= opener
      .open({ LOGWATCH_SLACK_HOSTS: "hooks.slack.com" })
      .then(async (opened) => ({ api: opened, user: await opened.user("strict") }));
    return strictOnes;
  };
});

describe("an e-mail address", () => {
  test("gets nothing but the question until its reader agrees, by a link that works once", async () => {
    const created = await create(mail("ops@example.com"));
    expect(created.body).toMatchObject({
      confirmedAt: null,
      waitingFor: ["ops@example.com"],
      asked: [{ mailed: true }],
    });
    const id = String(created.body.id);
    expect(api.mailbox.messages().map(({ to }) => to)).toEqual(["ops@example.com"]);
    expect((await api.call("POST", `/destinations/${id}/test`, { as: user })).status).toBe(409);
    expect(await deliverTo(id)).toMatchObject({ state: "failed", reason: expect.stringMatching(/^unconfirmed/) });
    expect(api.mailbox.messages()).toHaveLength(1);
    const token = tokenFor("ops@example.com");
    expect(created.text).not.toContain(token);
    const agreed = await confirm(token);
    expect(agreed.body).toEqual({ name: created.body.name, address: "ops@example.com", complete: true });
    expect((await confirm(token)).status).toBe(422);
    expect(await read(id)).toMatchObject({ waitingFor: [], version: 2 });
    expect(await deliverTo(id)).toMatchObject({ state: "sent" });
    expect(api.mailbox.messages()).toHaveLength(2);
  });

  test("of several: each agrees for itself, and nothing is sent before all have", async () => {
    const id = await made(mail("one@example.com", "two@example.com"));
    const [one, two] = [tokenFor("one@example.com"), tokenFor("two@example.com")];
    expect((await confirm(one)).body).toMatchObject({ complete: false });
    expect(await read(id)).toMatchObject({ confirmedAt: null, waitingFor: ["two@example.com"] });
    expect(await deliverTo(id)).toMatchObject({ state: "failed" });
    expect((await confirm(two)).body).toMatchObject({ complete: true });
    expect(await deliverTo(id)).toMatchObject({ state: "sent" });
  });

  test("that is new at a destination is asked, and the others need not agree again", async () => {
    const body = mail("old@example.com");
    const id = await made(body);
    await confirm(tokenFor("old@example.com"));
    const changed = await put(id, change({ ...body, address: { to: ["old@example.com", "new@example.com"] } }));
    expect(changed.body).toMatchObject({
      confirmedAt: null,
      waitingFor: ["new@example.com"],
      asked: [{ address: "new@example.com" }],
    });
    expect(await deliverTo(id)).toMatchObject({ state: "failed" });
    const back = await put(id, change(body));
    expect(back.body).toMatchObject({ waitingFor: [], asked: [] });
    expect(back.body.confirmedAt).not.toBeNull();
    // The link of who is not named any more agrees to nothing.
    expect((await confirm(tokenFor("new@example.com"))).status).toBe(422);
  });

  test("that two confirm at the same moment is agreed to by both", async () => {
    const to = ["a1@example.com", "a2@example.com", "a3@example.com"];
    const id = await made(mail(...to));
    const answers = await Promise.all(to.map((one) => confirm(tokenFor(one))));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await read(id)).toMatchObject({ waitingFor: [] });
  });

  test("a link of yesterday, one that was replaced, or one of a removed destination agrees to nothing", async () => {
    const id = await made(mail("late@example.com"));
    const first = tokenFor("late@example.com");
    const asked = await api.call("POST", `/destinations/${id}/request-confirmation`, { as: user });
    expect(asked.body).toEqual({ asked: [{ address: "late@example.com", mailed: true, reason: null }] });
    expect((await confirm(first)).status).toBe(422);
    const second = tokenFor("late@example.com");
    expect(second).not.toBe(first);
    api.clock.now += 86_400_000;
    expect((await confirm(second)).status).toBe(422);
    api.clock.now -= 86_400_000;
    await api.call("DELETE", `/destinations/${id}`, { as: user });
    expect((await confirm(second)).status).toBe(422);
  });

  test("a stranger's mailbox is not flooded: five questions a day, whoever asks; who is asked needs no second question", async () => {
    const id = await made(mail("victim@example.com"));
    for (let asked = 1; asked < 5; asked += 1)
      await api.call("POST", `/destinations/${id}/request-confirmation`, { as: user });
    expect((await api.call("POST", `/destinations/${id}/request-confirmation`, { as: user })).status).toBe(429);
    const another = await create(mail("victim@example.com"), other);
    expect(another.body.asked).toMatchObject([{ mailed: false, reason: expect.stringMatching(/Too many/) }]);
    expect(api.mailbox.messages().filter(({ to }) => to === "victim@example.com")).toHaveLength(5);
    await confirm(tokenFor("victim@example.com"));
    expect((await api.call("POST", `/destinations/${id}/request-confirmation`, { as: user })).status).toBe(409);
  });

  test("a mail that does not go out is told, and the destination is there", async () => {
    const unsent = await opener.open({ AWS_ENDPOINT_URL_SES: "http://127.0.0.1:1" });
    const as = await unsent.user("carol");
    const created = await unsent.call("POST", "/destinations", { as, body: mail("x@example.com") });
    expect(created.status).toBe(201);
    expect(created.body.asked).toMatchObject([{ mailed: false, reason: expect.stringMatching(/not reached/) }]);
  });

  test("hard cases 9 and 12: a hostile name is text in the question, and forges no header", async () => {
    const name = "<b>x</b> \u202egnp <!channel> {{constructor}} %s $" + "{process.env}";
    await made({ ...mail("safe@example.com"), name });
    const sent = api.mailbox.messages().find(({ to }) => to === "safe@example.com");
    expect(sent?.html).not.toContain("<b>x</b>");
    expect(sent?.html).toContain("&lt;b&gt;x&lt;/b&gt;");
    expect(sent?.text).not.toContain("\u202e");
    expect(sent?.text).toContain("{{constructor}} %s $" + "{process.env}");
    expect(sent?.raw).not.toMatch(/^Bcc:/im);
  });
});

describe("a test message", () => {
  test("is sent at once, says that it is one, and the provider's word is told", async () => {
    const id = await made(slack());
    const sent = await api.call("POST", `/destinations/${id}/test`, { as: user });
    expect(sent.body).toMatchObject({ ok: true, providerId: expect.stringMatching(/^test-/) });
    expect(api.mailbox.messages()).toMatchObject([
      { subject: expect.stringContaining("This is a test: nothing is wrong") },
    ]);
    const audit = await api.storage.audit.list({ limit: 1 });
    expect(audit).toMatchObject([{ action: "destination.tested", after: { ok: true } }]);
  });

  test("that fails is told with its kind, and is not tried again", async () => {
    const id = await made(slack(api.mailbox.slackUrl("T1/B1/revoked")));
    const sent = await api.call("POST", `/destinations/${id}/test`, { as: user });
    expect(sent.status).toBe(200);
    expect(sent.body).toMatchObject({ ok: false, kind: "not-found", retryable: false });
    expect(await api.storage.notifications.list({ destinationIds: [id], limit: 5 })).toEqual([]);
  });

  test("is sent ten times an hour, not more", async () => {
    const id = await made(slack());
    const statuses = [];
    for (let at = 0; at < 11; at += 1)
      statuses.push((await api.call("POST", `/destinations/${id}/test`, { as: user })).status);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 200), 429]);
  });

  test("hard case 10: names ping nobody", async () => {
    const id = await made({ ...slack(), name: "<!channel> <@U123> <https://evil.example|bank>" });
    await api.call("POST", `/destinations/${id}/test`, { as: user });
    const [sent] = api.mailbox.messages();
    expect(sent?.raw).toContain("&lt;!channel&gt;");
    expect(sent?.raw).not.toMatch(/<!channel>|<@U123>|<https:\/\/evil/);
  });
});

test("what the instance's file declares is an admin's to see and test, and nobody's to change here", async () => {
  const admin = await api.user("root", "admin");
  const declared = samples.destination("demo.mail", {
    name: "demo",
    address: { to: ["ops@example.com"] },
    secret: "",
    confirmedAt: 0,
  });
  await api.storage.configuration.put("destinations", "watch", declared, 0, 1);
  expect(await read("demo.mail", admin)).toMatchObject({ managedByFile: true, waitingFor: [] });
  expect((await put("demo.mail", change(slack()), "*", admin)).status).toBe(409);
  expect((await api.call("DELETE", "/destinations/demo.mail", { as: admin })).status).toBe(409);
  expect((await api.call("POST", "/destinations/demo.mail/test", { as: admin })).body).toMatchObject({ ok: true });
  expect((await api.call("GET", "/destinations/demo.mail", { as: user })).status).toBe(404);
});

let messages = 0;
/** One message owed there, through the handler of the step that delivers; how it ended. */
const deliverTo = async (destinationId: string) => {
  messages += 1;
  const notificationId = `n-${messages}`;
  const record = samples.notification(notificationId, {
    destinationId,
    channel: "email",
    nextAttemptAt: api.clock.now,
  });
  await api.storage.notifications.owe([record]);
  const data = { ...record, attempts: 0 };
  const event = { id: notificationId, type: "notification.requested", at: api.clock.now, cause: null, data } as const;
  const { topic, value } = encodeEvent("logwatch.notification.requested", { key: destinationId, event });
  const now = () => api.clock.now;
  const handle = deliverHandler(channels.email, { storage: api.storage, now, config: api.config });
  const kafka = {
    topic,
    partition: 0,
    offset: 0,
    timestamp: 0,
    timestampType: "CREATE_TIME" as const,
    key: "",
    headers: [],
  };
  await handle({
    eventSource: "aws:kafka",
    eventSourceArn: "arn:aws:kafka:us-east-1:123456789012:cluster/test/1",
    bootstrapServers: "127.0.0.1:9098",
    records: { [`${topic}-0`]: [{ ...kafka, value: Buffer.from(value).toString("base64") }] },
  });
  return (await api.storage.notifications.find([notificationId]))[0];
};
