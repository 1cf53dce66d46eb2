// The local stack with its stand-ins on real ports, told to fail over HTTP as a user would: what is promised when a part is gone.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { gelfMessages, openGelf } from "../gelf.ts";
import { readOptions } from "../options.ts";
import { login } from "../services/auth.ts";
import { type Stack, startStack } from "./start-stack.ts";

const folder = mkdtempSync(join(tmpdir(), "logwatch-stack-"));
const watch = `name: faults
services: [{ name: auth, filter: "service:auth" }]
destinations:
  - { name: mail, channel: email, address: { to: [oncall@example.com] } }
  - { name: chat, channel: slack, address: { url: "\${SLACK_WEBHOOK_URL}" } }
  - { name: gone, channel: slack, address: { url: "\${GONE_WEBHOOK_URL}" } }
jobs:
  - name: logins
    service: auth
    analysis: failed-logins
    every: 1s
    delay: 0s
    rules:
      - name: any failure
        kind: threshold
        params: { measurement: failed_logins_by_user, op: ge, limit: 1 }
        tellResolved: false
        destinations: [mail, chat, gone]
`;

let stack: Stack;
beforeAll(async () => {
  const file = join(folder, "watch.yaml");
  writeFileSync(file, watch);
  const mailboxPort = await freePort();
  const ports = ["--port", "--graylog-port", "--gelf-port"].flatMap((flag) => [flag, "0"]);
  const flags = [...ports, "--mailbox-port", String(mailboxPort), "--data", join(folder, "data"), "--watch", file];
  const options = readOptions([...flags, "--no-simulators"], {});
  if (!options.ok || options.value === "help") throw new Error("The options are not right.");
  // The stand-in answers this webhook as Slack answers one that was revoked: 404 no_service.
  const revoked = `http://127.0.0.1:${mailboxPort}/services/T1/B1/revoked`;
  const environment = { LOGWATCH_LOG_LEVEL: "error", GONE_WEBHOOK_URL: revoked };
  stack = await startStack(options.value, environment, () => undefined);
}, 30_000);
afterAll(async () => {
  await stack.stop();
  rmSync(folder, { recursive: true });
});

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof bound === "object" && bound ? bound.port : 0;
};

const json = async (path: string): Promise<unknown> => (await fetch(stack.addresses.mailbox + path)).json();
const fail = (fault: object): Promise<Response> =>
  fetch(`${stack.addresses.mailbox}/faults`, { method: "POST", body: JSON.stringify(fault) });

const sendFailure = async (username: string): Promise<void> => {
  const gelf = openGelf({ transport: "http", host: "127.0.0.1", port: stack.addresses.gelf.http });
  const entry = { ...login(username, "192.0.2.7", "invalid_password"), at: Date.now(), service: "auth" };
  await gelf.send(gelfMessages(entry));
  await gelf.close();
};

const until = async <Value>(
  look: () => Promise<Value | undefined>,
  what: string,
  withinMs = 60_000,
): Promise<Value> => {
  const giveUpAt = Date.now() + withinMs;
  while (Date.now() < giveUpAt) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`Not within ${withinMs} ms: ${what}`);
};

const messages = z.array(z.object({ id: z.string(), channel: z.string(), subject: z.string() }));
const owed = z.array(
  z.object({
    channel: z.string(),
    destination: z.string(),
    state: z.string(),
    reason: z.string(),
    title: z.string(),
    attempts: z.number(),
  }),
);
const ledger = z.record(
  z.string(),
  z.array(z.object({ from: z.string(), to: z.string(), state: z.string(), reason: z.string() })),
);

const toldOf = async (user: string) =>
  messages.parse(await json("/messages.json")).filter(({ subject }) => subject.includes(`user=${user}`));
const owedOf = async (user: string) =>
  owed.parse(await json("/notifications")).filter(({ title }) => title.includes(`user=${user}`));

describe("with a part gone", () => {
  test("SES throttles: the mail is retried and told once; Slack hears at once; an address that is gone fails with its reason", async () => {
    await fail({ target: "ses", kind: "throttle", calls: 1 });
    await sendFailure("throttled");
    const waiting = await until(async () => {
      const found = await owedOf("throttled");
      return found.some(({ reason }) => reason.startsWith("throttled")) ? found : undefined;
    }, "a mail that waits");
    expect(waiting.find(({ channel }) => channel === "email")).toMatchObject({ state: "owed", attempts: 1 });
    const ended = await until(async () => {
      const found = await owedOf("throttled");
      return found.length === 3 && found.every(({ state }) => state !== "owed") ? found : undefined;
    }, "all three ended");
    expect(ended.map(({ destination, state }) => [destination, state]).sort()).toEqual([
      ["faults.chat", "sent"],
      ["faults.gone", "failed"],
      ["faults.mail", "sent"],
    ]);
    expect(ended.find(({ state }) => state === "failed")?.reason).toMatch(/^not-found: .*no_service/);
    expect((await toldOf("throttled")).map(({ channel }) => channel).sort()).toEqual(["email", "slack"]);
  }, 90_000);

  test("Graylog answers 503: windows are failed, then asked again and complete, and what happened meanwhile is told", async () => {
    await fail({ target: "graylog", kind: "error", status: 503, seconds: 4 });
    await sendFailure("meanwhile");
    const rangesOf = async () => ledger.parse(await json("/coverage"))["faults.logins"] ?? [];
    const failed = await until(
      async () => (await rangesOf()).find(({ state }) => state === "failed"),
      "failed windows",
    );
    expect(failed.reason).toMatch(/^overloaded: /);
    await until(
      async () => ((await rangesOf()).every(({ state }) => state !== "failed") ? true : undefined),
      "all complete",
      90_000,
    );
    const ranges = await rangesOf();
    for (const [index, range] of ranges.entries()) if (index > 0) expect(range.from).toBe(ranges[index - 1]?.to);
    await until(async () => ((await toldOf("meanwhile")).length === 2 ? true : undefined), "the alert of the outage");
  }, 120_000);

  test("Redis refuses: alerts go out all the same", async () => {
    await fail({ target: "redis", kind: "refuse", seconds: 5 });
    await sendFailure("uncached");
    await until(async () => ((await toldOf("uncached")).length === 2 ? true : undefined), "two messages");
    expect(await json("/dead-letters")).toEqual([]);
  }, 60_000);
});
