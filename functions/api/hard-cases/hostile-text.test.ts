// Hard cases 9 to 13: hostile text is data. As JSON it comes back as it was; in mail, Slack and our own log it is inert.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { browser, type EveryRoute, openEveryRoute } from "../../../simulators/stack/hard-cases/every-route.ts";
import { type LogLevel, openLog } from "../../lib/log.ts";
import { routes } from "../routes/index.ts";

let every: EveryRoute;
beforeAll(async () => {
  every = await openEveryRoute();
}, 60_000);
afterAll(() => every.close());

const callOf = (id: string) => {
  const found = every.calls.find((call) => call.route.id === id);
  if (!found) throw new Error(`There is no route ${id}.`);
  return found;
};

/** One line each: what is more is refused by name. */
const hostile = [
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "</pre></td><a href=javascript:alert(1)>x",
  "javascript:alert(1)",
  "\u202egnp.exe",
  "a\u200bb\u2028c\u0085d",
  "<!channel> <@U123> <https://evil.example|bank>",
  '=HYPERLINK("https://evil.example")',
  "{{constructor}}",
  "$" + "{process.env}",
  "%s%n%x",
  "__proto__",
  "constructor",
  "toString",
  "'; DROP TABLE users; --",
  "\u{1f600}".repeat(20),
];

const inertHeaders = {
  "content-type": expect.stringMatching(/^application\/(problem\+)?json; charset=utf-8$/),
  "x-content-type-options": "nosniff",
  "content-security-policy": expect.stringContaining("default-src 'none'"),
};

describe("hard cases 9, 12 and 13: a name is what was written, wherever it is shown", () => {
  const made = ["createSource", "createService", "createJob", "createToken", "createDestination", "duplicateJob"];
  test.each(made)("%s", async (id) => {
    const call = callOf(id);
    for (const name of hostile) {
      const created = await every.send(call, { body: { ...Object(call.body), name, rules: undefined } });
      expect([name, created.status, created.text]).toEqual([name, 201, expect.anything()]);
      expect(created.headers).toMatchObject(inertHeaders);
      expect(created.body.name).toBe(name);
      const path = String(created.headers.location).replace(/^\/api/, "");
      const read = await every.api.call("GET", id === "createToken" ? "/tokens" : path, call.who);
      expect(JSON.stringify(read.body)).toContain(JSON.stringify(name));
      const [entry] = await every.api.storage.audit.list({ objectId: path.split("/").at(-1) ?? "", limit: 1 });
      expect(entry?.after).toMatchObject({ name });
      // What differs in signs alone is one name: the next may be such.
      await every.api.call("DELETE", path, call.who);
    }
  });

  test("my own", async () => {
    for (const name of hostile) {
      const { owner } = every.world.callers;
      const changed = await every.api.call("PUT", "/me", { ...owner, body: { name }, headers: { "if-match": "*" } });
      expect([name, changed.status, changed.body.name]).toEqual([name, 200, name]);
      const members = await every.api.call("GET", `/services/${every.world.own.service}/members`, owner);
      expect(members.body.items).toContainEqual(expect.objectContaining({ name }));
    }
  });

  test("a remark", async () => {
    for (const comment of [...hostile, "two\nlines\twith a tab"]) {
      const call = callOf("createSilence");
      const silence = await every.send(call, { body: { ...Object(call.body), comment } });
      expect([silence.status, silence.body.comment]).toEqual([201, comment]);
      const note = callOf("acknowledgeAlert");
      const noted = await every.send(note, { body: { note: comment } });
      expect([noted.status, JSON.stringify(noted.body)]).toEqual([
        200,
        expect.stringContaining(JSON.stringify(comment)),
      ]);
    }
  });
});

