// Replay as people call it: the real program, a small GELF receiver, and what arrives there.
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const sample = join(root, "examples/sshd-sample.log");
const call = promisify(execFile);

let received: Record<string, unknown>[] = [];
const server = createServer(async (req, res) => {
  let body = "";
  for await (const part of req) body += part;
  received.push(JSON.parse(body));
  res.writeHead(202).end();
});
let port = 0;
beforeAll(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  port = typeof address === "object" && address !== null ? address.port : 0;
});
afterAll(() => server.close());
beforeEach(() => {
  received = [];
});

const replay = (...args: string[]) =>
  call(process.execPath, ["--import", "tsx", "simulators/replay.ts", "--gelf-port", String(port), ...args], {
    cwd: root,
  });

const times = () => received.map((message) => Number(message.timestamp)).sort((left, right) => left - right);

it("sends every line with the fields that were read, in its own time", async () => {
  const { stdout } = await replay(sample, "--year", "2026");
  // 250 lines; what `message repeated` and `2 more authentication failures` say of several attempts is as many messages.
  expect(stdout).toMatch(/^250 lines read, \d+ messages sent/);
  expect(stdout).toContain("sshd: 249");
  const failed = received.filter((one) => one._event_category === "authentication" && one._event_outcome === "failure");
  expect(failed.length).toBe(77);
  expect(failed.filter((one) => one._source_address === "203.0.113.7").length).toBe(54);
  expect(times()[0]).toBe(Date.UTC(2026, 6, 1, 9, 0, 1) / 1000);
});

it("moves the log so that its last line is now", async () => {
  const begun = Date.now() / 1000;
  await replay(sample, "--year", "2026", "--speed", "shift");
  const last = times().at(-1) ?? 0;
  expect(last).toBeGreaterThanOrEqual(begun - 1);
  expect(last).toBeLessThanOrEqual(Date.now() / 1000);
});

it("plays the log from now, so many times as fast", async () => {
  const begun = Date.now() / 1000;
  await replay(sample, "--year", "2026", "--speed", "10000");
  const [first = 0, last = 0] = [times()[0], times().at(-1)];
  expect(first).toBeGreaterThanOrEqual(begun);
  // Two hours in less than a second.
  expect(last - first).toBeGreaterThan(0.5);
  expect(last - first).toBeLessThan(1);
});

it.each([
  ["FILE: is needed", []],
  ["There is no file", [join(root, "none.log")]],
  ["is a folder", [root]],
  ["--speed: must be own, shift or a number above 0", [sample, "--speed", "fast"]],
  ["no line could be read", [join(root, "LICENSE")]],
])("says what is wrong: %s", async (words, args) => {
  await expect(replay(...args)).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining(words) });
});
