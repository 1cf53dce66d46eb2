// What a silence hid and what still fires when it ends: told then, once, whatever comes between.
import { expect, test } from "vitest";
import { change, idOf, minute, openSilenced, silenceOf, start } from "../../simulators/stack/test-silenced.ts";
import { tellUnsilenced } from "./tell-unsilenced.ts";

test("when a silence ends and the alert still fires, it is told then, once, and counted once", async () => {
  const { storage, clock, evaluate, sweep, messages, books } = await openSilenced();
  await storage.silences.put(silenceOf(), 0);
  await evaluate(1, [change("root"), change("rookie")]);
  await evaluate(2, [change("root", "repeat", 2)]);
  expect(await sweep()).toBe(0);
  clock.now = start + 60 * minute - 1;
  expect(await sweep()).toBe(0);
  clock.now += 1;
  expect(await sweep()).toBe(2);
  clock.now += 10 * minute;
  expect(await sweep()).toBe(0);
  const [told, ...others] = await messages();
  expect(others).toEqual([]);
  expect(told).toContain("Firing user=root: 12 > 10 (was silenced, and still fires)");
  expect(told).toContain("Firing user=rookie");
  expect(await books()).toEqual({ findings: 3, sent: 0, pending: 0, suppressed: { silenced: 3 } });
  const [line] = await storage.alerts.timeline(idOf("root"), 10);
  const [message] = await storage.notifications.list({ evaluationIds: [line?.evaluationId ?? ""], limit: 10 });
  expect(message?.message.lines.join()).toContain("user=root");
  // From now on it is known: its end is told.
  await evaluate(80, [change("root", "resolved", 3)]);
  expect(await messages()).toHaveLength(2);
});

test("a silence that is ended by hand tells at once, one that is prolonged does not", async () => {
  const { storage, clock, evaluate, sweep, messages } = await openSilenced();
  await storage.silences.put(silenceOf({ endsAt: start + 5 * minute }), 0);
  await evaluate(1, [change("root")]);
  clock.now = start + 2 * minute;
  await storage.silences.put(silenceOf({ version: 2, updatedAt: clock.now }), 1);
  expect(await sweep()).toBe(0);
  clock.now = start + 6 * minute;
  expect(await sweep()).toBe(0);
  const ended = { endsAt: clock.now, updatedAt: clock.now, endedEarly: true };
  await storage.silences.put(silenceOf({ version: 3, ...ended }), 2);
  expect(await sweep()).toBe(1);
  expect(await messages()).toHaveLength(1);
});

test("two sweeps at once tell it once; an update that was lost on its way is made again under its id", async () => {
  const { storage, clock, evaluate, updates, ports, notify, messages } = await openSilenced();
  await storage.silences.put(silenceOf({ endsAt: start + 2 * minute }), 0);
  await evaluate(1, [change("root"), change("rookie")]);
  clock.now = start + 3 * minute;
  await Promise.all([tellUnsilenced(ports), tellUnsilenced(ports)]);
  const ids = new Set(updates.splice(0).map(({ id }) => id));
  expect(ids.size).toBe(1);
  clock.now += minute;
  await tellUnsilenced(ports);
  expect(updates.map(({ id }) => id)).toEqual([...ids]);
  const [again] = updates;
  if (again) await notify(again.data, again.data);
  if (again) await notify(again.data);
  expect(await messages()).toHaveLength(1);
});

test("what a new silence hides before the word of the old one's end is told, waits for the new one", async () => {
  const { storage, clock, evaluate, updates, ports, notify, sweep, messages } = await openSilenced();
  await storage.silences.put(silenceOf({ endsAt: start + 2 * minute }), 0);
  await evaluate(1, [change("root")]);
  clock.now = start + 3 * minute;
  await tellUnsilenced(ports);
  const next = { startsAt: clock.now, updatedAt: clock.now, endsAt: start + 9 * minute };
  await storage.silences.put(silenceOf({ id: "next", ...next }), 0);
  for (const { data } of updates.splice(0)) await notify(data, data);
  expect(await messages()).toEqual([]);
  clock.now = start + 9 * minute;
  expect(await sweep()).toBe(1);
  expect(await messages()).toHaveLength(1);
});

test("an acknowledged alert is not told at the end of its silence, unless the acknowledgement is taken back", async () => {
  const { storage, clock, evaluate, sweep, messages } = await openSilenced();
  await storage.silences.put(silenceOf({ endsAt: start + 2 * minute }), 0);
  await evaluate(1, [change("root")]);
  await storage.alerts.acknowledge(idOf("root"), { by: "u", note: "", at: start }, null);
  clock.now = start + 3 * minute;
  expect(await sweep()).toBe(0);
  await storage.alerts.acknowledge(idOf("root"), null, start);
  expect(await sweep()).toBe(1);
  expect(await messages()).toHaveLength(1);
});
