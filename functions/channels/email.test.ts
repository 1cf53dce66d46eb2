// E-mail's own guarantees: what SES's errors mean, and what the mail is made of.
import type { Message } from "@logwatch/events";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createFaults } from "../../simulators/cloud/faults.ts";
import { type Mailbox, startMailbox } from "../../simulators/cloud/mailbox/mailbox.ts";
import { email } from "./email.ts";

const faults = createFaults();
let mailbox: Mailbox;
beforeAll(async () => {
  mailbox = await startMailbox({ port: 0, file: ":memory:", faults });
});
afterAll(() => mailbox.close());
beforeEach(() => fetch(`${mailbox.url}/messages.json`, { method: "DELETE" }));

const message: Message = {
  title: "Failed logins",
  severity: "warning",
  status: "firing",
  lines: ["57 > 20"],
  fields: [{ name: "<b>user</b>", value: "<img src=x onerror=alert(1)>" }],
  examples: ["</pre><script>alert(1)</script>"],
  links: [
    { title: "Open", url: "https://example.com/?a=1&b=2" },
    { title: "bad", url: "javascript:alert(1)" },
  ],
};
const send = (to = ["ops@example.com"], notificationId = "01J/abc@1") =>
  email.open({
    emailFrom: "logwatch@example.com",
    awsRegion: "eu-central-1",
    sesEndpoint: mailbox.sesEndpoint,
    slackHosts: [],
    timeoutMs: 2000,
  })({ notificationId, message }, { to }, new AbortController().signal);

describe("email", () => {
  it("the daily quota is not worth another try, the sending rate is", async () => {
    faults.add({ target: "ses", kind: "error", status: 454, calls: 1 });
    expect(await send()).toMatchObject({ ok: false, kind: "quota", retryable: false });
    faults.add({ target: "ses", kind: "throttle", calls: 1 });
    expect(await send()).toEqual({
      ok: false,
      kind: "throttled",
      message: "SES asks to send more slowly.",
      retryable: true,
    });
  });

  it("a sender that SES does not know is final, with SES's reason", async () => {
    faults.add({ target: "ses", kind: "error", status: 400, calls: 1 });
    const reason = expect.stringContaining("MessageRejected: Email address is not verified");
    expect(await send()).toMatchObject({ ok: false, kind: "rejected", retryable: false, message: reason });
  });

  it("reaches every recipient with one mail, and is marked as written by a machine", async () => {
    expect(await send(["a@example.com", "b@example.com"])).toMatchObject({ ok: true });
    const [mail] = mailbox.messages();
    expect(mail?.to).toBe("a@example.com, b@example.com");
    expect(mail?.raw).toMatch(/^Auto-Submitted: auto-generated\r$/m);
    expect(mail?.raw).toMatch(/^X-LogWatch-Notification-Id: 01J\/abc@1\r$/im);
  });

  it("the same notification has the same Message-ID, another has another", async () => {
    await send();
    await send();
    await send(["ops@example.com"], "another");
    const ids = mailbox.messages().map(({ raw }) => /^Message-ID: <([\w-]{22})@example\.com>\r$/m.exec(raw)?.[1]);
    expect(ids[2]).toBeTruthy();
    expect(ids[1]).toBe(ids[2]);
    expect(ids[0]).not.toBe(ids[1]);
  });

  it("the HTML part holds no tag, link or handler that came from a log", async () => {
    await send();
    const html = mailbox.messages()[0]?.html ?? "";
    expect(html).toContain("&lt;/pre&gt;&lt;script&gt;");
    expect(html).not.toMatch(/<(script|img)/i);
    expect(html).not.toMatch(/href="javascript:/i);
    expect(html).toContain('href="https://example.com/?a=1&amp;b=2"');
  });
});

it("everybody whom a mail would reach must agree first, each once", () => {
  expect(email.confirms({ to: ["a@example.com", "b@example.com", "a@example.com"] })).toEqual([
    "a@example.com",
    "b@example.com",
  ]);
});
