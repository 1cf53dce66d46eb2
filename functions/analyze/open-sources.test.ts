// Opening sources: what is kept, what is looked for again, and what a source that cannot be opened becomes.
import type { Failure } from "@logwatch/events";
import { expect, test } from "vitest";
import { guardedFetch } from "../lib/egress.ts";
import { sourcePolicy } from "../lib/egress-policy.ts";
import type { Answer } from "../lib/question.ts";
import { registry } from "../lib/registry.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import { open as openSecret, seal } from "../lib/secret.ts";
import * as sourcePlugins from "../sources/index.ts";
import type { SourceRecord } from "../storage/configuration.ts";
import { openSources } from "./open-sources.ts";

const outside = { fetch: guardedFetch(sourcePolicy([])) };
const keyOf = (fill: number) => Buffer.alloc(32, fill).toString("base64");
const token = "XXtokenXX";
const secretOf = (key: string, text = JSON.stringify({ token })) => seal(text, key);
const graylog = (secret: string): SourceRecord => ({
  id: "s",
  name: "central",
  kind: "graylog",
  params: { url: "https://graylog.example.com" },
  secret,
});

/** A store whose one record can be changed, and how often it was read. */
const openOver = (record: SourceRecord | undefined) => {
  const world = { record, now: 0, reads: 0 };
  const source = async () => {
    world.reads += 1;
    return world.record;
  };
  const unseal = (sealed: string) => openSecret(sealed, keyOf(1));
  const open = openSources({ source }, registry("source", sourcePlugins), unseal, () => world.now, outside);
  return { world, open: () => open("s") };
};

test.each([
  ["sealed under another key", secretOf(keyOf(2))],
  ["changed", `${secretOf(keyOf(1)).slice(0, -4)}AAAA`],
  ["never sealed", JSON.stringify({ token })],
  ["not JSON inside", secretOf(keyOf(1), `{"token":"${token}`)],
])("a secret that was %s is a refusal in words, without the secret", async (_what, secret) => {
  const opened = await openOver(graylog(secret)).open();
  expect(opened).toMatchObject({ ok: false, error: { kind: "refused", retryable: true } });
  expect(JSON.stringify(opened)).toContain('The secret of source \\"central\\" does not open');
  expect(JSON.stringify(opened)).not.toContain(token);
});

test("a secret that was set again opens at the next question", async () => {
  const { world, open } = openOver(graylog(secretOf(keyOf(2))));
  expect((await open()).ok).toBe(false);
  world.record = graylog(secretOf(keyOf(1)));
  expect((await open()).ok).toBe(true);
});

test("an open source is kept for a minute, then its settings are read again", async () => {
  const { world, open } = openOver(graylog(secretOf(keyOf(1))));
  const first = await open();
  world.now = 59_999;
  expect(await open()).toBe(first);
  world.now = 60_000;
  expect(await open()).not.toBe(first);
  expect(world.reads).toBe(2);
});

/** A source that answers each question with the first of these. */
const openAnswering = (answers: Result<Answer, Failure>[]) => {
  const memory = Object.values(sourcePlugins).find(({ id }) => id === "memory");
  if (!memory) throw new Error("There is no memory source.");
  const world = { reads: 0 };
  const kind = { ...memory, open: () => ({ ...memory.open({ entries: [] }, outside), ask: async () => next() }) };
  const next = () => {
    const [answer = fail(failureOf("timeout"))] = answers.splice(0, 1);
    return answer;
  };
  const source = async (): Promise<SourceRecord> => {
    world.reads += 1;
    return { id: "s", name: "central", kind: "memory", params: { entries: [] }, secret: "" };
  };
  const open = openSources(
    { source },
    registry("source", { kind }),
    (sealed) => sealed,
    () => 0,
    outside,
  );
  const ask = async () => {
    const opened = await open("s");
    if (!opened.ok) throw new Error(opened.error.message);
    return opened.value.ask({ filters: [], window: { from: 0, to: 1 }, parts: {} }, AbortSignal.timeout(1000));
  };
  return { world, ask };
};
const failureOf = (kind: Failure["kind"]): Failure => ({ kind, message: "…", retryable: true });
const answered = ok<Answer>({ parts: {}, truncated: false });

test.each([
  ["refused", 2],
  ["unreachable", 2],
  ["timeout", 1],
  ["overloaded", 1],
] as const)(
  "after a question that was %s the settings were read %i time(s): what is put right works at once",
  async (kind, reads) => {
    const { world, ask } = openAnswering([fail(failureOf(kind)), answered, answered]);
    expect(await ask()).toMatchObject({ ok: false, error: { kind } });
    expect(await ask()).toEqual(answered);
    expect(await ask()).toEqual(answered);
    expect(world.reads).toBe(reads);
  },
);

test("settings that do not fit, and a source that is gone, are failures that name it", async () => {
  const wrong = { ...graylog(secretOf(keyOf(1))), params: { url: "no address" } };
  expect(await openOver(wrong).open()).toMatchObject({
    ok: false,
    error: { message: expect.stringContaining("central") },
  });
  expect(await openOver(undefined).open()).toMatchObject({
    ok: false,
    error: { message: expect.stringContaining('"s"') },
  });
});
