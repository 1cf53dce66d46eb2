// For tests of lives that end at any await: a folder for each world, and stores that outlive whatever dies over them.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { openMemoryStorage } from "../../functions/storage/open-storage.ts";
import type { Storage } from "../../functions/storage/storage.ts";
import { mortal } from "./mortal.ts";
import { memoryStores, type OpenStorage, sqlStores } from "./simulated-stack.ts";

/** `open` for a life; `use` for the test itself, which does not die. */
export type LastingStores = {
  open: OpenStorage;
  use: <Value>(work: (storage: Storage) => Promise<Value>) => Promise<Value>;
};

/** A new folder at each call; all are gone after the file's last test. */
export const worldFolders = (name: string): (() => string) => {
  const root = mkdtempSync(join(tmpdir(), `logwatch-${name}-`));
  afterAll(() => rmSync(root, { recursive: true }));
  let worlds = 0;
  return () => {
    worlds += 1;
    const path = join(root, String(worlds));
    mkdirSync(path);
    return path;
  };
};

export const lastingMemory = (): LastingStores => {
  const storage = openMemoryStorage();
  return { open: memoryStores(storage), use: (work) => work(storage) };
};

/** The database is a file in this folder. */
export const lastingSql = (folder: string): LastingStores => {
  const open = sqlStores(join(folder, "aurora.db"));
  return {
    open,
    use: async (work) => {
      const { storage, close } = await open(mortal(Number.POSITIVE_INFINITY));
      try {
        return await work(storage);
      } finally {
        await close();
      }
    },
  };
};
