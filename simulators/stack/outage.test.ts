// Outages as stories over the whole pipeline, under a simulated clock: nothing false is told, nothing is lost, everything is in the books.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Failure } from "@logwatch/events";
import { afterEach, expect, test } from "vitest";
import type { Delivery } from "../../functions/channels/channel.ts";
import { fail } from "../../functions/lib/result.ts";
import { balanceBooks } from "../../functions/notify/balance-books.ts";
import type { Configuration } from "../../functions/storage/configuration.ts";
import type { Storage } from "../../functions/storage/storage.ts";
import { createFaults } from "../cloud/faults.ts";
import { mortal } from "./mortal.ts";
import { live, openWorld, sqlStores, type World } from "./simulated-stack.ts";
import { configuration, end, logOf, minute, rule, second, start } from "./test-scenario.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  while (closing.length > 0) await closing.pop()?.();
});

/** A life from the start to `until` over the database; then what is in the stores. */
const play = async (
  prepare: (world: World) => void,
  { until = end, wanted = configuration }: { until?: number; wanted?: Configuration } = {},
) => {
  const folder = mkdtempSync(join(tmpdir(), "logwatch-outage-"));
  closing.push(() => rmSync(folder, { recursive: true }));
  const clock = { now: start };
  const faults = createFaults(() => clock.now);
  const openStorage = sqlStores(join(folder, "aurora.db"), faults);
  const immortal = mortal(Number.POSITIVE_INFINITY);
  const { storage, close } = await openStorage(immortal);
  closing.push(close);
  await storage.configuration.apply("test", wanted);
  const held: Storage = storage;
  const world = openWorld(
    { folder, openStorage: async () => ({ storage: held, close: async () => undefined }), source: logOf(clock), clock },
    faults,
  );
  prepare(world);
  await live(world, immortal, until);
  const ledger = async (jobId: string) =>
    (await storage.coverage.read(jobId, 0, Number.MAX_SAFE_INTEGER)).map(
      ({ from, to, state }) => `${(from - start) / second}–${(to - start) / second} ${state}`,
    );
  const notifications = await storage.notifications.list(1000);
  return {
    storage,
    world,
    ledger,
    notifications,
    books: balanceBooks(await storage.findings.totals(), notifications),
    told: world.mailbox.map(
      ({ channel, status, title, at }) => `${(at - start) / second} ${channel} ${status} ${title}`,
    ),
  };
};

/** The source gives this failure while the clock is in the span (seconds from the start). */
const failing =
  (from: number, to: number, failure: Failure) =>
  (world: World): void => {
    const { source, clock } = world;
    const isDown = () => clock.now >= start + from * second && clock.now < start + to * second;
    world.source = {
      ask: async (question, signal) => (isDown() ? fail(failure) : source.ask(question, signal)),
      ...(source.arrivals && {
        arrivals: async (query, signal) =>
          isDown() ? fail(failure) : (source.arrivals?.(query, signal) ?? fail(failure)),
      }),
    };
  };

const overloaded: Failure = { kind: "overloaded", message: "503 Service Unavailable", retryable: true };

/** Whether each label set went from state to state as it was left: never ended before it began, never begun twice. */
const isConsistent = async (storage: Storage): Promise<boolean> => {
  const states = new Map<string, string>();
  const all = await Promise.all(
    configuration.rules.map(({ id }) => storage.ruleStates.events({ ruleId: id, limit: 1000 })),
  );
  const turns = all.flat().filter(({ to }) => to === "firing" || to === "resolved");
  return turns
    .sort((left, right) => left.at - right.at)
    .every(({ fingerprint, to }) => {
      const isTurn = to !== (states.get(fingerprint) ?? "resolved");
      states.set(fingerprint, to);
      return isTurn;
    });
};

test("a log store that answers 503 for two minutes: windows are failed, then asked again and complete", async () => {
  const during = await play(failing(30, 150, overloaded), { until: start + 140 * second });
  expect(await during.ledger("logins")).toContain("20–130 failed");
  const after = await play(failing(30, 150, overloaded), { until: end + 4 * minute });
  const ledger = await after.ledger("logins");
  expect(ledger.every((range) => !range.endsWith("failed"))).toBe(true);
  expect(ledger.at(0)).toMatch(/^0–/);
  expect(ledger.at(-1)).toMatch(/–4[67]0 complete$/);
});

