// Ten thousand jobs that fire in one second: nothing is lost, one message for each evaluation of a rule up to the hourly limit of
// a destination, and the rest is suppressed with that reason.
import { expect, test } from "vitest";
import { openMemory } from "../../../functions/sources/memory.ts";
import type { Configuration } from "../../../functions/storage/configuration.ts";
import { attack, configuration, job, minute, rule, second, start } from "../test-scenario.ts";
import { booksOf } from "./books.ts";
import { byHand } from "./by-hand.ts";
import { type StoreKind, storeKinds, storeOpener } from "./open-stores.ts";

const open = storeOpener();
const jobsOf = { memory: 10_000, SQL: 400 } as const;

/** All jobs ask the same question; `mail` takes 300 messages an hour, `chat` more than there are. */
const storm = async (kind: StoreKind, destinationIds = ["mail", "chat"]) => {
  const ids = Array.from({ length: jobsOf[kind] }, (_, index) => `job-${index}`);
  const params = { measurement: "failed_logins_by_address", op: "ge", limit: 8 };
  const wanted: Configuration = {
    ...configuration,
    jobs: ids.map((id) => job(id, "failed-logins", minute, minute)),
    rules: ids.map((id) => rule(id, "brute force", { params, tellResolved: false, destinationIds })),
    destinations: configuration.destinations.map((one) => ({ ...one, maxPerHour: one.id === "mail" ? 300 : 100_000 })),
  };
  const entries = [attack(5, 20, "203.0.113.7"), attack(20, 20, "198.51.100.9"), attack(35, 20, "192.0.2.77")].flat();
  const hand = byHand(await open(kind), openMemory(entries), { now: start + minute + second });
  await hand.storage.configuration.apply("test", wanted);
  const before = process.memoryUsage().rss;
  expect(await hand.tick()).toBe(ids.length);
  await hand.passAll();
  return { hand, count: ids.length, grownBytes: process.memoryUsage().rss - before };
};

test.each(storeKinds)("a storm is told, limited and in the books, over %s", { timeout: 60_000 }, async (kind) => {
  const { hand, count, grownBytes } = await storm(kind);
  const sentBy = (channel: string) => hand.mailbox.filter((one) => one.channel === channel);
  // Three addresses in each window, and one message for them.
  expect(sentBy("slack")).toHaveLength(count);
  expect(sentBy("slack").every(({ lines }) => /3|203\.0\.113\.7/.test(lines.join(" ")))).toBe(true);
  expect(sentBy("email")).toHaveLength(300);
  expect(new Set(hand.mailbox.map(({ id }) => id)).size).toBe(hand.mailbox.length);
  const { notifications, ...books } = await booksOf(hand.storage);
  expect(notifications).toHaveLength(2 * count);
  const limited = notifications.filter(({ state }) => state === "suppressed");
  expect(limited.every(({ destinationId, reason }) => destinationId === "mail" && reason === "rate-limited")).toBe(
    true,
  );
  expect(limited).toHaveLength(count - 300);
  expect(books).toEqual({
    findings: 3 * count,
    sent: 3 * count,
    pending: 0,
    suppressed: {},
  });
  expect(grownBytes).toBeLessThan(1_000_000_000);
});

test("what the limit suppressed is in the books, and does not come back as a flood when the hour is over", {
  timeout: 60_000,
}, async () => {
  const { hand } = await storm("SQL");
  const told = hand.mailbox.length;
  hand.clock.now += 61 * minute;
  await hand.sweep();
  await hand.passAll();
  expect(hand.mailbox).toHaveLength(told);
});