describe("hard case 12: what would begin a line of a header, a log or a terminal's command is no part of a name", () => {
  const lines = [
    "a\r\nBcc: eve@example.com",
    "a\nb",
    "a\rb",
    "\u001b[31mred",
    "a\u0000b",
    "a\u007fb",
    "a\tb",
    "\u0008",
  ];
  const withName = routes
    .filter(({ example }) => Object.hasOwn(Object(example.body ?? {}), "name"))
    .map(({ id }) => id);

  test.each(withName)("%s", async (id) => {
    const call = callOf(id);
    for (const name of lines) {
      const before = every.writes();
      const { status, body } = await every.send(call, { body: { ...Object(call.body), name } });
      expect([name, status]).toEqual([name, 400]);
      expect(body.errors).toContainEqual({ path: "body.name", rule: "must not contain control characters" });
      expect(every.writes()).toBe(before);
    }
  });

  test("nor is it of an address, or a key of ours", async () => {
    const mails = every.api.mailbox.messages().length;
    for (const email of ["a@example.com\r\nBcc: eve@example.com", "a@example.com,eve@example.com", "<a@example.com>"]) {
      for (const id of ["inviteUser", "forgotPassword", "addMember"]) {
        const call = callOf(id);
        const { status, body } = await every.send(call, { body: { ...Object(call.body), email } });
        expect([id, email, status, body.errors]).toMatchObject([id, email, 400, [{ path: "body.email" }]]);
      }
    }
    const odd = await every.send(callOf("createSource"), { headers: { "idempotency-key": "a\r\nset-cookie: x=1" } });
    expect(odd.status).toBe(400);
    expect(every.api.mailbox.messages()).toHaveLength(mails);
  });
});

describe("hard case 13: words that objects know by themselves", () => {
  const words = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"];

  test("name no plug-in, no parameter, no label to rule by, and no id", async () => {
    for (const word of words) {
      const tries: [string, object][] = [
        ["createSource", { kind: word }],
        ["createSource", { params: { url: "https://graylog.example.com", token: "t", [word]: 1 } }],
        ["createDestination", { channel: word }],
        ["createRun", { analysis: word }],
        ["createRun", { params: { [word]: 1 } }],
        ["createJob", { analysis: word }],
        ["createJob", { params: { [word]: 1 } }],
        ["createJob", { serviceId: word }],
        ["createService", { sourceId: word }],
      ];
      for (const [id, over] of tries) {
        const call = callOf(id);
        const before = every.writes();
        // As a client writes it: a literal `__proto__` would set the prototype here.
        const text = JSON.stringify({ ...Object(call.body), ...over });
        const { status } = await every.send(call, { text });
        expect([id, text.slice(0, 200), [400, 422].includes(status)]).toEqual([id, text.slice(0, 200), true]);
        expect(every.writes()).toBe(before);
      }
      for (const path of [
        "jobs",
        "services",
        "sources",
        "alerts",
        "silences",
        "destinations",
        "runs",
        "notifications",
      ]) {
        const route = routes.find((one) => one.method === "GET" && one.path.startsWith(`/${path}/{`));
        if (!route) continue;
        const { status } = await every.api.call("GET", `/${path}/${word}`, every.world.callers.owner);
        expect([path, word, status]).toEqual([path, word, 404]);
      }
    }
  });

  test("are labels like any other to matchers of silences", async () => {
    const call = callOf("previewSilence");
    for (const name of words) {
      const preview = (op: string, value: string) => every.send(call, { body: { matchers: [{ name, op, value }] } });
      // No alert has such a label, so it is empty.
      expect((await preview("=", "")).body).toMatchObject({ now: { alerts: 1 } });
      for (const [op, value] of [
        ["=", "x"],
        ["=~", ".+"],
        ["=~", ".*native code.*"],
        ["!=", ""],
      ] as const)
        expect([name, op, (await preview(op, value)).body]).toMatchObject([name, op, { now: { alerts: 0 } }]);
    }
  });
});

test("hard cases 9, 12 and 13: in a mail of ours a name is text, and adds no header and no recipient", async () => {
  const { admin, owner } = every.world.callers;
  for (const [index, name] of hostile.entries()) {
    await every.api.call("PUT", "/me", { ...admin, body: { name }, headers: { "if-match": "*" } });
    const email = `invited-${index}@example.com`;
    const invited = await every.api.call("POST", "/invitations", { ...admin, body: { email } });
    expect(invited.body).toMatchObject({ email, sent: true });
    const body = { name: `${name} ${index}`, channel: "email", address: { to: [`ops-${index}@example.com`] } };
    expect((await every.api.call("POST", "/destinations", { ...owner, body })).status).toBe(201);
    const received = every.api.mailbox.messages().slice(0, 2);
    expect(received.map(({ to }) => to)).toEqual([`ops-${index}@example.com`, email]);
    for (const { html, raw, text } of received) {
      expect(html).not.toMatch(/<script|<img src=x|<\/pre>|<a[^>]*javascript|<!channel/i);
      expect(raw).not.toMatch(/^bcc:/im);
      expect(`${html}${text}`).not.toMatch(/[\u202e\u200b\u2028\u0085]/);
    }
  }
});

