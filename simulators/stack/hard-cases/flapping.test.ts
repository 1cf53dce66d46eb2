// Values that swing around a limit, and single windows that fail or never come: no pairs of alarm and all-clear.
import type { LogEntry } from "@logwatch/events";
import { expect, test } from "vitest";
import { openMemory } from "../../../functions/sources/memory.ts";
import type { OpenSource } from "../../../functions/sources/source.ts";
import type { RuleRecord } from "../../../functions/storage/configuration.ts";
import { login } from "../../services/auth.ts";
import { configuration, job, minute, rule, second, start } from "../test-scenario.ts";
import { booksOf } from "./books.ts";
import { byHand } from "./by-hand.ts";
import { storeOpener } from "./open-stores.ts";

const open = storeOpener();
const everyMs = 10 * second;

/**
 * A story, a sign for each window: `x` above the limit, `.` below, `?` the source fails for good, `!` it fails once and answers
 * when asked again; both hold an attack. What was told by mail.
 */
const told = async (story: string, over: Partial<RuleRecord> = {}) => {
  const clock = { now: start };
  const entries = [...story].flatMap((sign, window): LogEntry[] =>
    Array.from({ length: sign === "." ? 3 : 8 }, (_, index) => ({
      ...login("root", "192.0.2.7", "invalid_password"),
      at: start + window * everyMs + index * second,
      service: "auth",
    })),
  );
  const log = openMemory(entries, () => clock.now);
  const failed = new Set<string>();
  const ask: OpenSource["ask"] = async (question, signal) => {
    const window = (question.window.to - start) / everyMs - 1;
    const sign = story[window] ?? ".";
    const isFirst = !failed.has(`${window}`);
    failed.add(`${window}`);
    return sign === "?" || (sign === "!" && isFirst)
      ? { ok: false, error: { kind: "overloaded", message: "503", retryable: sign === "!" } }
      : log.ask(question, signal);
  };
  const hand = byHand(await open("memory"), { ...log, ask }, clock);
  const params = { measurement: "failed_logins", op: "gt", limit: 5 };
  await hand.storage.configuration.apply("test", {
    ...configuration,
    jobs: [{ ...job("logins", "failed-logins", everyMs, everyMs), delayMs: 15 * second }],
    rules: [rule("logins", "many", { params, destinationIds: ["mail"], ...over })],
  });
  await hand.live(start + Math.ceil((story.length * everyMs) / minute + 1) * minute);
  const { findings, sent, pending, suppressed } = await booksOf(hand.storage);
  const silent = Object.values(suppressed).reduce((sum, count) => sum + count, 0);
  expect(findings).toBe(sent + pending + silent);
  return { statuses: hand.mailbox.map(({ status }) => status), suppressed };
};

test("a value that crosses its limit in every window is told once while it flaps, and its end once it is steady", async () => {
  const { statuses, suppressed } = await told(`${"x.".repeat(12)}${".".repeat(20)}`, {
    flappingChanges: 4,
    flappingMs: 2 * minute,
  });
  expect(statuses.filter((status) => status === "firing").length).toBeLessThanOrEqual(2);
  expect(statuses.filter((status) => status === "resolved").length).toBe(statuses.length / 2);
  expect(statuses.at(-1)).toBe("resolved");
  expect(suppressed.flapping).toBeGreaterThan(15);
});

test("without flapping limits the same story tells every turn: the limits are what keeps it quiet", async () => {
  const { statuses } = await told(`${"x.".repeat(12)}......`);
  expect(statuses).toHaveLength(24);
});

test.each([
  ["fails for good", "xxxxx?xxxxx...."],
  ["fails and is answered when asked again", "xxxxx!xxxxx...."],
  ["fails twice, a window apart", "xxxx?x?xxxx...."],
])("one window that %s, in an alert: no all-clear and no second alarm", async (_name, story) => {
  expect((await told(story)).statuses).toEqual(["firing", "resolved"]);
});

test("one window that fails for good in quiet times tells nobody anything", async () => {
  expect((await told(".....?.....")).statuses).toEqual([]);
});

test("an attack in the one window that failed is told once the window is answered", async () => {
  expect((await told(".....!.....")).statuses).toEqual(["firing", "resolved"]);
});

test("slots that nobody asked for are time without evidence: no all-clear and no second alarm", async () => {
  const clock = { now: start };
  const entries = Array.from({ length: 400 }, (_, index) => ({
    ...login("root", "192.0.2.7", "invalid_password"),
    at: start + index * second,
    service: "auth",
  }));
  const hand = byHand(await open("memory"), openMemory(entries), clock);
  const params = { measurement: "failed_logins", op: "gt", limit: 5 };
  await hand.storage.configuration.apply("test", {
    ...configuration,
    jobs: [job("logins", "failed-logins", everyMs, everyMs)],
    rules: [rule("logins", "many", { params, destinationIds: ["mail"] })],
  });
  await hand.live(start + 2 * minute);
  // The results of half a minute are lost on the way.
  const results = hand.published["logwatch.analysis.finished"];
  await hand.tick();
  await hand.pass("analyze");
  results.splice(-3, 3);
  await hand.passAll();
  await hand.live(start + 5 * minute);
  expect(hand.mailbox.map(({ status }) => status)).toEqual(["firing"]);
});
