// `npm start` as a real process: its one line, its end, `kill -9` and a new start, and what it says when it cannot start.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, expect, test } from "vitest";
import * as z from "zod";

const root = resolve(import.meta.dirname, "..");
const closing: (() => unknown)[] = [];
afterEach(async () => {
  while (closing.length > 0) await closing.pop()?.();
});

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), "logwatch-run-"));
  closing.push(() => rmSync(path, { recursive: true }));
  return path;
};

const addresses = z.strictObject({
  ready: z.literal(true),
  dashboard: z.url(),
  api: z.url(),
  graylog: z.strictObject({ url: z.url(), username: z.string(), password: z.string() }),
  gelf: z.strictObject({ http: z.int(), udp: z.int(), tcp: z.int() }),
  mailbox: z.url(),
});

type Started = {
  child: ChildProcess;
  output: { stdout: string; stderr: string };
  ended: Promise<number | null>;
};

const start = (...flags: string[]): Started => {
  const child = spawn(process.execPath, ["--import", "tsx", "simulators/run.ts", ...flags], { cwd: root });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => {
    output.stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    output.stderr += chunk;
  });
  const ended = new Promise<number | null>((done) => child.once("exit", done));
  closing.push(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return { child, output, ended };
};

const freePorts = ["--port", "0", "--graylog-port", "0", "--gelf-port", "0", "--mailbox-port", "0"];

const until = async <Value>(
  look: () => Promise<Value | undefined> | Value | undefined,
  what: string,
): Promise<Value> => {
  for (let tries = 0; tries < 600; tries += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`Not within 30 s: ${what}`);
};

const ready = async ({ output, ended }: Started) => {
  let code: number | null | undefined;
  ended.then((exit) => {
    code = exit;
  });
  const line = await until(() => {
    if (code !== undefined) throw new Error(`It ended with ${code}: ${output.stderr}`);
    return output.stdout.includes("\n") ? output.stdout : undefined;
  }, "the line of addresses");
  return addresses.parse(JSON.parse(line));
};

const json = async (url: string): Promise<unknown> => (await fetch(url)).json();

const watchFile = (): string => {
  const file = join(folder(), "watch.yaml");
  writeFileSync(
    file,
    `name: crash
services: [{ name: auth, filter: "service:auth" }]
destinations:
  - { name: mail, channel: email, address: { to: [oncall@example.com] } }
  - { name: chat, channel: slack, address: { url: "\${SLACK_WEBHOOK_URL}" } }
jobs:
  - name: logins
    service: auth
    analysis: failed-logins
    every: 1s
    delay: 0s
    rules:
      - { name: any failure, kind: threshold, params: { measurement: failed_logins_by_user, op: ge, limit: 1 }, destinations: [mail, chat] }
`,
  );
  return file;
};

const failure = (user: string) => ({
  version: "1.1",
  host: "auth-1.example.com",
  short_message: `Failed login for ${user}`,
  _service: "auth",
  _event_type: "authentication_attempt",
  _status: "failure",
  _username: user,
});

const sendFailure = async (port: number, user: string): Promise<void> => {
  const answer = await fetch(`http://127.0.0.1:${port}/gelf`, { method: "POST", body: JSON.stringify(failure(user)) });
  expect(answer.status).toBe(202);
};

const messages = z.array(z.looseObject({ channel: z.string(), subject: z.string(), notificationId: z.string() }));
const notifications = z.array(z.looseObject({ id: z.string(), state: z.string(), title: z.string() }));
const coverage = z.record(z.string(), z.array(z.looseObject({ from: z.string(), to: z.string(), state: z.string() })));

