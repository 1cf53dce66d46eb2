// `kill -9` at any await, and a new start over what was stored: no slot lost or doubled, no message lost, doubles carry the same id.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { balanceBooks } from "../../functions/notify/balance-books.ts";
import { openMemoryStorage } from "../../functions/storage/open-storage.ts";
import type { Storage } from "../../functions/storage/storage.ts";
import { random } from "../services/random.ts";
import { mortal } from "./mortal.ts";
import { live, memoryStores, type OpenStorage, openWorld, sqlStores, type World } from "./simulated-stack.ts";
import { configuration, end, logOf, start } from "./test-scenario.ts";

const root = mkdtempSync(join(tmpdir(), "logwatch-crash-"));
afterAll(() => rmSync(root, { recursive: true }));
let worlds = 0;
const folder = (): string => {
  worlds += 1;
  const path = join(root, String(worlds));
  mkdirSync(path);
  return path;
};

type Stores = { open: OpenStorage; storage: (read: (storage: Storage) => Promise<unknown>) => Promise<unknown> };

const memory = (): Stores => {
  const storage = openMemoryStorage();
  return { open: memoryStores(storage), storage: (read) => read(storage) };
};
const sql = (path: string): Stores => {
  const open = sqlStores(join(path, "aurora.db"));
  return {
    open,
    storage: async (read) => {
      const { storage, close } = await open(mortal(Number.POSITIVE_INFINITY));
      try {
        return await read(storage);
      } finally {
        await close();
      }
    },
  };
};

/** Lives that end at these passings, then one that does not end. What is left behind, and how long the last life was. */
const history = async (stores: (path: string) => Stores, ends: number[]) => {
  const path = folder();
  const clock = { now: start };
  const { open, storage } = stores(path);
  await storage((opened) => opened.configuration.apply("test", configuration));
  const world = openWorld({ folder: path, openStorage: open, source: logOf(clock), clock });
  for (const endAt of ends) await live(world, mortal(endAt), end);
  const last = mortal(Number.POSITIVE_INFINITY);
  await live(world, last, end);
  return { books: await storage(async (opened) => booksOf(opened)), mailbox: world.mailbox, passings: last.passed() };
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

const survives = async (stores: (path: string) => Stores, count: number) => {
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
  const doubles = await survives(memory, 300);
  // A kill between sending and noting it sends again: seldom, and it does happen, or nothing was tested.
  expect(doubles).toBeGreaterThan(0);
});

test("killed at 40 random statements over the database, within transactions too", { timeout: 120_000 }, async () => {
  await survives(sql, 40);
});
