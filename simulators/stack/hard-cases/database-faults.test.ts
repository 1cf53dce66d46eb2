// The database fails at one call, whichever: the step throws, its batch comes again, and in the end everything is as if nothing
// had been. A message may be sent twice then, under its own id. What the database client itself survives is tested beside it.
import { afterAll, expect, test } from "vitest";
import { openMemory } from "../../../functions/sources/memory.ts";
import type { Storage } from "../../../functions/storage/storage.ts";
import { createStorageOpener } from "../../cloud/aurora/test-storage.ts";
import type { Fault } from "../../cloud/faults.ts";
import { attack, configuration, job, minute, rule, second, start } from "../test-scenario.ts";
import { booksOf, ledgerOf } from "./books.ts";
import { byHand, type Reader } from "./by-hand.ts";

const opener = createStorageOpener();
afterAll(() => opener.closeAll());

const params = { measurement: "failed_logins_by_address", op: "ge", limit: 8 };
const wanted = {
  ...configuration,
  jobs: [job("logins", "failed-logins", 30 * second, 30 * second)],
  rules: [rule("logins", "brute force", { params }), rule("logins", "held", { params, holdMs: minute })],
};

/** As an event source mapping does: a batch that throws comes again. How often it came. */
const untilDone = async (work: () => Promise<unknown>): Promise<number> => {
  for (let tries = 1; ; tries += 1) {
    try {
      await work();
      return tries;
    } catch (error) {
      if (tries === 5) throw error;
    }
  }
};

/** One slot from its tick to its messages; the database plays the fault at its n-th call. */
const play = async (fault: Fault | undefined, at: number) => {
  const { storage, faults, calls } = await opener.open({ retry: { budgetMs: 20, firstPauseMs: 1 } });
  const clock = { now: start + 10 * second };
  const hand = byHand(storage, openMemory(attack(5, 20, "203.0.113.7")), clock);
  await storage.configuration.apply("test", wanted);
  const { take } = faults;
  let call = 0;
  faults.take = (target) => {
    const own = take(target);
    call += target === "aurora" ? 1 : 0;
    return target === "aurora" && call === at ? fault : own;
  };
  calls.made = 0;
  let again = 0;
  await hand.tick().catch(async () => {
    again += 1;
    // What the dead tick had claimed belongs to it until its lease is over.
    clock.now += 2 * minute;
    await hand.tick();
  });
  const order: Reader[] = ["analyze", "snapshot", "archive", "evaluate", "notify", "deliver-email", "deliver-slack"];
  for (const reader of order) again += (await untilDone(() => hand.passAgain(reader))) - 1;
  faults.take = take;
  return { seen: await seenIn(storage), again, calls: call, mailbox: hand.mailbox };
};

/** What the first slot left behind; slots that a later tick asked as well are none of it. */
const seenIn = async (storage: Storage) => {
  const values = await storage.measurements.read({ jobId: "logins", from: 0, until: start + 30 * second });
  const events = await storage.ruleStates.events({ limit: 100 });
  const { notifications } = await booksOf(storage);
  return {
    values,
    isAnswered: (await ledgerOf(storage, "logins"))[0]?.startsWith("0–"),
    opened: events.filter(({ at, to }) => at === start + 30 * second && to !== "resolved").length,
    told: notifications
      .filter(({ message }) => message.status === "firing")
      .map(({ notificationId, state }) => [notificationId, state]),
  };
};

/** The last number: how often a batch comes again at least; a cut connection is mostly survived by asking once more. */
const faults: [string, Fault, number][] = [
  ["refuses with an error", { target: "aurora", kind: "error", status: 500 }, 8],
  ["does it and its answer is cut off", { target: "aurora", kind: "partial" }, 1],
];

test.each(faults)(
  "the database %s at any one call: the same values, alert and messages in the end",
  { timeout: 90_000 },
  async (_name, fault, least) => {
    const whole = await play(undefined, 0);
    expect(whole.seen.told).toHaveLength(2);
    expect(whole.calls).toBeGreaterThan(15);
    let cameAgain = 0;
    for (let at = 1; at <= whole.calls; at += 1) {
      const { seen, again, mailbox } = await play(fault, at);
      expect({ at, seen }).toEqual({ at, seen: whole.seen });
      const firing = mailbox.filter(({ status }) => status === "firing").map(({ id }) => id);
      expect([...new Set(firing)].sort()).toEqual(whole.seen.told.map(([id]) => id).sort());
      // Sending again is only right where the end of the first sending could not be noted.
      expect(firing.length).toBeLessThanOrEqual(3);
      cameAgain += again;
    }
    expect(cameAgain).toBeGreaterThanOrEqual(least);
  },
);

test("a database that is busy for one call is asked once more, and no batch comes again", async () => {
  const whole = await play(undefined, 0);
  for (const at of [1, 4, 7, whole.calls]) {
    const { seen, again } = await play({ target: "aurora", kind: "error", status: 503 }, at);
    expect([again, seen]).toEqual([0, whole.seen]);
  }
});
