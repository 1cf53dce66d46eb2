// Applies what a local stack watches: its own log store as the default source, and the watch file.
import { readFileSync } from "node:fs";
import { compileWatch } from "../../functions/apply/compile-watch.ts";
import { readWatch, writeProblems } from "../../functions/apply/read-watch.ts";
import { seal } from "../../functions/lib/secret.ts";
import type { Configuration } from "../../functions/storage/configuration.ts";
import type { Storage } from "../../functions/storage/storage.ts";

const localSourceId = "local";

/** The stack's own log store. Its address changes with its port, so it is applied at every start. */
export const applyLocalSource = async (
  storage: Pick<Storage, "configuration">,
  graylog: { url: string; username: string; password: string },
  secretsKey: string,
): Promise<void> => {
  const { url, username, password } = graylog;
  const secret = seal(JSON.stringify({ password }), secretsKey);
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
  },
): Configuration => {
  const read = readWatch(readText(file), options.variables);
  if (!read.ok) throw new Error(writeProblems(file, read.error));
  const compiled = compileWatch(read.value, {
    defaultSourceId: localSourceId,
    now: options.startAt,
    ownerId: "local",
    seal: (plain) => seal(plain, options.secretsKey),
  });
  if (!compiled.ok) throw new Error(writeProblems(file, compiled.error));
  return compiled.value;
};

const readText = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(`The watch file ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
};
