// `kill -9` at any await, and a new start over what was stored: no slot lost or doubled, no message lost, doubles carry the same id.
import { expect, test } from "vitest";
import { balanceBooks } from "../../functions/notify/balance-books.ts";
import type { Storage } from "../../functions/storage/storage.ts";
import { random } from "../services/random.ts";
import { mortal } from "./mortal.ts";
import { live, openWorld, type World } from "./simulated-stack.ts";
import { type LastingStores, lastingMemory, lastingSql, worldFolders } from "./test-lives.ts";
import { configuration, end, logOf, start } from "./test-scenario.ts";

const folder = worldFolders("crash");

/** Lives that end at these passings, then one that does not end. What is left behind, and how long the last life was. */
const history = async (stores: (path: string) => LastingStores, ends: number[]) => {
  const path = folder();
  const clock = { now: start };
  const { open, use } = stores(path);
  await use((storage) => storage.configuration.apply("test", configuration));
  const world = openWorld({ folder: path, openStorage: open, source: logOf(clock), clock });
  for (const endAt of ends) await live(world, mortal(endAt), end);
  const last = mortal(Number.POSITIVE_INFINITY);
  await live(world, last, end);
  return { books: await use(booksOf), mailbox: world.mailbox, passings: last.passed() };
};

/** Everything a user could see, in a fixed order. */
const booksOf = async (storage: Storage) => {
  const notifications = await storage.notifications.list(10_000);
  const ledger: Record<string, string[]> = {};
  const values: string[] = [];
  for (const { id } of configuration.jobs) {
    const ranges = await storage.coverage.read(id, 0, Number.MAX_SAFE_INTEGER);
    ledger[id] = ranges.map(({ from, to, state }) => `${from - start}–${to - start} ${state}`);
    for (const one of await storage.measurements.read({ jobId: id, from: 0, until: Number.MAX_SAFE_INTEGER }))
      values.push(`${id}@${one.to - start} ${one.name} ${JSON.stringify(one.labels)} ${one.value}`);
  }
  const events = (
    await Promise.all(configuration.rules.map(({ id }) => storage.ruleStates.events({ ruleId: id, limit: 10_000 })))
  ).flat();
  return {
    ledger,
    values: values.sort(),
    timeline: events.map((one) => `${one.evaluationId} ${one.fingerprint} ${one.from} → ${one.to}`).sort(),
    notifications: notifications.map((one) => `${one.notificationId} ${one.state}`).sort(),
    balance: balanceBooks(await storage.findings.totals(), notifications),
  };
};

const idsOf = (mailbox: World["mailbox"]): string[] => [...new Set(mailbox.map(({ id }) => id))].sort();

/** Where each of `count` histories is killed, once, twice or three times; the same every time. */
const killings = (count: number, passings: number): number[][] =>
  Array.from({ length: count }, (_, index) => {
    const numbers = random("kill -9", index);
    return Array.from({ length: 1 + numbers.whole(3) }, () => 1 + numbers.whole(passings));
  });

const survives = async (stores: (path: string) => LastingStores, count: number) => {
  const whole = await history(stores, []);
  expect(whole.mailbox.length).toBeGreaterThan(8);
  expect(whole.mailbox.some(({ status }) => status === "resolved")).toBe(true);
  let doubles = 0;
  for (const ends of killings(count, whole.passings)) {
    const { books, mailbox } = await history(stores, ends);
    expect({ ends, books }).toEqual({ ends, books: whole.books });
    expect(idsOf(mailbox)).toEqual(idsOf(whole.mailbox));
    doubles += mailbox.length - idsOf(mailbox).length;
  }
  return doubles;
};

test("killed at 300 random awaits over stores in memory: the same ledger, values, timeline, messages and books", {
  timeout: 120_000,
}, async () => {
  const doubles = await survives(lastingMemory, 300);
  // A kill between sending and noting it sends again: seldom, and it does happen, or nothing was tested.
  expect(doubles).toBeGreaterThan(0);
});

test("killed at 40 random statements over the database, within transactions too", { timeout: 120_000 }, async () => {
  await survives(lastingSql, 40);
});
