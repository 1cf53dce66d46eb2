// How a delivery ends: sent only after success, tried again when the provider lets us, failed with its reason.
import { type NotificationRequested, notificationRequested } from "@logwatch/events";
import { expect, test } from "vitest";
import type { Delivery } from "../channels/channel.ts";
import { emitTo } from "../lib/emit.ts";
import { requestOwed } from "../schedule/sweep.ts";
import type { NotificationRecord } from "../storage/notifications.ts";
import { openMemoryStorage } from "../storage/open-storage.ts";
import { deliverNotifications, settlementOf } from "./deliver-notifications.ts";

const record: NotificationRecord = {
  notificationId: "n1",
  destinationId: "mail",
  channel: "email",
  evaluationId: "rule@1.0",
  ruleId: "rule",
  jobId: "job",
  message: { title: "t", severity: "info", status: "firing", lines: [], fields: [], examples: [], links: [] },
  state: "owed",
  reason: "",
  findings: 1,
  attempts: 0,
  createdAt: 1_000,
  nextAttemptAt: 61_000,
  sentAt: null,
  providerId: null,
};

const open = async (enabled = true, confirmedAt: number | null = 0) => {
  const storage = openMemoryStorage();
  const mail = {
    id: "mail",
    name: "mail",
    channel: "email",
    address: {},
    secret: "",
    enabled,
    maxPerHour: 10,
    confirmedAt,
  };
  await storage.configuration.apply("test", { sources: [], services: [], jobs: [], rules: [], destinations: [mail] });
  await storage.notifications.owe([record]);
  const { notificationId, destinationId, channel, evaluationId, ruleId, message } = record;
  const requested = (attempts: number): NotificationRequested => ({
    id: "n1",
    type: "notification.requested",
    at: 0,
    cause: null,
    data: { notificationId, destinationId, channel, evaluationId, ruleId, message, attempts },
  });
  const sent: string[] = [];
  /** `attempts`: of each request in the batch, how many tries there had been when it was made. */
  const deliver = (delivery: Delivery, attempts: readonly number[] = [0], channelId = "email") =>
    deliverNotifications(attempts.map(requested), {
      channelId,
      send: async (outgoing) => {
        sent.push(outgoing.notificationId);
        return delivery;
      },
      openAddress: (destination) => destination.address,
      ...storage,
      now: () => 2_000,
      timeoutMs: 1_000,
    });
  const stored = async () => (await storage.notifications.find(["n1"]))[0];
  return { deliver, sent, stored };
};

test("what was sent is never sent again, however often it is requested", async () => {
  const { deliver, sent, stored } = await open();
  await deliver({ ok: true, providerId: "p1" });
  await deliver({ ok: true, providerId: "p2" });
  expect(sent).toEqual(["n1"]);
  expect(await stored()).toMatchObject({ state: "sent", providerId: "p1", attempts: 1 });
});

test("a provider that throttles is asked again after the time it named", async () => {
  const { deliver, stored } = await open();
  await deliver({ ok: false, kind: "throttled", message: "slow down", retryable: true, afterMs: 5_000 });
  expect(await stored()).toMatchObject({
    state: "owed",
    reason: "throttled: slow down",
    nextAttemptAt: 7_000,
    attempts: 1,
  });
  await deliver({ ok: true, providerId: "p" }, [1]);
  expect(await stored()).toMatchObject({ state: "sent", attempts: 2 });
});

test("copies of a request that wait behind a slow channel are no further tries", async () => {
  const { deliver, sent, stored } = await open();
  const wait: Delivery = { ok: false, kind: "throttled", message: "slow down", retryable: true, afterMs: 600_000 };
  await deliver(wait, [0, 0]);
  await deliver(wait);
  await deliver(wait, [0, 0, 0]);
  expect(sent).toHaveLength(1);
  expect(await stored()).toMatchObject({ attempts: 1, nextAttemptAt: 602_000 });
});

