// The same records delivered again, at once and two hours later, through every step: nothing changes, nothing is told twice.
import { expect, test } from "vitest";
import type { Storage } from "../../../functions/storage/storage.ts";
import { configuration, end, logOf, rule, start } from "../test-scenario.ts";
import { booksOf, ledgerOf } from "./books.ts";
import { type ByHand, byHand, type Reader } from "./by-hand.ts";
import { storeKinds, storeOpener } from "./open-stores.ts";

const open = storeOpener();
const order: Reader[] = ["analyze", "snapshot", "archive", "evaluate", "notify", "deliver-email", "deliver-slack"];
const twoHoursMs = 7_200_000;

/** Everything a user could see. */
const seenIn = async (storage: Storage) => ({
  ledgers: await Promise.all(configuration.jobs.map(({ id }) => ledgerOf(storage, id))),
  values: await Promise.all(
    configuration.jobs.map(({ id }) => storage.measurements.read({ jobId: id, from: 0, until: end })),
  ),
  timelines: await Promise.all(
    configuration.rules.map(({ id }) => storage.ruleStates.events({ ruleId: id, limit: 1000 })),
  ),
  states: await storage.ruleStates.load(configuration.jobs.map(({ id }) => id)),
  books: await booksOf(storage),
});

const played = async (kind: "memory" | "SQL"): Promise<ByHand> => {
  const clock = { now: start };
  const hand = byHand(await open(kind), logOf(clock), clock);
  await hand.storage.configuration.apply("test", configuration);
  await hand.live(end);
  expect(hand.mailbox.length).toBeGreaterThan(8);
  return hand;
};

test.each(storeKinds)("every step reads all it ever read again, now and after two hours, over %s", async (kind) => {
  const hand = await played(kind);
  const before = await seenIn(hand.storage);
  const told = [...hand.mailbox];
  for (const laterMs of [0, twoHoursMs]) {
    hand.clock.now += laterMs;
    for (const reader of order) {
      await hand.passAgain(reader);
      await hand.passAll();
      expect({ laterMs, reader, seen: await seenIn(hand.storage) }).toEqual({ laterMs, reader, seen: before });
    }
    expect(hand.mailbox).toEqual(told);
  }
});

test("a message decided before and one decided now, delivered together: the old one takes no share of the hourly limit", async () => {
  const clock = { now: start };
  const hand = byHand(await open("memory"), logOf(clock), clock);
  const [mail] = configuration.destinations;
  if (!mail) throw new Error("The scenario has destinations.");
  const params = { measurement: "logins", op: "ge", limit: 0 };
  const rules = ["first", "second", "third"].map((name) =>
    rule("logins", name, { params, destinationIds: ["mail"], maxExamples: 1 }),
  );
  await hand.storage.configuration.apply("test", {
    ...configuration,
    rules,
    destinations: [{ ...mail, maxPerHour: 3 }],
  });
  await hand.tick();
  await hand.pass("analyze");
  await hand.pass("evaluate");
  const all = hand.published["logwatch.alert.updated"];
  const later = all.splice(2);
  await hand.pass("notify");
  // The reader died before it committed how far it was: what it had handled comes again, with what is new behind it.
  all.push(...later);
  await hand.passAgain("notify");
  const states = (await hand.storage.notifications.list(100)).map(({ state, reason }) => `${state} ${reason}`.trim());
  expect(states).toEqual(["owed", "owed", "owed"]);
});
