// The folder that keeps a local stack's data: one stack at a time, and its own key to seal secrets with.
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

export type DataFolder = { path: (name: string) => string; secretsKey: string; release: () => void };

/** Only these are removed by `fresh`: a wrong `--data` must not cost anybody a folder. */
const ours = ["aurora.db", "kafka.db", "mailbox.db", "graylog", "truth.jsonl", "secrets.key"];

/** @throws one clear sentence when the folder is in use or cannot be written. */
export const openDataFolder = (folder: string, fresh: boolean): DataFolder => {
  const root = resolve(folder);
  const path = (name: string) => join(root, name);
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const lock = path("lock");
  const holder = existsSync(lock) ? Number(readFileSync(lock, "utf8")) : 0;
  if (holder !== process.pid && isAlive(holder)) {
    throw new Error(
      `Another LogWatch (process ${holder}) uses ${root}. Stop it, or choose another folder with --data.`,
    );
  }
  writeFileSync(lock, String(process.pid));
  if (fresh)
    for (const name of ours)
      for (const suffix of ["", "-wal", "-shm"]) rmSync(path(name) + suffix, { force: true, recursive: true });
  const keyFile = path("secrets.key");
  if (!existsSync(keyFile)) writeFileSync(keyFile, randomBytes(32).toString("base64"), { mode: 0o600 });
  return { path, secretsKey: readFileSync(keyFile, "utf8").trim(), release: () => rmSync(lock, { force: true }) };
};

const isAlive = (pid: number): boolean => {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, under another user.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
};
