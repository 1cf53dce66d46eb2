// Replay as people call it: the real program, a small GELF receiver, and what arrives there.
import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

import { graylog } from "../functions/sources/graylog.ts";
import { toLoopback } from "../functions/sources/test-fetch.ts";
import { backtestFile } from "./backtest/backtest-file.ts";
import { createFaults } from "./cloud/faults.ts";
import { startGraylog } from "./cloud/graylog/graylog.ts";

const root = join(import.meta.dirname, "..");
const sample = join(root, "examples/sshd-sample.log");
const reference = join(root, "../shared/data");
const published = join(reference, "loghub20full/Linux/Linux_full.log");
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

/** Replays a log into the log store stand-in and runs the same watch file over the log itself and over the store. */
const countsOf = async (file: string, year: number) => {
  const faults = createFaults();
  const account = { username: "admin", password: "logwatch" };
  const store = await startGraylog({ port: 0, gelfPort: 0, dataDir: ":memory:", ...account, faults });
  try {
    const { stdout } = await replay(file, "--year", String(year), "--gelf-port", String(store.gelf.http));
    const sent = Number(/(\d+) messages sent/.exec(stdout)?.[1]);
    while (store.count() < sent) await new Promise((resolve) => setTimeout(resolve, 20));
    const { ask } = graylog.open({ url: store.url, ...account }, toLoopback);
    const watch = join(root, "examples/sshd.yaml");
    const options = { file, watch, year, variables: { LOGWATCH_EVERY: "6h" } };
    const [direct, stored] = [await backtestFile(options), await backtestFile({ ...options, ask })];
    return { direct: direct.report, stored: stored.report };
  } finally {
    await store.close();
  }
};

it("gives, through GELF and the Graylog source, what the log itself gives", async () => {
  const { direct, stored } = await countsOf(sample, 2026);
  expect(stored).toEqual(direct);
  expect(stored.totals.find(({ name }) => name === "failed_logins")?.value).toBe(77);
}, 60_000);

it.skipIf(!existsSync(published))(
  "gives 2,885 failures of a published log of 23,921 lines, by address and user as counted by hand",
  async () => {
    const { direct, stored } = await countsOf(published, 2005);
    expect(stored).toEqual(direct);
    const by = (name: string) => stored.totals.filter((total) => total.name === name);
    expect(by("failed_logins").map(({ value }) => value)).toEqual([2885]);
    const addresses = Object.fromEntries(
      by("failed_logins_by_address").map(({ labels, value }) => [labels.address, value]),
    );
    const users = Object.fromEntries(by("failed_logins_by_user").map(({ labels, value }) => [labels.user, value]));
    const truth = JSON.parse(readFileSync(join(reference, "detections/truth/linux_full_failed_logins.json"), "utf8"));
    expect([addresses, users]).toEqual([truth.by_rhost, truth.by_user]);
  },
  120_000,
);

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
