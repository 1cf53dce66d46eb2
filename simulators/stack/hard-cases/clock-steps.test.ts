// A clock that steps by five minutes either way, and a process that is frozen for ten between two awaits: no slot is lost, none
// counts twice, and no message is told twice.
import { expect, test } from "vitest";
import { openMemory } from "../../../functions/sources/memory.ts";
import { attack, configuration, job, minute, rule, second, start } from "../test-scenario.ts";
import { ledgerOf, valuesOf } from "./books.ts";
import { type ByHand, byHand } from "./by-hand.ts";
import { type StoreKind, storeKinds, storeOpener } from "./open-stores.ts";

const open = storeOpener();
const everyMs = 10 * second;

/** Two failures a second for twenty minutes, one job of ten seconds. */
const openHand = async (kind: StoreKind): Promise<ByHand> => {
  const clock = { now: start };
  const hand = byHand(
    await open(kind),
    openMemory(attack(0, 2400, "203.0.113.7"), () => clock.now),
    clock,
  );
  await hand.storage.configuration.apply("test", {
    ...configuration,
    // Far enough behind that nothing has to be looked at twice.
    jobs: [{ ...job("logins", "failed-logins", everyMs, everyMs), delayMs: 15 * second }],
    rules: [rule("logins", "any", { params: { measurement: "failed_logins", op: "ge", limit: 5 } })],
  });
  return hand;
};

/** Every window up to that second has its twenty failures, and the one alert was told once to each destination. */
const expectWhole = async (hand: ByHand, seconds: number): Promise<void> => {
  expect(await ledgerOf(hand.storage, "logins")).toEqual([`0–${seconds} answered`]);
  const values = await valuesOf(hand.storage, "logins", "failed_logins");
  for (let to = 10; to <= seconds; to += 10) expect([to, values.get(to)]).toEqual([to, 20]);
  expect(hand.mailbox.map(({ channel, status }) => `${channel} ${status}`)).toEqual(["email firing", "slack firing"]);
};

const timesAsked = (hand: ByHand): Map<string, number> => {
  const times = new Map<string, number>();
  for (const { value } of hand.published["logwatch.analysis.requested"]) {
    const id = String(JSON.parse(value).id);
    times.set(id, (times.get(id) ?? 0) + 1);
  }
  return times;
};

test.each(storeKinds)(
  "a clock set back by five minutes asks nothing twice, and goes on where it was, over %s",
  async (kind) => {
    const hand = await openHand(kind);
    await hand.live(start + 6 * minute);
    const asked = hand.published["logwatch.analysis.requested"].length;
    hand.clock.now -= 5 * minute;
    await hand.live(start + 5 * minute);
    // What was asked before the step is not due again; nothing new is due before the time is made up for.
    expect(hand.published["logwatch.analysis.requested"]).toHaveLength(asked);
    await hand.live(start + 9 * minute);
    await expectWhole(hand, 520);
    expect([...timesAsked(hand).values()].every((times) => times === 1)).toBe(true);
  },
);

test.each(storeKinds)(
  "a clock that jumps ahead by five minutes asks each slot of the gap once, over %s",
  async (kind) => {
    const hand = await openHand(kind);
    await hand.live(start + 2 * minute);
    hand.clock.now += 5 * minute;
    await hand.live(start + 9 * minute);
    await expectWhole(hand, 520);
    expect([...timesAsked(hand).values()].every((times) => times === 1)).toBe(true);
  },
);

test.each(storeKinds)(
  "a tick frozen for ten minutes: another takes its slots over, and both together count once, over %s",
  async (kind) => {
    const hand = await openHand(kind);
    await hand.live(start + minute);
    let thaw = (): void => undefined;
    const frozen = new Promise<void>((resolve) => {
      thaw = resolve;
    });
    let sent = 0;
    const asleep = hand.tick({
      waitUntil: async () => {
        sent += 1;
        if (sent === 3) await frozen;
        return true;
      },
    });
    await new Promise((resolve) => setImmediate(resolve));
    await hand.live(start + 11 * minute);
    await expectWhole(hand, 640);
    // It wakes up, does not know how late it is, and publishes the rest of its minute.
    thaw();
    await asleep;
    await hand.passAll();
    await hand.live(start + 13 * minute);
    await expectWhole(hand, 760);
    const twice = [...timesAsked(hand)].filter(([, times]) => times > 1);
    expect(twice.length).toBeGreaterThan(0);
    expect(twice.length).toBeLessThanOrEqual(6);
  },
);

test("an evaluation frozen between reading and writing for ten minutes lowers nothing that was judged since", async () => {
  const hand = await openHand("SQL");
  await hand.live(start + minute);
  const { commit } = hand.storage.ruleStates;
  const held: Parameters<typeof commit>[0][] = [];
  hand.storage.ruleStates.commit = async (commits) => void held.push(commits);
  await hand.live(start + 2 * minute);
  hand.storage.ruleStates.commit = commit;
  await hand.live(start + 12 * minute);
  const [before] = await hand.storage.ruleStates.load(["logins"]);
  for (const commits of held) await commit(commits);
  expect(held.length).toBeGreaterThan(3);
  expect(await hand.storage.ruleStates.load(["logins"])).toEqual([before]);
  await expectWhole(hand, 700);
});
