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

test("whatever cannot be asked any more is given up, and is not looked at again", async () => {
  const { storage, clock, ports } = await openWorld();
  const halfMinute = start + minute / 2;
  await storage.coverage.record([
    ...Array.from({ length: 150 }, (_, index) => failedRange({ jobId: `gone-${index}` })),
    // Asked when the job had another interval: it holds no whole slot of this one.
    failedRange({ from: halfMinute, to: halfMinute + minute }),
  ]);
  expect(await retryFailedSlots(ports)).toBe(0);
  clock.now += 48 * 60 * minute;
  expect(await storage.coverage.retryable(clock.now, 1000)).toEqual([]);
  expect((await storage.coverage.read("job", 0, clock.now)).map(({ state }) => state)).toEqual(["failed"]);
});

test("a range from before the job's start (late logs, or another interval then) is asked in whole slots of today's", async () => {
  const { storage, ports, slots } = await openWorld();
  await storage.coverage.record([failedRange({ from: start - 2.5 * minute })]);
  expect(await retryFailedSlots(ports)).toBe(5);
  expect(slots.map(({ data }) => (data.window.to - start) / minute)).toEqual([-1, 0, 1, 2, 3]);
});

test("slots older than a day are given up, the younger ones of their range are asked", async () => {
  const { storage, clock, ports, slots } = await openWorld();
  await storage.coverage.record([failedRange({ to: start + 60 * minute })]);
  clock.now = start + 24 * 60 * minute + 30 * minute + 5000;
  expect(await retryFailedSlots(ports)).toBe(31);
  expect((slots[0]?.data.window.to ?? 0) - start).toBe(30 * minute);
  clock.now += 60 * minute;
  expect(await retryFailedSlots(ports)).toBe(0);
  expect(await storage.coverage.retryable(Number.MAX_SAFE_INTEGER, 10)).toEqual([]);
});

test("a sweep asks no more than its share; a range that did not fit is asked by the next one, none is put off for nothing", async () => {
  const { storage, clock, ports, slots } = await openWorld();
  const ids = ["a", "b", "c"];
  const { jobs, ...wanted } = await storage.configuration.read();
  await storage.configuration.apply("test", {
    ...wanted,
    jobs: jobs.flatMap((job) => ids.map((id) => ({ ...job, id, everyMs: 1000, windowMs: 1000 }))),
  });
  clock.now = start + 60 * minute;
  await storage.coverage.record(ids.map((jobId) => failedRange({ jobId, to: start + 10 * minute })));
  expect(await retryFailedSlots(ports)).toBe(600);
  expect(await retryFailedSlots(ports)).toBe(600);
  expect(await retryFailedSlots(ports)).toBe(600);
  expect(await retryFailedSlots(ports)).toBe(0);
  expect(new Set(slots.map(({ id }) => id)).size).toBe(1800);
});

test("a range larger than a sweep is asked from its start on, and goes on where answers end", async () => {
  const { storage, clock, ports, slots } = await openWorld();
  const { jobs, ...wanted } = await storage.configuration.read();
  const every = { everyMs: 1000, windowMs: 1000 };
  await storage.configuration.apply("test", { ...wanted, jobs: jobs.map((job) => ({ ...job, ...every })) });
  clock.now = start + 60 * minute;
  await storage.coverage.record([failedRange({ to: start + 40 * minute })]);
  for (const asked of [1000, 1000, 400, 0]) {
    const before = slots.length;
    expect(await retryFailedSlots(ports)).toBe(asked);
    await storage.coverage.record(
      slots.slice(before).map(({ data: { jobId, window, revision } }) => ({
        ...failedRange({ jobId, ...window, revision }),
        state: "complete" as const,
        reason: "",
        retryAt: null,
      })),
    );
    clock.now += minute;
  }
  expect(await storage.coverage.read("job", 0, clock.now)).toMatchObject([
    { from: start, to: start + 40 * minute, state: "complete" },
  ]);
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
