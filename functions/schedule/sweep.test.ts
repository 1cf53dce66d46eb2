// The sweep: failed slots and owed messages are asked for again, by one tick only, under the same ids.
import type { AnalysisRequested, Message, NotificationRequested } from "@logwatch/events";
import { expect, test } from "vitest";
import type { CoverageRange } from "../storage/coverage.ts";
import type { NotificationRecord } from "../storage/notifications.ts";
import { openMemoryStorage } from "../storage/open-storage.ts";
import { requestOwed, retryFailedSlots, type SweepPorts } from "./sweep.ts";

const minute = 60_000;
const start = Date.UTC(2026, 10, 22, 12);

const openWorld = async () => {
  const storage = openMemoryStorage();
  await storage.configuration.apply("test", {
    sources: [{ id: "source", name: "source", kind: "memory", params: {}, secret: "" }],
    services: [{ id: "auth", name: "auth", sourceId: "source", filter: "service:auth", colour: "#000000" }],
    jobs: [
      {
        id: "job",
        name: "job",
        analysis: "failed-logins",
        params: {},
        serviceId: "auth",
        everyMs: minute,
        windowMs: 2 * minute,
        delayMs: 5000,
        enabled: true,
        ownerId: "test",
        startAt: start,
      },
    ],
    rules: [],
    destinations: [],
  });
  const clock = { now: start + 10 * minute };
  const slots: AnalysisRequested[] = [];
  const messages: NotificationRequested[] = [];
  const ports: SweepPorts = {
    ...storage,
    now: () => clock.now,
    emit: async (_topic, events) => {
      for (const { event } of events) {
        if (event.type === "analysis.requested") slots.push(event);
        if (event.type === "notification.requested") messages.push(event);
      }
    },
  };
  return { storage, clock, slots, messages, ports };
};

const failedRange = (over: Partial<CoverageRange> = {}): CoverageRange => ({
  jobId: "job",
  from: start,
  to: start + 3 * minute,
  state: "failed",
  revision: 0,
  reason: "overloaded: 503",
  retryAt: start + 5 * minute,
  ...over,
});

test("every slot of a failed range is asked again with its own window and a higher revision", async () => {
  const { storage, ports, slots } = await openWorld();
  await storage.coverage.record([failedRange()]);
  expect(await retryFailedSlots(ports)).toBe(3);
  expect(slots.map(({ data }) => (data.window.to - start) / minute)).toEqual([1, 2, 3]);
  expect(slots.every(({ data }) => data.window.to - data.window.from === 2 * minute)).toBe(true);
  expect(slots.every(({ data }) => data.revision > 0 && data.reason === "retry")).toBe(true);
});

test("two sweeps at once ask once", async () => {
  const { storage, ports, slots } = await openWorld();
  await storage.coverage.record([failedRange()]);
  const asked = await Promise.all([retryFailedSlots(ports), retryFailedSlots(ports)]);
  expect(asked.toSorted()).toEqual([0, 3]);
  expect(slots).toHaveLength(3);
});

test("before its time nothing is asked; a request that was lost is asked again after a minute", async () => {
  const { storage, clock, ports } = await openWorld();
  await storage.coverage.record([failedRange({ retryAt: clock.now + 1 })]);
  expect(await retryFailedSlots(ports)).toBe(0);
  clock.now += 1;
  expect(await retryFailedSlots(ports)).toBe(3);
  expect(await retryFailedSlots(ports)).toBe(0);
  clock.now += minute;
  expect(await retryFailedSlots(ports)).toBe(3);
});

test("the slots of a job that is gone are not asked, and disturb no other", async () => {
  const { storage, ports, slots } = await openWorld();
  await storage.coverage.record([failedRange({ jobId: "gone" }), failedRange()]);
  expect(await retryFailedSlots(ports)).toBe(3);
  expect(new Set(slots.map(({ data }) => data.jobId))).toEqual(new Set(["job"]));
});

const message: Message = {
  title: "t",
  severity: "warning",
  status: "firing",
  lines: [],
  fields: [],
  examples: [],
  links: [],
};

const owed = (id: string, over: Partial<NotificationRecord> = {}): NotificationRecord => ({
  notificationId: id,
  destinationId: "mail",
  channel: "email",
  evaluationId: `rule@${id}`,
  ruleId: "rule",
  jobId: "job",
  message,
  state: "owed",
  reason: "",
  findings: 1,
  attempts: 0,
  createdAt: start,
  nextAttemptAt: start + minute,
  sentAt: null,
  providerId: null,
  ...over,
});

test("a message whose request was lost is requested again, under its own id; what ended is not", async () => {
  const { storage, ports, messages } = await openWorld();
  await storage.notifications.owe([
    owed("lost"),
    owed("later", { nextAttemptAt: start + 60 * minute }),
    owed("sent", { state: "sent", sentAt: start }),
    owed("failed", { state: "failed", reason: "not-found: no_service" }),
  ]);
  expect(await requestOwed(ports)).toBe(1);
  expect(messages.map((event) => [event.id, event.data.notificationId, event.cause])).toEqual([
    ["lost", "lost", "rule@lost"],
  ]);
  expect(await requestOwed(ports)).toBe(0);
});

test("a message that nobody delivers, its channel being gone, is failed after a day and requested no more", async () => {
  const { storage, clock, ports, messages } = await openWorld();
  await storage.notifications.owe([owed("orphan", { channel: "pager" })]);
  for (let hour = 0; hour < 30; hour += 1) {
    clock.now = start + hour * 60 * minute;
    await requestOwed(ports);
  }
  expect(messages).toHaveLength(25);
  expect((await storage.notifications.find(["orphan"])).map(({ state, reason }) => [state, reason])).toEqual([
    ["failed", "undelivered: nobody delivered it for a day"],
  ]);
});
