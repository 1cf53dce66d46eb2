// `kill -9` at any await, and a new start over what was stored: no slot lost or doubled, no message lost, doubles carry the same id.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LogEntry } from "@logwatch/events";
import { afterAll, expect, test } from "vitest";
import { balanceBooks } from "../../functions/notify/balance-books.ts";
import { openMemory } from "../../functions/sources/memory.ts";
import { memoryLog } from "../../functions/sources/memory-log.ts";
import type { Configuration, JobRecord, RuleRecord } from "../../functions/storage/configuration.ts";
import { openMemoryStorage } from "../../functions/storage/open-storage.ts";
import type { Storage } from "../../functions/storage/storage.ts";
import { login } from "../services/auth.ts";
import { random } from "../services/random.ts";
import { mortal } from "./mortal.ts";
import { live, memoryStores, type OpenStorage, openWorld, sqlStores, type World } from "./simulated-stack.ts";

const second = 1000;
const minute = 60 * second;
const start = Date.UTC(2026, 10, 22, 12);
const end = start + 4 * minute;

const root = mkdtempSync(join(tmpdir(), "logwatch-crash-"));
afterAll(() => rmSync(root, { recursive: true }));
let worlds = 0;
const folder = (): string => {
  worlds += 1;
  const path = join(root, String(worlds));
  mkdirSync(path);
  return path;
};

/** `count` failures of one address, from this second on, two a second. */
const attack = (from: number, count: number, address: string): LogEntry[] =>
  Array.from({ length: count }, (_, index) => ({
    ...login("root", address, "invalid_password"),
    at: start + from * second + index * 500,
    service: "auth",
  }));

const quiet = (from: number, to: number): LogEntry[] =>
  Array.from({ length: (to - from) / 5 }, (_, index) => ({
    ...login(`user${index % 7}`, "10.20.0.5"),
    at: start + (from + index * 5) * second,
    service: "auth",
  }));

/** Two attacks, a silence of a minute and an attack whose logs arrive half a minute late. */
const logOf = (clock: { now: number }) => {
  const log = memoryLog([
    ...quiet(0, 130),
    ...quiet(200, 300),
    ...attack(12, 30, "203.0.113.7"),
    ...attack(75, 24, "198.51.100.9"),
  ]);
  log.add(attack(41, 20, "192.0.2.77"), start + 83 * second);
  return openMemory(log, () => clock.now);
};

const rule = (jobId: string, name: string, over: Partial<RuleRecord>): RuleRecord => ({
  id: `${jobId}/${name}`,
  jobId,
  name,
  kind: "threshold",
  params: {},
  severity: "critical",
  holdMs: 0,
  clearAfterMs: 0,
  repeatMs: 0,
  repeatGrowth: 1,
  tellResolved: true,
  onFailure: "keep",
  onNoData: "keep",
  maxExamples: 10,
  maxTracked: 100,
  flappingChanges: 0,
  flappingMs: 0,
  destinationIds: ["mail", "chat"],
  enabled: true,
  ...over,
});

const job = (id: string, analysis: string, everyMs: number, windowMs: number, params = {}): JobRecord => ({
  id,
  name: id,
  analysis,
  params,
  serviceId: "auth",
  everyMs,
  windowMs,
  delayMs: 2 * second,
  enabled: true,
  ownerId: "test",
  startAt: start,
});

const configuration: Configuration = {
  sources: [{ id: "source", name: "source", kind: "memory", params: {}, secret: "" }],
  services: [{ id: "auth", name: "auth", sourceId: "source", filter: "service:auth", colour: "#000000" }],
  jobs: [
    job("logins", "failed-logins", 10 * second, 30 * second),
    job("search", "log-search", 20 * second, 20 * second, { filter: "status:failure" }),
  ],
  rules: [
    rule("logins", "brute force", { params: { measurement: "failed_logins_by_address", op: "ge", limit: 8 } }),
    rule("logins", "quiet", { kind: "absence", params: { measurement: "logins", quietFor: "40s" } }),
    rule("search", "many", { params: { measurement: "matches", op: "gt", limit: 3 }, holdMs: 20 * second }),
  ],
  destinations: [destination("mail", "email"), destination("chat", "slack")],
};

function destination(id: string, channel: string) {
  return { id, name: id, channel, address: {}, secret: "", enabled: true, maxPerHour: 1000 };
}

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
const history = async (
  stores: (path: string) => Stores,
  ends: number[],
  prepare: (world: World) => void = () => {},
) => {
  const path = folder();
  const clock = { now: start };
  const { open, storage } = stores(path);
  await storage((opened) => opened.configuration.apply("test", configuration));
  const world = openWorld({ folder: path, openStorage: open, source: logOf(clock), clock });
  prepare(world);
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
