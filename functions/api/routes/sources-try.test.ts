// Trying a source takes its time and no more, whatever the other side does.
import { expect, test } from "vitest";
import { ok } from "../../lib/result.ts";
import { graylog } from "../../sources/graylog.ts";
import { toLoopback } from "../../sources/test-fetch.ts";
import { found, send, serve } from "../../sources/test-server.ts";
import { trySource } from "./sources-try.ts";

const patient = (url: string) => ok(graylog.open({ url, token: "t", timeoutMs: 60_000, retries: 0 }, toLoopback));

test("a source that never answers is told as too slow when the time is over, however patient its settings are", async () => {
  const { url } = await serve(() => undefined);
  const tried = await trySource(patient(url), Date.now, 300);
  expect(tried).toMatchObject({ ok: false, kind: "timeout", reason: "There was no answer within 0.3 s." });
  expect(tried.tookMs).toBeLessThan(3000);
});

test("a count that does not come in time takes nothing from a source that answered", async () => {
  const { url } = await serve(
    (_, res) => send(res, 200, { version: "6.1.4", tagline: "x" }),
    (_, res) => send(res, 200, found(3)),
    () => undefined,
  );
  expect(await trySource(patient(url), Date.now, 500)).toMatchObject({
    ok: true,
    version: "6.1.4",
    messagesLastHour: null,
  });
});
