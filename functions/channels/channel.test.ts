// One suite for every channel, against the stand-in that speaks each provider's protocol and can be told to fail.
import type { Message } from "@logwatch/events";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { createFaults, type Fault } from "../../simulators/cloud/faults.ts";
import { type Mailbox, startMailbox } from "../../simulators/cloud/mailbox/mailbox.ts";
import { registry } from "../lib/registry.ts";
import type { Channel, ChannelConfig } from "./channel.ts";
import * as channels from "./index.ts";

const faults = createFaults();
const secret = "XXtokenXXsecretXX";
let mailbox: Mailbox;
let config: ChannelConfig;

beforeAll(async () => {
  mailbox = await startMailbox({ port: 0, file: ":memory:", faults });
  config = {
    emailFrom: "logwatch@example.com",
    awsRegion: "eu-central-1",
    sesEndpoint: mailbox.sesEndpoint,
    slackHosts: [new URL(mailbox.url).host],
    timeoutMs: 400,
  };
});
afterAll(() => mailbox.close());
beforeEach(async () => {
  faults.clear();
  await fetch(`${mailbox.url}/messages.json`, { method: "DELETE" });
});

const message: Message = {
  title: "Failed logins on auth",
  severity: "critical",
  status: "firing",
  lines: ["57 failed logins in 5 minutes, above 20.", "Most of them for one user."],
  fields: [
    { name: "user", value: "root" },
    { name: "source.ip", value: "203.0.113.7" },
  ],
  examples: [
    "Failed password for root from 203.0.113.7 port 4711 ssh2",
    "Failed password for root from 203.0.113.7 port 4712",
  ],
  links: [{ title: "Open in LogWatch", url: "https://logwatch.example.com/alerts/1?tab=a&b=c" }],
};

/** What each channel calls its stand-in and where a test sends to (`dead`: nobody listens there); a new channel adds a line. */
type Target = { fault: Fault["target"]; address: () => object; dead: object; bad: unknown[] };
const targets: Record<string, Target> = {
  email: {
    fault: "ses",
    address: () => ({ to: ["ops@example.com"] }),
    dead: { to: ["ops@example.com"] },
    bad: [
      {},
      { to: [] },
      { to: ["nobody"] },
      { to: ["a@example.com\r\nBcc: b@example.com"] },
      { to: ["a@example.com, b@example.com"] },
      { to: Array.from({ length: 51 }, (_, at) => `a${at}@example.com`) },
    ],
  },
  slack: {
    fault: "slack",
    address: () => ({ url: mailbox.slackUrl(`T1/B1/${secret}`) }),
    dead: { url: `http://127.0.0.1:1/services/T1/B1/${secret}` },
    bad: [
      {},
      `https://hooks.slack.com@evil.example/services/T1/B1/${secret}`,
      `https://hooks.slack.com.evil.example/services/T1/B1/${secret}`,
      `https://hooks.slаck.com/services/T1/B1/${secret}`,
      `http://hooks.slack.com/services/T1/B1/${secret}`,
      `https://user:${secret}@hooks.slack.com/services/T1/B1/x`,
      `https://127.0.0.1:1/services/T1/B1/${secret}`,
      `https://[::169.254.169.254]/services/T1/B1/${secret}`,
      `https://hooks.slack.com/services/T1/B1/${secret}\r\nHost: evil.example`,
      `https://hooks.slack.com/api/chat.postMessage`,
      `file:///services/T1/B1/${secret}`,
      `gopher://hooks.slack.com/services/T1/B1/${secret}`,
    ].map((url) => (typeof url === "string" ? { url } : url)),
  },
};
const targetOf = ({ id }: Channel) => {
  const target = targets[id];
  if (!target) throw new Error(`The suite has no target for channel "${id}".`);
  return target;
};

