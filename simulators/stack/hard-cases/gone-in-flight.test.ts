// Jobs, rules and destinations that are changed, switched off or deleted while a run of theirs is on its way: nothing falls over,
// nothing is told of what is gone, and the books say why.
import { expect, test } from "vitest";
import { openMemory } from "../../../functions/sources/memory.ts";
import type { Configuration } from "../../../functions/storage/configuration.ts";
import { attack, configuration, end, job, logOf, minute, rule, second, start } from "../test-scenario.ts";
import { booksOf, ledgerOf } from "./books.ts";
import { type ByHand, byHand, type Reader } from "./by-hand.ts";
import { type StoreKind, storeKinds, storeOpener } from "./open-stores.ts";

const open = storeOpener();
const params = { measurement: "failed_logins_by_address", op: "ge", limit: 8 };
const wanted: Configuration = {
  ...configuration,
  jobs: [job("logins", "failed-logins", 30 * second, 30 * second)],
  rules: [rule("logins", "brute force", { params })],
};
const without = (part: "jobs" | "rules" | "destinations"): Configuration => ({
  ...wanted,
  [part]: [],
  ...(part === "jobs" ? { rules: [] } : {}),
});
const off = (part: "jobs" | "rules" | "destinations"): Configuration => ({
  ...wanted,
  [part]: wanted[part].map((one) => ({ ...one, enabled: false })),
});

/** An attack within the first window, worked off up to and with this reader. */
const playedTo = async (kind: StoreKind, last: Reader): Promise<ByHand> => {
  const clock = { now: start };
  const hand = byHand(await open(kind), openMemory(attack(5, 20, "203.0.113.7")), clock);
  await hand.storage.configuration.apply("test", wanted);
  await hand.tick({
    waitUntil: async (at) => {
      clock.now = at;
      return at < start + 45 * second;
    },
  });
  const order: Reader[] = ["analyze", "snapshot", "archive", "evaluate", "notify"];
  for (const reader of order.slice(0, order.indexOf(last) + 1)) await hand.pass(reader);
  return hand;
};

const balanced = async (hand: ByHand) => {
  const { notifications, ...books } = await booksOf(hand.storage);
  expect(books.findings).toBe(
    books.sent + books.pending + Object.values(books.suppressed).reduce((sum, count) => sum + count, 0),
  );
  return { books, ends: notifications.map(({ state, reason }) => `${state} ${reason}`.trim()) };
};

const changes: [string, Configuration][] = [
  ["its job is deleted", without("jobs")],
  ["its job is switched off", off("jobs")],
  ["its rule is deleted", without("rules")],
  ["its rule is switched off", off("rules")],
];

