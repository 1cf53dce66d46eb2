// Applies what a local stack watches: its own log store as the default source, and the watch file.
import { readFileSync } from "node:fs";
import { compileWatch } from "../../functions/apply/compile-watch.ts";
import { readWatch, writeProblems } from "../../functions/apply/read-watch.ts";
import { open, seal } from "../../functions/lib/secret.ts";
import type { Configuration } from "../../functions/storage/configuration.ts";
import type { Storage } from "../../functions/storage/storage.ts";

const localSourceId = "local";
/** Owns what the watch file declares. */
export const watchOwnerId = "watch";

/** The stack's own log store. Its address changes with its port, so it is applied at every start. */
export const applyLocalSource = async (
  storage: Pick<Storage, "configuration">,
  graylog: { url: string; username: string; password: string },
  secretsKey: string,
): Promise<void> => {
  const { url, username, password } = graylog;
  const plain = JSON.stringify({ password });
  const before = await storage.configuration.source(localSourceId);
  // Sealed anew it would be another text, and so a change.
  const isSame = before !== undefined && openOrNothing(secretsKey)(before.secret) === plain;
  const secret = isSame ? before.secret : seal(plain, secretsKey);
  const source = { id: localSourceId, name: "local Graylog", kind: "graylog", params: { url, username }, secret };
  await storage.configuration.apply("local", {
    sources: [source],
    services: [],
    jobs: [],
    rules: [],
    destinations: [],
  });
};

/** @throws with every problem's line, column, path and rule; then nothing was applied. */
export const compileWatchFile = (
  file: string,
  options: {
    secretsKey: string;
    /** New jobs start with the slot that holds this moment, epoch ms. */
    startAt: number;
    variables: Readonly<Record<string, string | undefined>>;
    /** What was applied before: what did not change since keeps its version. */
    stored?: Pick<Configuration, "sources" | "destinations">;
  },
): Configuration => {
  const read = readWatch(readText(file), options.variables);
  if (!read.ok) throw new Error(writeProblems(file, read.error));
  const compiled = compileWatch(read.value, {
    defaultSourceId: localSourceId,
    now: options.startAt,
    ownerId: watchOwnerId,
    seal: (plain) => seal(plain, options.secretsKey),
    ...(options.stored ? { stored: { ...options.stored, open: openOrNothing(options.secretsKey) } } : {}),
  });
  if (!compiled.ok) throw new Error(writeProblems(file, compiled.error));
  return compiled.value;
};

/** A secret that was sealed under a key that is gone is as good as none: the file and the stack give it again. */
const openOrNothing =
  (secretsKey: string) =>
  (sealed: string): string => {
    try {
      return open(sealed, secretsKey);
    } catch {
      return "{}";
    }
  };

const readText = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(`The watch file ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
};
