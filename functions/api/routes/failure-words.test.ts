// Where the logs of a service lie is told to the owner of its source alone, also when asking them failed.
import { afterAll, expect, test } from "vitest";
import { createApiOpener, type Identity, start } from "../../../simulators/stack/test-api.ts";
import { openPipeline, watchAuth } from "../../../simulators/stack/test-pipeline.ts";
import { memoryLog } from "../../sources/memory-log.ts";
import { span } from "../../storage/suite-samples.ts";

const opener = createApiOpener();
afterAll(opener.closeAll);

const host = "graylog.internal.example.com";
const message = `${host} is overloaded (HTTP 503).`;

const openWorld = async () => {
  const api = await opener.open();
  const [owner, editor] = [await api.user("owner"), await api.user("editor")];
  await watchAuth(api, owner);
  const { configuration, coverage, members } = api.storage;
  await members.put("auth", editor.user.id, "editor", start);
  const source = { id: "source", name: "our store", kind: "graylog", params: { url: `https://${host}:9000` } };
  await configuration.put("sources", owner.user.id, { ...source, secret: "" }, 1, start);
  const failed = { state: "failed" as const, reason: `overloaded: ${message}` };
  await coverage.record([span("logins", start - 3_600_000, start - 1_800_000, failed)]);
  const pipeline = openPipeline(api, memoryLog([]));
  pipeline.state.failure = { kind: "overloaded", message, retryable: true };
  return { api, owner, editor, pipeline };
};

test("a run that failed and a gap of coverage name the host to the source's owner, and not to other members", async () => {
  const { api, owner, editor, pipeline } = await openWorld();
  const answers = async (as: Identity) => {
    const body = { analysis: "log-search", last: "1m", wait: "20s" };
    const run = await pipeline.during(api.call("POST", "/services/auth/runs", { as, body }));
    const paths = [`/runs/${run.body.id}`, "/runs", "/jobs/logins/coverage"];
    const read = await Promise.all(paths.map((path) => api.call("GET", path, { as })));
    return [run, ...read].map(({ status, text }) => ({ status, text }));
  };
  for (const { status, text } of await answers(owner)) {
    expect(status).toBe(200);
    expect(text).toContain(message);
  }
  for (const { status, text } of await answers(editor)) {
    expect(status).toBe(200);
    expect(text).toContain("the source is overloaded (HTTP 503).");
    expect(text).not.toContain("internal.example.com");
  }
});
