// README's "Use it from a script", run line by line against a stack of its own: every call succeeds, and the story comes true.
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { readOptions } from "./options.ts";
import { type Stack, startStack } from "./stack/start-stack.ts";

const readme = readFileSync(resolve(import.meta.dirname, "../README.md"), "utf8");
const [, section = ""] = /## Use it from a script\n([\s\S]*?)\n## /.exec(readme) ?? [];
const [, script = ""] = /```sh\n([\s\S]*?)```/.exec(section) ?? [];

const folder = mkdtempSync(join(tmpdir(), "logwatch-readme-"));
let stack: Stack | undefined;
afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** `--json` and `--fail-with-body` are of curl 7.82. */
const hasCurl = spawnSync("curl", ["--json", "{}", "file:///dev/null"]).error === undefined;

test.skipIf(!hasCurl)(
  "a user with nothing but curl gets from an account to an alert's messages",
  { timeout: 120_000 },
  async () => {
    const ports = ["--port", "--graylog-port", "--gelf-port", "--mailbox-port"].flatMap((flag) => [flag, "0"]);
    const options = readOptions([...ports, "--data", join(folder, "data")], {});
    if (!options.ok || options.value === "help") throw new Error("The options are not right.");
    stack = await startStack(options.value, {}, () => undefined);
    const { dashboard, mailbox, graylog } = stack.addresses;
    const here = script
      .replaceAll("http://127.0.0.1:3000", dashboard)
      .replaceAll("http://127.0.0.1:8025", mailbox)
      .replaceAll("http://127.0.0.1:9000", graylog.url);
    const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", here], {
      cwd: folder,
      maxBuffer: 50_000_000,
    });
    expect(stdout).toContain('"email":"user001@example.com"');
    expect(stdout).toContain('"product":"Graylog"');
    expect(stdout).toMatch(/"analysis":"failed-logins".*"state":"finished"/);
    expect(stdout).toMatch(/params\.limit 15 → 25".*"applied":false.*params\.limit 15 → 25".*"applied":true/s);
    const file = readFileSync(join(folder, "mine.yaml"), "utf8");
    expect(file).toMatch(/name: failed logins/);
    expect(file).not.toContain("password: logwatch");
  },
);
