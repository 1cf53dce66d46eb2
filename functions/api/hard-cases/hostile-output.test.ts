// Hard cases 9 to 13: hostile text on its way out is inert: in mail, in Slack, in refusals, in tables, in our own log.
import { afterAll, beforeAll, expect, test } from "vitest";
import { browser, type EveryRoute, openEveryRoute } from "../../../simulators/stack/hard-cases/every-route.ts";
import { type LogLevel, openLog } from "../../lib/log.ts";
import { routes } from "../routes/index.ts";
import { hostile } from "./hostile-texts.ts";

let every: EveryRoute;
beforeAll(async () => {
  every = await openEveryRoute();
}, 60_000);
afterAll(() => every.close());

const callOf = (id: string) => every.callOf(id);

const inertHeaders = {
  "content-type": expect.stringMatching(/^application\/(problem\+)?json; charset=utf-8$/),
  "x-content-type-options": "nosniff",
  "content-security-policy": expect.stringContaining("default-src 'none'"),
};

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
  // What is not JSON is the page of the documents, and a watch file.
  const media = routes.flatMap((route) => route.media ?? []);
  expect(new Set(media)).toEqual(new Set(["text/html", "application/yaml"]));
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
  const body = { email: "user001@example.com", password: `${evil} a wrong password` };
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
    expect(lines[0]).not.toMatch(/wrong password|user001@example\.com|__Host-logwatch/);
  }
});
