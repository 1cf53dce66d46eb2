// What a stack applies at every start: the same file again changes nothing, whatever its secrets are sealed to.
import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { openMemoryStorage } from "../../functions/storage/open-storage.ts";
import { applyLocalSource, compileWatchFile, watchOwnerId } from "./apply-watch.ts";

const key = () => randomBytes(32).toString("base64");
const hook = (last: string) => ({ SLACK_WEBHOOK_URL: `https://hooks.slack.com/services/T/B/${last}` });

const start = async (
  storage: ReturnType<typeof openMemoryStorage>,
  secretsKey: string,
  variables: Record<string, string>,
  startAt: number,
) => {
  const graylog = { url: "http://127.0.0.1:9000", username: "admin", password: "admin" };
  await applyLocalSource(storage, graylog, secretsKey);
  const stored = await storage.configuration.read(watchOwnerId);
  const watched = compileWatchFile("examples/demo.yaml", { secretsKey, startAt, variables, stored });
  await storage.configuration.apply(watchOwnerId, watched);
  const versions: Record<string, number> = {};
  for (const kind of ["sources", "services", "jobs", "rules", "destinations"] as const)
    for (const { item, version } of await storage.configuration.list(kind, { limit: 1000 }))
      if (version > 1) versions[`${kind} ${item.id}`] = version;
  return versions;
};

test("a stack that starts again with the same file leaves every version as it was; a new secret is a change", async () => {
  const storage = openMemoryStorage();
  const secretsKey = key();
  expect(await start(storage, secretsKey, hook("one"), 1000)).toEqual({});
  expect(await start(storage, secretsKey, hook("one"), 900_000)).toEqual({});
  expect(await start(storage, secretsKey, hook("two"), 900_000)).toEqual({ "destinations demo.on-call-chat": 2 });
});

test("a stack whose key for secrets is another one starts all the same and seals them anew", async () => {
  const storage = openMemoryStorage();
  await start(storage, key(), hook("one"), 1000);
  expect(await start(storage, key(), hook("one"), 1000)).toEqual({
    "sources local": 2,
    "destinations demo.on-call-chat": 2,
  });
});
