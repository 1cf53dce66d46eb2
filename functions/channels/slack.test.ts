// Slack's own guarantees: nothing pings, nothing follows a redirect, limits hold, waiting times are passed on.
import { createServer, type RequestListener } from "node:http";
import type { Message } from "@logwatch/events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFaults } from "../../simulators/cloud/faults.ts";
import { type Mailbox, startMailbox } from "../../simulators/cloud/mailbox/mailbox.ts";
import { slack } from "./slack.ts";
import { escapeTo, slackBlocks } from "./slack-blocks.ts";
import { retryAfterMs } from "./slack-fetch.ts";

const faults = createFaults();
let mailbox: Mailbox;
beforeAll(async () => {
  mailbox = await startMailbox({ port: 0, file: ":memory:", faults });
});
afterAll(() => mailbox.close());

const message: Message = {
  title: "Failed logins",
  severity: "warning",
  status: "firing",
  lines: ["57 > 20"],
  fields: [],
  examples: [],
  links: [],
};
const sendTo = (url: string, timeoutMs = 2000) =>
  slack.open({ emailFrom: "a@example.com", awsRegion: "x", slackHosts: [new URL(url).host], timeoutMs })(
    { notificationId: "n", message },
    { url },
    new AbortController().signal,
  );

/** A server that answers what a test says, for answers the stand-in never gives. */
const withServer = async <Value>(listener: RequestListener, use: (url: string) => Promise<Value>): Promise<Value> => {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  try {
    return await use(`http://127.0.0.1:${port}/services/T1/B1/token`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
};

describe("slack", () => {
  it("log text cannot mention a channel or a person, nor dress up a link", () => {
    const attack = "<!channel> <@U123> <https://evil.example|bank> &lt;!here&gt; ``` <!everyone>";
    const hostile: Message = {
      ...message,
      title: attack,
      lines: [attack],
      fields: [{ name: attack, value: attack }],
      examples: [attack],
      links: [
        { title: attack, url: "https://example.com/a|b>c" },
        { title: attack, url: "javascript:alert(1)" },
      ],
    };
    const written = JSON.stringify(slackBlocks(hostile, attack));
    expect(written.match(/<[^>]*>/g)).toHaveLength(1);
    expect(written).toContain("<https://example.com/a%7Cb%3Ec|&lt;!channel&gt;");
    const fenced = slackBlocks(hostile, "n").flatMap((block) => ("text" in block ? [block.text] : []));
    const [code] = fenced.filter(({ type, text }) => type === "mrkdwn" && text.startsWith("```"));
    expect(code?.text.match(/```/g)).toHaveLength(2);
  });

  it.each([
    ["revoked", "not-found"],
    ["archived", "gone"],
    ["forbidden", "forbidden"],
  ])("a webhook that is %s is final: %s", async (token, kind) => {
    const result = await sendTo(mailbox.slackUrl(`T1/B1/${token}`));
    expect(result).toMatchObject({ ok: false, kind, retryable: false });
  });

  it("429 passes on how long Slack asks to wait", async () => {
    faults.add({ target: "slack", kind: "throttle", calls: 1, retryAfterSeconds: 7 });
    expect(await sendTo(mailbox.slackUrl("ops"))).toMatchObject({ kind: "throttled", retryable: true, afterMs: 7000 });
  });

  it("Retry-After may be seconds or a date; anything else is nothing", () => {
    const now = Date.parse("2026-01-01T00:00:00Z");
    expect(retryAfterMs("30", now)).toBe(30_000);
    expect(retryAfterMs("Thu, 01 Jan 2026 00:01:00 GMT", now)).toBe(60_000);
    expect(retryAfterMs("Wed, 31 Dec 2025 00:00:00 GMT", now)).toBe(0);
    expect(retryAfterMs("soon", now)).toBeUndefined();
    expect(retryAfterMs(null, now)).toBeUndefined();
  });

  it("a redirect is not followed", async () => {
    let asked = 0;
    const result = await withServer((req, res) => {
      asked += 1;
      if (req.url === "/services/T1/B1/token") res.writeHead(307, { location: "/elsewhere" }).end();
      else res.end("ok");
    }, sendTo);
    expect(result).toMatchObject({ ok: false, kind: "redirected", retryable: false });
    expect(asked).toBe(1);
  });

  it("200 with an error word is not taken for sent", async () => {
    const result = await withServer((_req, res) => res.end("invalid_payload"), sendTo);
    expect(result).toMatchObject({ ok: false, kind: "rejected", message: "Slack: invalid_payload" });
  });

  it("an endless answer ends, and what it says is not repeated", async () => {
    const result = await withServer((_req, res) => {
      res.writeHead(400);
      const more = () => !res.destroyed && res.write("<b>secret</b>".repeat(1000), () => setImmediate(more));
      more();
    }, sendTo);
    expect(result).toMatchObject({ ok: false, kind: "rejected", message: "Slack answered 400: no reason given" });
  });

  it("shows as many whole lines as fit, and counts the rest", () => {
    const lines = Array.from({ length: 200 }, (_, at) => `Firing user=u${at}: ${"&".repeat(5)} 12 > 10`);
    const [, section] = slackBlocks({ ...message, lines }, "n");
    const shown = section && "text" in section ? section.text.text.split("\n") : [];
    expect(shown.at(-1)).toBe(`… and ${200 - (shown.length - 1)} more`);
    expect(shown.at(-2)).toMatch(/12 &gt; 10$/);
    expect(shown.length).toBeGreaterThan(40);
  });

  it("a cut never splits an entity or a character", () => {
    expect(escapeTo("a<<", 7)).toBe("a&lt;…");
    expect(escapeTo("😀😀", 4)).toBe("😀…");
  });
});
