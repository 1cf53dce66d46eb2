// Silences through the whole stack, and `kill -9` at any await of it: what was hidden is told when its silence ends, what was over by then
// is never told, every verdict is in the books once, and a new start over what was stored changes none of it.
import { expect, test } from "vitest";
import { balanceBooks } from "../../functions/notify/balance-books.ts";
import type { Silence } from "../../functions/storage/silences.ts";
import type { Storage } from "../../functions/storage/storage.ts";
import { random } from "../services/random.ts";
import { mortal } from "./mortal.ts";
import { live, openWorld } from "./simulated-stack.ts";
import { type LastingStores, lastingMemory, lastingSql, worldFolders } from "./test-lives.ts";
import { configuration, end, logOf, second, start } from "./test-scenario.ts";

const folder = worldFolders("silences");

const silence = (id: string, address: string, from: number, to: number): Silence => ({
  id,
  serviceId: "auth",
  matchers: [{ name: "address", op: "=~", value: address }],
  startsAt: start + from * second,
  endsAt: start + to * second,
  authorId: "user-1",
  authorName: "User 1",
  comment: "",
  createdAt: start,
  updatedAt: start,
  version: 1,
  endedEarly: false,
});

/** The first attack outlasts its silence by little, the second by more, the late one is silenced to its end. */
const silences = [
  silence("first", "203\\..*", 0, 45),
  silence("second", "198\\.51\\.100\\.\\d", 60, 90),
  silence("late", "192\\.0\\.2\\.77", 0, 1000),
];

const prepare =
  (wanted: readonly Silence[]) =>
  async (storage: Storage): Promise<void> => {
    await storage.configuration.apply("test", configuration);
    for (const one of wanted) await storage.silences.put(one, 0);
  };

const history = async (stores: (path: string) => LastingStores, ends: readonly number[], wanted = silences) => {
  const path = folder();
  const clock = { now: start };
  const { open, use } = stores(path);
  await use(prepare(wanted));
  const world = openWorld({ folder: path, openStorage: open, source: logOf(clock), clock });
  for (const endAt of ends) await live(world, mortal(endAt), end);
  const last = mortal(Number.POSITIVE_INFINITY);
  await live(world, last, end);
  const told = new Map(world.mailbox.map(({ id, status, title, at }) => [id, { status, title, at }]));
  return { seen: await use(seenIn), told, passings: last.passed() };
};

const seenIn = async (storage: Storage) => {
  const alerts = await storage.alerts.list({ serviceIds: ["auth"], limit: 100 });
  const lines = await Promise.all(alerts.map(({ alertId }) => storage.alerts.timeline(alertId, 100)));
  const notifications = await storage.notifications.list({ limit: 1000 });
  return {
    alerts: alerts.map((one) => `${JSON.stringify(one.labels)} ${one.state} ${one.openedAt - start}`).sort(),
    lines: lines
      .flat()
      .map((one) => `${one.evaluationId} ${one.fingerprint} ${one.to} ${one.told} ${one.withheld?.silenceId}`)
      .sort(),
    notifications: notifications.map((one) => `${one.notificationId} ${one.state}`).sort(),
    books: balanceBooks(await storage.findings.totals(), notifications),
  };
};

const wordsOf = (told: ReadonlyMap<string, { status: string; title: string; at: number }>, address: string) => [
  ...new Set(
    [...told.values()]
      .filter(({ title }) => title.includes(address))
      .map(({ status, at }) => `${status} ${(at - start) / second}`),
  ),
];

test("what a silence hid is told when it ends, what was over by then never is, and the books balance", async () => {
  const { seen, told } = await history(lastingMemory, []);
  expect(wordsOf(told, "203.0.113.7")).toEqual(["firing 45", "resolved 62"]);
  expect(wordsOf(told, "198.51.100.9")).toEqual(["firing 90", expect.stringMatching(/^resolved 1\d\d$/)]);
  expect(wordsOf(told, "192.0.2.77")).toEqual([]);
  expect(seen.alerts.some((one) => one.includes("192.0.2.77"))).toBe(true);
  // The same verdicts as without silences, each in one place: sent there, or silenced here.
  const loud = await history(lastingMemory, [], []);
  expect(seen.books.findings).toBe(loud.seen.books.findings);
  expect(seen.books.suppressed.silenced).toBe(loud.seen.books.sent - seen.books.sent);
  expect(seen.books.pending).toBe(0);
});

const survives = async (stores: (path: string) => LastingStores, count: number): Promise<void> => {
  const whole = await history(stores, []);
  for (let index = 0; index < count; index += 1) {
    const numbers = random("silenced and killed", index);
    const ends = Array.from({ length: 1 + numbers.whole(3) }, () => 1 + numbers.whole(whole.passings));
    const { seen, told } = await history(stores, ends);
    expect({ ends, seen }).toEqual({ ends, seen: whole.seen });
    expect([...told.keys()].sort()).toEqual([...whole.told.keys()].sort());
  }
};

test(
  "killed at 100 random awaits over stores in memory: the same alerts, messages and books",
  {
    timeout: 240_000,
  },
  () => survives(lastingMemory, 100),
);

test("killed at 10 random statements over the database, within transactions too", { timeout: 240_000 }, () =>
  survives(lastingSql, 10),
);