const known = registry("channel", channels);
describe.each(known.all.map((channel) => [channel.id, channel] as const))("channel %s", (_id, channel) => {
  const { fault, address, dead, bad } = targetOf(channel);
  const send = (one: Message = message, notificationId = "n-1", signal = new AbortController().signal) =>
    channel.open(config)({ notificationId, message: one }, address(), signal);
  const failing = async (kind: Fault["kind"], extra: Partial<Fault> = {}) => {
    faults.add({ target: fault, kind, calls: 1, ...extra });
    return send();
  };
  const only = () => {
    const [received, ...others] = mailbox.messages();
    if (!received || others.length > 0) throw new Error(`${others.length + (received ? 1 : 0)} messages, not 1`);
    return received;
  };

  it("is called like its file, and its address can be drawn as a form", () => {
    expect(Object.keys(channels)).toContain(channel.id);
    for (const io of ["input", "output"] as const) {
      const { properties = {} } = z.toJSONSchema(channel.address, { io });
      for (const [name, property] of Object.entries(properties)) {
        expect(property, name).toMatchObject({ title: expect.any(String), description: expect.any(String) });
      }
    }
  });

  it("brings title, severity, every line, field, example and link", async () => {
    expect(await send()).toMatchObject({ ok: true, providerId: expect.stringMatching(/./) });
    const { subject, text, notificationId } = only();
    expect(subject).toBe("[CRITICAL] Failed logins on auth");
    const { lines, examples, fields, links } = message;
    const parts = [...lines, ...examples, ...fields.flatMap(({ name, value }) => [name, value])];
    for (const part of [...parts, ...links.flatMap(({ title, url }) => [title, url])]) expect(text).toContain(part);
    expect(notificationId).toBe("n-1");
  });

  it("says resolved when it is over, and still firing when it goes on", async () => {
    await send({ ...message, status: "resolved" });
    expect(only()).toMatchObject({ subject: "[RESOLVED] Failed logins on auth", status: "resolved" });
    await send({ ...message, status: "repeat" });
    expect(mailbox.messages()[0]?.text).toContain("still firing");
  });

  it("sends nothing but a title when there is nothing else, and does not fail on empty texts", async () => {
    const empty = { ...message, lines: [""], fields: [{ name: "", value: "" }], examples: [""], links: [] };
    expect(await send(empty)).toMatchObject({ ok: true });
  });

  it.each([
    ["throttle", {}, "throttled"],
    ["error", { status: 500 }, "unavailable"],
    ["error", { status: 503 }, "unavailable"],
    ["timeout", {}, "timeout"],
    ["refuse", {}, "unreachable"],
  ] as const)("a passing fault may be tried again: %s %o", async (kind, extra, expected) => {
    expect(await failing(kind, extra)).toMatchObject({ ok: false, retryable: true, kind: expected });
    expect(mailbox.messages()).toEqual([]);
  });

  it.each([400, 403, 404, 410])("a refusal (%i) is final", async (status) => {
    expect(await failing("error", { status })).toMatchObject({ ok: false, retryable: false });
  });

  it("tries once: a retry in here would hide inside the caller's own", async () => {
    faults.add({ target: fault, kind: "error", status: 503, calls: 1 });
    expect(await send()).toMatchObject({ ok: false });
    expect(faults.list()).toEqual([]);
  });

  it("an answer cut short is tried again, and the double carries the same id", async () => {
    expect(await failing("partial")).toMatchObject({ ok: false, retryable: true });
    expect(await send()).toMatchObject({ ok: true });
    expect(mailbox.messages().map(({ notificationId, copies }) => [notificationId, copies])).toEqual([
      ["n-1", 2],
      ["n-1", 2],
    ]);
  });

  it("stops when the caller stops", async () => {
    faults.add({ target: fault, kind: "slow", delayMs: 60_000 });
    expect(await send(message, "n-1", AbortSignal.abort())).toMatchObject({ ok: false, retryable: true });
    await fetch(`${mailbox.url}/faults`, { method: "DELETE" });
  });

  it("an address that does not fit is a failed delivery, and its text is not told", async () => {
    const deliver = channel.open({ ...config, slackHosts: [...config.slackHosts, "hooks.slack.com"] });
    for (const one of bad) {
      const delivery = await deliver({ notificationId: "n-1", message }, one, new AbortController().signal);
      expect(delivery, JSON.stringify(one)).toMatchObject({ ok: false, kind: "bad-address", retryable: false });
      expect(JSON.stringify(delivery)).not.toContain(secret);
    }
    expect(mailbox.messages()).toEqual([]);
  });

  it("an address of another host than the configuration names is refused before anything is sent, by its field", () => {
    const strict = { ...config, slackHosts: ["hooks.slack.com"] };
    const fitting = bad.filter((one) => channel.address.safeParse(one).success);
    for (const one of fitting) {
      const refusals = channel.refuses(one, strict);
      expect(refusals, JSON.stringify(one)).toMatchObject([{ field: expect.any(String), rule: expect.any(String) }]);
      expect(JSON.stringify(refusals)).not.toContain(secret);
    }
    expect(channel.refuses(address(), config)).toEqual([]);
    // What is of no right shape is the schema's to refuse.
    expect([channel.refuses({}, strict), channel.confirms({})]).toEqual([[], []]);
  });

  it("a misspelt part of an address is refused by its name, not left out", async () => {
    const one = { ...address(), cc: ["boss@example.com"] };
    const delivery = await channel.open(config)({ notificationId: "n-1", message }, one, new AbortController().signal);
    expect(delivery).toMatchObject({ ok: false, kind: "bad-address", message: expect.stringContaining('"cc"') });
    expect(mailbox.messages()).toEqual([]);
  });

  it("no failure tells a secret", async () => {
    const kinds = ["throttle", "error", "timeout", "refuse", "partial"] as const;
    for (const kind of kinds) expect(JSON.stringify(await failing(kind))).not.toContain(secret);
    const nowhere = { ...config, sesEndpoint: "http://127.0.0.1:1", slackHosts: ["127.0.0.1:1"] };
    const lost = await channel.open(nowhere)({ notificationId: "n", message }, dead, new AbortController().signal);
    expect(lost).toMatchObject({ ok: false, retryable: true, kind: "unreachable" });
    expect(JSON.stringify(lost)).not.toContain(secret);
  });

  it("hostile text arrives as text: nothing hidden, reordered or broken", async () => {
    const hostile = "a\u0000b \u202Egnp.exe \u200Bc \ud800 \u001b[31mred\u2028next";
    const result = await send({ ...message, title: hostile, lines: [hostile], examples: [hostile] });
    expect(result).toMatchObject({ ok: true });
    const { subject, text, raw } = only();
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must be gone.
    const forbidden = /[\u0000\u001b\u200b\u2028\u202e]|\p{Surrogate}/u;
    for (const part of [subject, text, raw]) expect(part).not.toMatch(forbidden);
    expect(text).toContain("⟨U+202E⟩gnp.exe");
  });

  it("a title with line ends adds neither a header nor a recipient", async () => {
    const title = "x\r\nBcc: victim@example.com\r\n\r\n<b>body</b>";
    expect(
      await send({ ...message, title, fields: [{ name: title, value: title }] }, "n\r\nBcc: v@example.com"),
    ).toMatchObject({ ok: true });
    const { subject, to, raw } = only();
    expect(subject).not.toMatch(/[\r\n]/);
    expect(to).not.toContain("victim");
    const [headers] = raw.split("\r\n\r\n", 1);
    expect(headers).not.toMatch(/^Bcc:/im);
  });

  it("a megabyte of everything still fits what the provider takes", async () => {
    const long = "<&>`*_~".repeat(150_000);
    const many = Array.from({ length: 500 }, () => long.slice(0, 3000));
    const fields = many.map((value) => ({ name: value, value }));
    const links = many.map((title) => ({ title, url: `https://example.com/${"|".repeat(3000)}` }));
    const huge: Message = { ...message, title: long, lines: [long, ...many], fields, examples: [long, ...many], links };
    // What counts is the size; a busy machine may take its time to read it.
    const patient = channel.open({ ...config, timeoutMs: 20_000 });
    const sent = await patient({ notificationId: "n-1", message: huge }, address(), new AbortController().signal);
    expect(sent).toMatchObject({ ok: true });
    expect(only().text).toMatch(/… and \d+ more/);
  }, 30_000);
});