test("one line tells every address, logs become messages, and Ctrl-C ends it cleanly", async () => {
  const started = start(...freePorts, "--json", "--no-simulators", "--data", folder(), "--watch", watchFile());
  const { gelf, mailbox, dashboard, graylog } = await ready(started);
  await sendFailure(gelf.http, "root");
  const told = await until(async () => {
    const found = messages.parse(await json(`${mailbox}/messages.json`));
    return found.length >= 2 ? found : undefined;
  }, "an e-mail and a Slack message");
  expect(told.map(({ channel }) => channel).sort()).toEqual(expect.arrayContaining(["email", "slack"]));
  expect(told[0]?.subject).toContain("user=root");
  expect(await json(`${dashboard}/notifications`)).toEqual(await json(`${mailbox}/notifications`));
  const authorization = `Basic ${btoa(`${graylog.username}:${graylog.password}`)}`;
  expect((await fetch(`${graylog.url}/api/system`, { headers: { authorization } })).status).toBe(200);
  const begun = performance.now();
  started.child.kill("SIGINT");
  expect(await started.ended).toBe(0);
  expect(performance.now() - begun).toBeLessThan(3000);
  expect(started.output.stdout.trim().split("\n")).toHaveLength(1);
}, 60_000);

test("killed with SIGKILL and started again: no slot lost or doubled, no message lost, doubles carry the same id", async () => {
  const data = folder();
  const watch = watchFile();
  const flags = [...freePorts, "--json", "--no-simulators", "--data", data, "--watch", watch];
  for (const user of ["user001", "user002", "user003"]) {
    const started = start(...flags);
    const { gelf } = await ready(started);
    await sendFailure(gelf.http, user);
    // Somewhere between asking, judging, sending and noting it.
    await new Promise((done) => setTimeout(done, Number(user.at(-1)) * 400));
    started.child.kill("SIGKILL");
    await started.ended;
  }
  const last = start(...flags);
  const { mailbox } = await ready(last);
  const told = await until(async () => {
    const found = messages.parse(await json(`${mailbox}/messages.json`));
    const isTold = (user: string) =>
      ["email", "slack"].every((channel) => found.some((one) => one.channel === channel && one.subject.includes(user)));
    return ["user001", "user002", "user003"].every(isTold) ? found : undefined;
  }, "all six messages");
  const owed = notifications.parse(await json(`${mailbox}/notifications`));
  // A double is the same notification again: as many ids as were owed, and none that was not.
  const ids = new Set(told.map(({ notificationId }) => notificationId));
  for (const id of ids) expect(owed.map((one) => one.id)).toContain(id);
  const ledger = coverage.parse(await json(`${mailbox}/coverage`));
  const ranges = ledger["crash.logins"] ?? [];
  expect(ranges.length).toBeGreaterThan(0);
  ranges.forEach((range, index) => {
    expect(["complete", "revised"]).toContain(range.state);
    if (index > 0) expect(range.from).toBe(ranges[index - 1]?.to);
  });
}, 90_000);

test("a port that was asked for and is taken: one clear sentence and a non-zero end", async () => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  closing.push(() => server.close());
  const bound = server.address();
  const port = typeof bound === "object" && bound ? String(bound.port) : "";
  const started = start(...freePorts.slice(0, 6), "--mailbox-port", port, "--data", folder());
  expect(await started.ended).toBe(1);
  expect(started.output.stderr.trim()).toBe(
    `Port ${port} is taken, so the mailbox cannot listen there. Choose another with --mailbox-port, or 0 for any free one.`,
  );
}, 30_000);

test("a watch file with mistakes: each with line, column, path and rule, and nothing starts", async () => {
  const file = join(folder(), "wrong.yaml");
  writeFileSync(file, "name: wrong\nservices:\n  - name: auth\n    filter: 'service:('\n    color: red\n");
  const started = start(...freePorts, "--data", folder(), "--watch", file);
  expect(await started.ended).toBe(1);
  expect(started.output.stderr).toMatch(/wrong\.yaml:5:\d+: services\.0\.color/);
  expect(started.output.stdout).toBe("");
}, 30_000);

test("a wrong flag or variable is named with its rule", async () => {
  const started = start("--gelf-port", "many");
  expect(await started.ended).toBe(1);
  expect(started.output.stderr).toContain("--gelf-port: must be a port number");
}, 30_000);
