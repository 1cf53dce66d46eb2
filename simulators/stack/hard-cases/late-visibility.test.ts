// Logs that a search finds only some time after the store received them (an index that is refreshed now and then): whatever was
// not there when its window was read is found by a later look, and counted once.
import type { LogEntry } from "@logwatch/events";
import { expect, test } from "vitest";
import { openMemory } from "../../../functions/sources/memory.ts";
import { memoryLog } from "../../../functions/sources/memory-log.ts";
import { login } from "../../services/auth.ts";
import { configuration, job, minute, rule, second, start } from "../test-scenario.ts";
import { booksOf, ledgerOf, valuesOf } from "./books.ts";
import { byHand } from "./by-hand.ts";
import { storeOpener } from "./open-stores.ts";

const open = storeOpener();
const end = start + 5 * minute;

type Late = { from: number; to: number; byMs: number };

/** A failed sign-in every second until then; of these seconds of each minute it is received that much later than it happened. */
const log = (late: Late, until: number) => {
  const store = memoryLog();
  for (let at = start; at < until; at += second) {
    const entry: LogEntry = { ...login("root", "192.0.2.7", "invalid_password"), at, service: "auth" };
    const ofMinute = ((at - start) / second) % 60;
    store.add([entry], at + (ofMinute >= late.from && ofMinute < late.to ? late.byMs : 100));
  }
  return store;
};

/** Five minutes of it, and one more for what comes late. How many failures each window of the job has in the end. */
const failuresIn = async (delayMs: number, everyMs: number, searchLagMs: number, late: Late, until = end) => {
  const clock = { now: start };
  const hand = byHand(
    await open("memory"),
    openMemory(log(late, until), () => clock.now - searchLagMs),
    clock,
    undefined,
    searchLagMs,
  );
  const params = { measurement: "failed_logins", op: "ge", limit: 2 };
  await hand.storage.configuration.apply("test", {
    ...configuration,
    jobs: [{ ...job("logins", "failed-logins", everyMs, everyMs), delayMs }],
    rules: [rule("logins", "any", { params, tellResolved: false })],
  });
  await hand.live(end + 2 * minute);
  return { hand, failures: await valuesOf(hand.storage, "logins", "failed_logins") };
};

test.each([
  ["every 10 s, 30 s behind, found 8 s after receipt", 30_000, 10_000, 8_000],
  ["every second, 10 s behind, found 4 s after receipt", 10_000, 1_000, 4_000],
  ["every 5 s, 2 s behind, found 1.5 s after receipt", 2_000, 5_000, 1_500],
  ["every minute, 60 s behind, found 10 s after receipt", 60_000, 60_000, 10_000],
])("%s: every window holds all of its logs in the end, each once", async (_name, delayMs, everyMs, searchLagMs) => {
  const { failures, hand } = await failuresIn(delayMs, everyMs, searchLagMs, { from: 17, to: 31, byMs: 45_000 });
  const wanted = new Map<number, number>();
  for (let to = everyMs / second; to <= 300; to += everyMs / second) wanted.set(to, everyMs / second);
  expect(new Map([...failures].filter(([to]) => to <= 300))).toEqual(wanted);
  const ledger = await ledgerOf(hand.storage, "logins");
  expect([ledger.length, ledger[0]]).toEqual([1, expect.stringMatching(/^0–\d+ answered$/)]);
});

test("an alert that rests on such logs is told once, and says that its evidence came late", async () => {
  const { hand } = await failuresIn(2_000, 10_000, 1_500, { from: 0, to: 60, byMs: 45_000 }, start + 5 * second);
  const mails = hand.mailbox.filter(({ channel }) => channel === "email");
  expect(mails.map(({ status }) => status)).toEqual(["firing"]);
  expect(mails[0]?.lines.join(" ")).toMatch(/late/i);
  const { findings, sent, pending, suppressed } = await booksOf(hand.storage);
  expect(findings).toBe(sent + pending + Object.values(suppressed).reduce((sum, count) => sum + count, 0));
});