test("hard case 10: in Slack a name pings nobody and dresses up no link", async () => {
  const { owner } = every.world.callers;
  const url = every.api.mailbox.slackUrl("T1/B1/token");
  for (const [index, name] of hostile.entries()) {
    const body = { name: `to Slack ${name.slice(0, 60)} ${index}`, channel: "slack", address: { url } };
    const made = await every.api.call("POST", "/destinations", { ...owner, body });
    expect([name, made.status]).toEqual([name, 201]);
    const tested = await every.api.call("POST", `/destinations/${made.body.id}/test`, owner);
    expect([name, tested.body]).toMatchObject([name, { ok: true }]);
    const [received] = every.api.mailbox.messages();
    expect(received?.channel).toBe("slack");
    expect(received?.raw).not.toMatch(/<!|<@|<https:\/\/evil|<script/);
  }
});

test("hard case 9: a refusal repeats hostile input as JSON at most, and what it was asked by not at all", async () => {
  const text = '<script>alert(1)</script>"\u202e';
  const asked = [
    await every.send(callOf("listJobs"), { path: `/jobs?${encodeURIComponent(text)}=1` }),
    await every.send(callOf("listJobs"), { path: `/jobs/${encodeURIComponent(text)}` }),
    await every.send(callOf("createJob"), { body: { [text]: 1 } }),
    await every.send(callOf("createJob"), { text }),
    await every.send(callOf("listJobs"), { method: text }),
    await every.send(callOf("listJobs"), { path: `/jobs?cursor=${encodeURIComponent(text)}` }),
  ];
  for (const { status, headers, body } of asked) {
    expect(status).toBeGreaterThanOrEqual(400);
    expect(headers).toMatchObject({ ...inertHeaders, "content-type": "application/problem+json; charset=utf-8" });
    expect(body.instance).toMatch(/^urn:logwatch:request:\w+$/);
    expect(JSON.stringify(headers)).not.toContain("script");
  }
  // A path is not repeated: nobody needs it, and it could be anything.
  expect(asked[1]?.text).not.toContain("script");
});

test("hard case 11: no answer is a table that a spreadsheet would run", async () => {
  expect(new Set(routes.map(({ media }) => media))).toEqual(new Set([undefined, "text/html"]));
  for (const call of every.calls.filter(({ route }) => route.method === "GET" && route.media === undefined)) {
    const { headers, status } = await every.send(call, { headers: { accept: "text/csv" } });
    expect([call.route.id, status, headers["content-type"]]).toEqual([
      call.route.id,
      status,
      expect.stringMatching(/^application\/(problem\+)?json/),
    ]);
  }
}, 60_000);

test("hard case 12: whatever comes in, our own log has one line a fact, without commands or secrets", async () => {
  const evil = 'x\r\n{"level":"error"}\u001b[2J\u202e';
  every.api.faults.add({ target: "aurora", kind: "error", status: 400, calls: 20 });
  const { owner } = every.world.callers;
  for (const path of ["/jobs", `/jobs?text=${encodeURIComponent(evil)}`, "/sources"])
    await every.api.call("GET", path, { ...owner, headers: { "user-agent": evil, "x-amzn-trace-id": evil } });
  every.api.faults.clear();
  const body = { email: "alice@example.com", password: `${evil} a wrong password` };
  await every.api.call("POST", "/sign-in", { headers: { ...browser, "user-agent": evil }, body });
  expect(every.api.logged.length).toBeGreaterThan(2);
  for (const { level, text, facts } of every.api.logged) {
    const lines: string[] = [];
    const isLevel = (one: string): one is LogLevel => ["debug", "info", "warn", "error"].includes(one);
    if (!isLevel(level)) throw new Error(level);
    openLog("debug", (line) => lines.push(line))(level, text, Object(facts));
    expect(lines).toHaveLength(1);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what must not be there.
    expect(lines[0]).toMatch(/^[^\u0000-\u001f\u007f-\u009f\u202e\u2028]*\n$/);
    expect(lines[0]).not.toMatch(/wrong password|alice@example\.com|__Host-logwatch/);
  }
});