test("the request of the next try counts, wherever it stands among older copies", async () => {
  const { deliver, sent } = await open();
  const wait: Delivery = { ok: false, kind: "throttled", message: "slow down", retryable: true, afterMs: 600_000 };
  await deliver(wait);
  await deliver(wait, [0, 1, 0]);
  expect(sent).toHaveLength(2);
});

test("a provider that asks for ten minutes is asked every ten minutes, however long its queue holds requests of the sweep", async () => {
  const storage = openMemoryStorage();
  const mail = {
    id: "mail",
    name: "mail",
    channel: "email",
    address: {},
    secret: "",
    enabled: true,
    maxPerHour: 10,
    confirmedAt: 0,
  };
  await storage.configuration.apply("test", { sources: [], services: [], jobs: [], rules: [], destinations: [mail] });
  await storage.notifications.owe([{ ...record, createdAt: 0, nextAttemptAt: 0 }]);
  const queue: NotificationRequested[] = [];
  const triedAt: number[] = [];
  let minutes = 0;
  const now = () => minutes * 60_000;
  const send = async (): Promise<Delivery> => {
    triedAt.push(minutes);
    return { ok: false, kind: "throttled", message: "slow down", retryable: true, afterMs: 600_000 };
  };
  const emit = emitTo(async (records) => {
    queue.push(...records.map(({ value }) => notificationRequested.parse(JSON.parse(value))));
  });
  const openAddress = () => ({});
  for (; minutes <= 60; minutes += 1) {
    await requestOwed({ ...storage, emit, now });
    // For its first quarter of an hour the channel is stuck, and requests pile up.
    const batch = minutes < 15 ? [] : queue.splice(0, 3);
    await deliverNotifications(batch, { channelId: "email", send, openAddress, ...storage, now, timeoutMs: 1_000 });
  }
  expect(triedAt).toEqual([15, 25, 35, 45, 55]);
});

test("a request of before there was a count of tries is one for the first", () => {
  const { attempts: _attempts, ...data } = record;
  const older = { id: "n1", type: "notification.requested", at: new Date(0).toISOString(), cause: null, data };
  expect(notificationRequested.parse(older).data.attempts).toBe(0);
});

test("an address that is gone fails with the reason and is never tried again", async () => {
  const { deliver, sent, stored } = await open();
  const gone: Delivery = { ok: false, kind: "not-found", message: "404", retryable: false };
  await deliver(gone);
  await deliver(gone);
  expect(sent).toHaveLength(1);
  expect(await stored()).toMatchObject({ state: "failed", reason: "not-found: 404" });
});

test("a destination that was switched off ends its messages as failed, and nothing is sent", async () => {
  const { deliver, sent, stored } = await open(false);
  await deliver({ ok: true, providerId: "p" });
  expect([sent, (await stored())?.state]).toEqual([[], "failed"]);
});

test("nothing is sent to who has not agreed: the message fails with that reason, and is not tried again", async () => {
  const { deliver, sent, stored } = await open(true, null);
  await deliver({ ok: true, providerId: "p" });
  expect(sent).toEqual([]);
  expect(await stored()).toMatchObject({
    state: "failed",
    reason: expect.stringMatching(/^unconfirmed: /),
    findings: 1,
  });
});

test("each channel takes only its own", async () => {
  const { deliver, sent } = await open();
  await deliver({ ok: true, providerId: "p" }, [0], "slack");
  expect(sent).toEqual([]);
});

test("tries grow further apart, and end after a day", () => {
  const failed: Delivery = { ok: false, kind: "unreachable", message: "x", retryable: true };
  const waits = [0, 1, 2, 3, 20].map(
    (attempts) => settlementOf({ ...record, attempts }, failed, 10_000).nextAttemptAt - 10_000,
  );
  expect(waits).toEqual([10_000, 20_000, 40_000, 80_000, 900_000]);
  expect(settlementOf(record, failed, record.createdAt + 86_400_000).state).toBe("failed");
});