test("that outage gives nobody a false alert or a false all-clear", async () => {
  const { told, storage, books } = await play(failing(30, 150, overloaded), { until: end + 4 * minute });
  expect(await isConsistent(storage)).toBe(true);
  // The first attack fired before the outage: its end is told only once an answer said so.
  const firstEnd = told.find((line) => /email resolved .*203\.0\.113\.7/.test(line));
  expect(Number(firstEnd?.split(" ")[0])).toBeGreaterThanOrEqual(150);
  // The second fell into the outage, and is told from the windows that were asked again.
  expect(told.some((line) => /email firing .*198\.51\.100\.9/.test(line))).toBe(true);
  expect(books.pending).toBe(0);
});

test("the same outage is an alert of its own where a rule asks for it, and ends with the first answer", async () => {
  const wanted: Configuration = {
    ...configuration,
    rules: [
      rule("logins", "no answer", {
        params: { measurement: "failed_logins", op: "gt", limit: 1_000_000 },
        onFailure: "alert",
        destinationIds: ["mail"],
      }),
    ],
  };
  const { told } = await play(failing(30, 150, overloaded), { wanted });
  expect(told).toEqual(["32 email firing no answer on auth", "152 email resolved no answer on auth"]);
});

test("a failure that asking again cannot cure stays failed with its reason, and is not asked for ever", async () => {
  const refused: Failure = { kind: "bad-query", message: "no such field", retryable: false };
  let asked = 0;
  const { storage } = await play((world) => {
    failing(0, 3600, refused)(world);
    const { ask } = world.source;
    world.source = { ...world.source, ask: (question, signal) => ask(question, signal).finally(() => (asked += 1)) };
  });
  const [range, ...others] = await storage.coverage.read("search", 0, Number.MAX_SAFE_INTEGER);
  expect(others).toEqual([]);
  expect(range).toMatchObject({ state: "failed", reason: "bad-query: no such field", retryAt: null });
  // 23 slots of one job and 11 of the other, each once.
  expect(asked).toBe(23 + 11);
});

test("Redis gone: every alert still goes out, and the books are the same", async () => {
  const well = await play(() => undefined);
  const { told, books } = await play((world) => world.faults.add({ target: "redis", kind: "refuse" }));
  expect(told).toEqual(well.told);
  expect(books).toEqual(well.books);
});

/** Plays these answers of a channel in turn, then success. */
const answering =
  (channel: string, ...answers: Delivery[]) =>
  (world: World): void => {
    const well = world.deliver;
    world.deliver = (id) => (id === channel ? answers.shift() : undefined) ?? well(id);
  };

test("a provider that throttles is asked again after the time it named, and each message is told once", async () => {
  const throttled: Delivery = { ok: false, kind: "throttled", message: "slow down", retryable: true, afterMs: 40_000 };
  const well = await play(() => undefined);
  const { told, notifications } = await play(answering("email", throttled), { until: end + minute });
  const firing = (line: string) => /email firing .*203\.0\.113\.7/.test(line);
  const [before, after] = [well.told.find(firing), told.find(firing)].map((line) => Number(line?.split(" ")[0]));
  expect(after).toBeGreaterThanOrEqual((before ?? 0) + 40);
  expect(after).toBeLessThanOrEqual((before ?? 0) + 46);
  expect(told.length).toBe(well.told.length);
  expect(notifications.every(({ state }) => state === "sent")).toBe(true);
});

test("an address that is gone: failed with the reason, never tried again, and the other channel hears it", async () => {
  const gone: Delivery = { ok: false, kind: "not-found", message: "404 no_service", retryable: false };
  let tries = 0;
  const { notifications, told, books } = await play(
    (world) => {
      world.deliver = (channel) => {
        if (channel !== "slack") return { ok: true, providerId: "1" };
        tries += 1;
        return gone;
      };
    },
    { until: end + 5 * minute },
  );
  const chat = notifications.filter(({ channel }) => channel === "slack");
  expect(chat.length).toBeGreaterThan(3);
  expect(chat.every(({ state, reason }) => state === "failed" && reason === "not-found: 404 no_service")).toBe(true);
  expect(tries).toBe(chat.length);
  expect(told.length).toBe(chat.length);
  // A finding that one of its destinations got is sent.
  expect(books.suppressed.failed).toBeUndefined();
});

test("every finding ends as something: sent, pending or suppressed with a reason", async () => {
  const { books, notifications } = await play(() => undefined);
  const suppressed = Object.values(books.suppressed).reduce((sum, count) => sum + count, 0);
  expect(books.findings).toBe(books.sent + books.pending + suppressed);
  expect(notifications.length).toBeGreaterThan(8);
});