for (const kind of storeKinds) {
  test.each(changes)(`asked and not answered yet when %s: nothing is told, over ${kind}`, async (_name, next) => {
    const hand = await playedTo(kind, "analyze");
    hand.published["logwatch.analysis.finished"].length = 0;
    await hand.storage.configuration.apply("test", next);
    await hand.passAgain("analyze");
    await hand.passAll();
    expect(hand.mailbox).toEqual([]);
    expect((await balanced(hand)).books.findings).toBe(0);
  });

  test.each(changes)(`answered and not judged yet when %s: nothing is told, over ${kind}`, async (_name, next) => {
    const hand = await playedTo(kind, "archive");
    await hand.storage.configuration.apply("test", next);
    await hand.passAll();
    expect([hand.mailbox, (await balanced(hand)).books.findings]).toEqual([[], 0]);
  });

  test(`answered when its rule gets another limit: judged by the new one, over ${kind}`, async () => {
    const hand = await playedTo(kind, "archive");
    const rules = wanted.rules.map((one) => ({ ...one, params: { ...params, limit: 1000 } }));
    await hand.storage.configuration.apply("test", { ...wanted, rules });
    await hand.passAll();
    expect(hand.mailbox).toEqual([]);
  });

  test.each([
    ["deleted", without("destinations")],
    ["switched off", off("destinations")],
  ])(
    `judged when its destinations are %s: in the books as without a destination, over ${kind}`,
    async (_name, next) => {
      const hand = await playedTo(kind, "evaluate");
      // A rule cannot name what is gone.
      const rules = wanted.rules.map((one) => ({ ...one, destinationIds: next.destinations.map(({ id }) => id) }));
      await hand.storage.configuration.apply("test", { ...next, rules });
      await hand.passAll();
      expect(hand.mailbox).toEqual([]);
      expect((await balanced(hand)).books).toMatchObject({ findings: 1, suppressed: { "no-destination": 1 } });
    },
  );

  test(`judged when its job is deleted: what was decided is told, once, and nothing after it, over ${kind}`, async () => {
    const hand = await playedTo(kind, "evaluate");
    await hand.storage.configuration.apply("test", without("jobs"));
    await hand.live(hand.clock.now + 2 * minute);
    expect(hand.mailbox.map(({ channel, status }) => `${channel} ${status}`)).toEqual(["email firing", "slack firing"]);
    expect((await balanced(hand)).books).toMatchObject({ findings: 1, sent: 1 });
  });

  test(`owed when its destination is deleted: it ends as failed and says so, over ${kind}`, async () => {
    const hand = await playedTo(kind, "notify");
    const rules = wanted.rules.map((one) => ({ ...one, destinationIds: ["chat"] }));
    const destinations = wanted.destinations.filter(({ id }) => id === "chat");
    await hand.storage.configuration.apply("test", { ...wanted, rules, destinations });
    await hand.passAll();
    expect(hand.mailbox.map(({ channel }) => channel)).toEqual(["slack"]);
    const { books, ends } = await balanced(hand);
    expect(ends.sort()).toEqual(["failed no-destination: it is gone or switched off", "sent"]);
    expect(books).toMatchObject({ findings: 1, sent: 1, pending: 0 });
  });

  test(`removed while it is judged: what is stored of it does not come back with its name, over ${kind}`, async () => {
    const hand = await playedTo(kind, "archive");
    const { commit } = hand.storage.ruleStates;
    hand.storage.ruleStates.commit = async (commits) => {
      await hand.storage.configuration.apply("test", without("jobs"));
      await commit(commits);
    };
    await hand.pass("evaluate");
    await hand.storage.configuration.apply("test", wanted);
    const [state] = await hand.storage.ruleStates.load(["logins"]);
    expect(state).toMatchObject({ evaluatedTo: null, tracked: [] });
  });
}

test("a failed window of a job that is deleted is not asked again, and stops nobody else's", async () => {
  const clock = { now: start };
  const log = logOf(clock);
  let isDown = true;
  const overloaded = { kind: "overloaded", message: "503", retryable: true } as const;
  const source = {
    ...log,
    ask: async (...args: Parameters<typeof log.ask>) =>
      isDown ? { ok: false as const, error: overloaded } : log.ask(...args),
  };
  const hand = byHand(await open("SQL"), source, clock);
  await hand.storage.configuration.apply("test", configuration);
  await hand.live(start + minute);
  const jobs = configuration.jobs.filter(({ id }) => id === "search");
  const rules = configuration.rules.filter(({ jobId }) => jobId === "search");
  await hand.storage.configuration.apply("test", { ...configuration, jobs, rules });
  isDown = false;
  const asked = hand.published["logwatch.analysis.requested"];
  const before = asked.length;
  await hand.live(end);
  const later = asked.slice(before).map(({ value }) => JSON.parse(value).data.jobId);
  expect([later.includes("search"), later.includes("logins")]).toEqual([true, false]);
  expect(await ledgerOf(hand.storage, "search")).toEqual(["0–220 answered"]);
  expect(hand.mailbox.every(({ title }) => title.includes("many"))).toBe(true);
});

test("an interval changed while runs are in flight: the ledger still tiles, and each slot of the new one is asked once", async () => {
  const clock = { now: start };
  const hand = byHand(await open("SQL"), openMemory(attack(5, 400, "203.0.113.7")), clock);
  await hand.storage.configuration.apply("test", wanted);
  await hand.tick();
  const jobs = [{ ...job("logins", "failed-logins", 20 * second, 20 * second), startAt: start + 30 * second }];
  await hand.storage.configuration.apply("test", { ...wanted, jobs });
  await hand.live(start + 3 * minute);
  expect(await ledgerOf(hand.storage, "logins")).toEqual(["0–210 answered"]);
  const asked = hand.published["logwatch.analysis.requested"].map(({ value }) => String(JSON.parse(value).id));
  expect(new Set(asked).size).toBe(asked.length);
});
