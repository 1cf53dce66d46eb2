// The data folder and the ports of a local stack: one stack a folder, nothing foreign removed, a taken port told.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { openDataFolder } from "./data-folder.ts";
import { choosePort } from "./ports.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  while (closing.length > 0) await closing.pop()?.();
});

const folder = () => {
  const path = mkdtempSync(join(tmpdir(), "logwatch-"));
  closing.push(() => rmSync(path, { recursive: true }));
  return path;
};

test("the key is made once, is its owner's alone, and stays through a restart", () => {
  const root = folder();
  const first = openDataFolder(root, false);
  first.release();
  const second = openDataFolder(root, false);
  second.release();
  expect(second.secretsKey).toBe(first.secretsKey);
  expect(Buffer.from(first.secretsKey, "base64")).toHaveLength(32);
  expect(statSync(join(root, "secrets.key")).mode & 0o077).toBe(0);
});

test("fresh forgets what is ours and leaves what is not", () => {
  const root = folder();
  writeFileSync(join(root, "aurora.db"), "old");
  writeFileSync(join(root, "aurora.db-wal"), "old");
  writeFileSync(join(root, "thesis.txt"), "mine");
  openDataFolder(root, true).release();
  expect([existsSync(join(root, "aurora.db")), existsSync(join(root, "aurora.db-wal"))]).toEqual([false, false]);
  expect(existsSync(join(root, "thesis.txt"))).toBe(true);
});

test("a folder that a living stack uses is refused with its process; a dead one's is taken", async () => {
  const root = folder();
  const other = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60_000)"]);
  const ended = new Promise((resolve) => other.once("exit", resolve));
  closing.push(() => other.kill("SIGKILL"));
  writeFileSync(join(root, "lock"), String(other.pid));
  expect(() => openDataFolder(root, false)).toThrow(`process ${other.pid}`);
  other.kill("SIGKILL");
  await ended;
  openDataFolder(root, false).release();
});

test("a folder that cannot be written says so in one sentence", () => {
  const file = join(folder(), "file");
  writeFileSync(file, "");
  expect(() => openDataFolder(join(file, "data"), false)).toThrow(/ENOTDIR|EEXIST/);
});

const mailbox = { flag: "mailbox-port", what: "the mailbox" };

const occupy = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  const bound = server.address();
  return typeof bound === "object" && bound ? bound.port : 0;
};

test("a default port that is taken moves to the next free one, said aloud; a wish that is taken is refused", async () => {
  const taken = await occupy();
  const said: string[] = [];
  const port = await choosePort(mailbox, taken, false, new Set(), (text) => void said.push(text));
  expect(port).toBeGreaterThan(taken);
  expect(said).toEqual([`Port ${taken} is taken; the mailbox listens on ${port} instead.`]);
  const wish = choosePort(mailbox, taken, true, new Set(), () => undefined);
  await expect(wish).rejects.toThrow(`Port ${taken} is taken`);
});

test("0 leaves the choice to the server; a port given to another part of the stack is not given twice", async () => {
  expect(await choosePort(mailbox, 0, true, new Set(), () => undefined)).toBe(0);
  const free = (await occupy()) + 1;
  expect(await choosePort(mailbox, free, false, new Set([free]), () => undefined)).not.toBe(free);
});
