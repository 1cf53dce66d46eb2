// Silences and acknowledgements: what is told, what is not and why, and the books of it.
import { expect, test } from "vitest";
import {
  change,
  idOf,
  minute,
  openSilenced,
  silenceOf,
  start,
  updateOf,
} from "../../simulators/stack/test-silenced.ts";

test("what a silence hides is in the books, the rest of the update is one message", async () => {
  const { storage, evaluate, messages, books } = await openSilenced();
  await storage.silences.put(silenceOf(), 0);
  await evaluate(1, [change("root"), change("admin"), change("rookie")]);
  expect(await messages()).toEqual(["Firing user=admin: 12 > 10"]);
  expect(await books()).toEqual({ findings: 3, sent: 0, pending: 1, suppressed: { silenced: 2 } });
});

test("a silence of another service, one that is over and one that has not begun hide nothing", async () => {
  const { storage, evaluate, messages } = await openSilenced();
  await storage.silences.put(silenceOf({ serviceId: "dns" }), 0);
  await storage.silences.put(silenceOf({ id: "over", endsAt: start + minute }), 0);
  await storage.silences.put(silenceOf({ id: "later", startsAt: start + 2 * minute }), 0);
  await evaluate(1, [change("root")]);
  expect(await messages()).toHaveLength(1);
});

test("a redelivered update is decided as before, whatever has become of the silence", async () => {
  const { storage, clock, notify, requested, messages, books } = await openSilenced();
  await storage.silences.put(silenceOf(), 0);
  const first = updateOf(1, [change("root"), change("admin")]);
  await notify(first);
  await notify(first, first);
  clock.now += 120 * minute;
  await notify(first);
  expect(await messages()).toEqual(["Firing user=admin: 12 > 10"]);
  expect(new Set(requested.map(({ id }) => id)).size).toBe(1);
  // Nor does a silence that is made later hide what was owed already.
  const second = updateOf(2, [change("guest")]);
  await notify(second);
  const now = { startsAt: start, endsAt: clock.now + minute };
  await storage.silences.put(silenceOf({ id: "all", matchers: [], ...now }), 0);
  await notify(second);
  expect(await books()).toEqual({ findings: 3, sent: 0, pending: 2, suppressed: { silenced: 1 } });
});

test("repeats of an acknowledged alert are not told, its end is; taken back, they are told again", async () => {
  const { storage, evaluate, messages, books } = await openSilenced();
  await evaluate(1, [change("root")]);
  await storage.alerts.acknowledge(idOf("root"), { by: "u", note: "on it", at: start }, null);
  await evaluate(2, [change("root", "repeat", 2), change("admin")]);
  await storage.alerts.acknowledge(idOf("root"), null, start);
  await evaluate(3, [change("root", "repeat", 3)]);
  await storage.alerts.acknowledge(idOf("root"), { by: "u", note: "", at: start + 1 }, null);
  await evaluate(4, [change("root", "repeat", 4)]);
  await evaluate(5, [change("root", "resolved", 5)]);
  expect(await messages()).toEqual([
    "Firing user=root: 12 > 10",
    "Firing user=admin: 12 > 10",
    "Still firing user=root: 12 > 10",
    "Resolved user=root: 12 > 10",
  ]);
  expect(await books()).toEqual({ findings: 6, sent: 0, pending: 4, suppressed: { acknowledged: 2 } });
});

test("the end of an alert that nobody was told of is not told, and leaves nothing to tell", async () => {
  const { storage, clock, evaluate, sweep, messages, books } = await openSilenced();
  await storage.silences.put(silenceOf({ endsAt: start + 2 * minute }), 0);
  await evaluate(1, [change("root")]);
  await evaluate(3, [change("root", "resolved", 2)]);
  clock.now = start + 30 * minute;
  expect(await sweep()).toBe(0);
  expect(await messages()).toEqual([]);
  expect(await books()).toEqual({ findings: 2, sent: 0, pending: 0, suppressed: { silenced: 2 } });
});

test("a repeat that comes before the sweep is the first that is heard, and says so", async () => {
  const { storage, evaluate, sweep, messages } = await openSilenced();
  await storage.silences.put(silenceOf({ endsAt: start + 2 * minute }), 0);
  await evaluate(1, [change("root")]);
  await evaluate(3, [change("root", "repeat", 2)]);
  expect(await sweep()).toBe(0);
  expect(await messages()).toEqual(["Firing user=root: 12 > 10"]);
});
