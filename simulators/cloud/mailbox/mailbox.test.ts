// The mailbox as its users meet it: the AWS SDK, Slack's posts, the feed, faults, the page.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  GetSendQuotaCommand,
  MessageRejected,
  SESClient,
  SendEmailCommand,
  SendRawEmailCommand,
  VerifyEmailIdentityCommand,
} from "@aws-sdk/client-ses";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { createFaults } from "../faults.ts";
import { type Mailbox, startMailbox } from "./mailbox.ts";

const faults = createFaults();
const noon = Date.parse("2026-01-01T12:00:00Z");
let mailbox: Mailbox;
let ses: SESClient;
beforeAll(async () => {
  mailbox = await startMailbox({ port: 0, file: ":memory:", faults, now: () => noon });
  const credentials = { accessKeyId: "x", secretAccessKey: "y" };
  ses = new SESClient({ region: "eu-central-1", endpoint: mailbox.sesEndpoint, credentials, maxAttempts: 1 });
});
afterAll(() => mailbox.close());
beforeEach(async () => {
  faults.clear();
  await fetch(`${mailbox.url}/messages.json`, { method: "DELETE" });
});

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${mailbox.url}${path}`, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    headers,
  });
const feed = async () =>
  z.array(z.record(z.string(), z.unknown())).parse(await (await fetch(`${mailbox.url}/messages.json`)).json());
const simple = (to: string[], source = "a@example.com") =>
  new SendEmailCommand({
    Source: source,
    Destination: { ToAddresses: to },
    Message: { Subject: { Data: "Grüße" }, Body: { Text: { Data: "ä < b & c" }, Html: { Data: "<p>hi</p>" } } },
  });

describe("SES", () => {
  it("takes SendEmail and SendRawEmail of the SDK, newest first in the feed", async () => {
    expect((await ses.send(simple(["b@example.com"]))).MessageId).toMatch(/./);
    const raw = "From: a@example.com\r\nTo: c@example.com\r\nSubject: =?utf-8?q?=C3=A9?=\r\n\r\nbody";
    await ses.send(new SendRawEmailCommand({ RawMessage: { Data: Buffer.from(raw) } }));
    const [second, first] = await feed();
    expect(second).toMatchObject({ channel: "email", to: "c@example.com", subject: "é", text: "body\n" });
    expect(first).toMatchObject({ channel: "email", to: "b@example.com", subject: "Grüße", text: "ä < b & c" });
    expect(first?.at).toBe("2026-01-01T12:00:00.000Z");
    expect(await ses.send(new GetSendQuotaCommand({}))).toMatchObject({ SentLast24Hours: 2, MaxSendRate: 14 });
  });

  it("refuses as SES does, with errors the SDK can tell apart", async () => {
    const many = Array.from({ length: 51 }, (_, at) => `a${at}@example.com`);
    await expect(ses.send(simple(many))).rejects.toMatchObject({ name: "InvalidParameterValue" });
    await expect(ses.send(simple([]))).rejects.toMatchObject({ name: "InvalidParameterValue" });
    await expect(ses.send(simple(["b@example.com"], "nobody"))).rejects.toMatchObject({
      name: "InvalidParameterValue",
    });
    const unknown = ses.send(new VerifyEmailIdentityCommand({ EmailAddress: "a@example.com" }));
    await expect(unknown).rejects.toMatchObject({ name: "InvalidAction" });
    faults.add({ target: "ses", kind: "throttle", calls: 1 });
    await expect(ses.send(simple(["b@example.com"]))).rejects.toMatchObject({
      name: "Throttling",
      message: "Maximum sending rate exceeded.",
      $metadata: { httpStatusCode: 400 },
    });
    faults.add({ target: "ses", kind: "error", status: 400, calls: 1 });
    await expect(ses.send(simple(["b@example.com"]))).rejects.toBeInstanceOf(MessageRejected);
    expect(await feed()).toEqual([]);
  });
});

describe("Slack", () => {
  it.each([
    ["not json", "{", 400, "invalid_payload"],
    ["no text", {}, 400, "no_text"],
    [
      "a header too long",
      { blocks: [{ type: "header", text: { type: "plain_text", text: "x".repeat(151) } }] },
      400,
      "invalid_blocks",
    ],
    ["too many blocks", { blocks: Array.from({ length: 51 }, () => ({ type: "divider" })) }, 400, "invalid_blocks"],
    ["an unknown block", { blocks: [{ type: "constructor" }] }, 400, "invalid_blocks"],
  ])("refuses %s as Slack does", async (_what, body, status, reason) => {
    const response = await post("/services/T1/B1/x", body);
    expect([response.status, await response.text()]).toEqual([status, reason]);
  });

  it("a webhook that is not there is no_service", async () => {
    const response = await post("/services/nothing", { text: "x" });
    expect([response.status, await response.text()]).toEqual([404, "no_service"]);
  });

  it("429 carries Retry-After", async () => {
    faults.add({ target: "slack", kind: "throttle", retryAfterSeconds: 3, calls: 1 });
    const response = await post("/services/T1/B1/x", { text: "x" });
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, "3"]);
  });

  it("text without blocks is a message too, unescaped in the feed", async () => {
    await post("/services/T1/B1/x", { text: "a &lt;b&gt; <https://example.com|link>" });
    const [one] = await feed();
    expect(one).toMatchObject({ channel: "slack", to: "T1/B1/x", text: "a <b> link (https://example.com)" });
  });
});

describe("feed", () => {
  it("an unchanged feed is 304, a new message is not", async () => {
    const etag = (await fetch(`${mailbox.url}/messages.json`)).headers.get("etag") ?? "";
    const again = () => fetch(`${mailbox.url}/messages.json`, { headers: { "if-none-match": etag } });
    expect((await again()).status).toBe(304);
    await post("/services/T1/B1/x", { text: "x" });
    expect((await again()).status).toBe(200);
  });

  it("keeps what it has through a restart", async () => {
    const folder = mkdtempSync(join(tmpdir(), "mailbox-"));
    const start = () => startMailbox({ port: 0, file: join(folder, "mail.db"), faults });
    const before = await start();
    await fetch(before.slackUrl("ops"), { method: "POST", body: JSON.stringify({ text: "kept" }) });
    await before.close();
    const after = await start();
    expect(after.messages().map(({ text, to }) => [text, to])).toEqual([["kept", "TLOGWATCH/BLOGWATCH/ops"]]);
    await after.close();
    rmSync(folder, { recursive: true });
  });
});

describe("faults", () => {
  it("are set, listed and cleared over HTTP; a wrong one is refused with path and rule", async () => {
    const set = { target: "slack", kind: "throttle", calls: 2 };
    expect((await post("/faults", set)).status).toBe(201);
    expect(await (await fetch(`${mailbox.url}/faults`)).json()).toEqual([set]);
    const wrong = await post("/faults", { target: "slack", kind: "sulk" });
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({ issues: [{ path: "kind", rule: expect.stringMatching(/expected/) }] });
    expect((await post("/faults", "{")).status).toBe(400);
    await fetch(`${mailbox.url}/faults`, { method: "DELETE" });
    expect(faults.list()).toEqual([]);
  });

  it("no other site can set them, post mail or empty the box through a browser", async () => {
    const origin = { origin: "https://evil.example" };
    expect((await post("/faults", { target: "slack", kind: "error" }, origin)).status).toBe(403);
    expect((await post("/services/T1/B1/x", { text: "x" }, origin)).status).toBe(403);
    expect((await fetch(`${mailbox.url}/messages.json`, { method: "DELETE", headers: origin })).status).toBe(403);
  });
});

describe("page", () => {
  it("runs only its own scripts, and a mail's HTML runs none and asks nobody", async () => {
    const hostile = "<script>alert(1)</script><img src=https://evil.example/x>";
    const command = simple(["b@example.com"]);
    command.input.Message = { Subject: { Data: hostile }, Body: { Html: { Data: hostile }, Text: { Data: hostile } } };
    await ses.send(command);
    const id = String((await feed())[0]?.id);
    const shell = await fetch(`${mailbox.url}/messages/${id}`);
    expect(shell.headers.get("content-security-policy")).toMatch(/default-src 'none'.*script-src 'self'/);
    const html = await shell.text();
    expect(html).toContain("&lt;script&gt;alert(1)");
    expect(html).not.toContain("<script>alert");
    const frame = (await fetch(`${mailbox.url}/messages/${id}/html`)).headers.get("content-security-policy");
    expect(frame).toMatch(/default-src 'none'/);
    expect(frame).toMatch(/sandbox allow-popups/);
    expect(frame).not.toMatch(/script|https?:/);
  });

  it("every file the page names is served, and what is not there is 404", async () => {
    const shell = await (await fetch(mailbox.url)).text();
    const named = [...shell.matchAll(/(?:src|href)="(\/[\w.-]+)"/g)].map(([, path]) => path ?? "");
    expect(named.length).toBeGreaterThan(3);
    for (const path of [...named, "/message.js", "/block-kit.js", "/mrkdwn.js"]) {
      expect((await fetch(mailbox.url + path)).status, path).toBe(200);
    }
    expect((await fetch(`${mailbox.url}/messages/999`)).status).toBe(404);
  });
});
