// Who hears of an update, once, and why somebody does not; and how a delivery ends.
import type { AlertChange, AlertUpdate, AlertUpdated, NotificationRequested } from "@logwatch/events";
import { expect, test } from "vitest";
import type { Configuration } from "../storage/configuration.ts";
import { openMemoryStorage } from "../storage/open-storage.ts";
import { balanceBooks } from "./balance-books.ts";
import { composeMessage } from "./compose-message.ts";
import { decideNotifications } from "./decide-notifications.ts";

const change = (user: string, over: Partial<AlertChange> = {}): AlertChange => ({
  alertId: `a-${user}`,
  fingerprint: user,
  sequence: 1,
  kind: "opened",
  labels: { user },
  value: 12,
  why: "12 > 10",
  since: 60_000,
  late: false,
  ...over,
});

const update = (over: Partial<AlertUpdate> = {}): AlertUpdated => {
  const data: AlertUpdate = {
    evaluationId: "rule@1.0",
    ruleId: "rule",
    ruleName: "brute force",
    jobId: "job",
    jobName: "logins",
    serviceId: "auth",
    serviceName: "auth",
    severity: "critical",
    window: { from: 0, to: 60_000 },
    revision: 0,
    changes: [change("root")],
    examples: ["login failed for root"],
    destinationIds: ["mail", "chat"],
    maxExamples: 3,
    ...over,
  };
  return { id: data.evaluationId, type: "alert.updated", at: 60_000, cause: null, data };
};

const destination = (id: string, over = {}) => ({
  id,
  name: id,
  channel: "email",
  address: { to: ["a@example.com"] },
  secret: "",
  enabled: true,
  maxPerHour: 100,
  confirmedAt: 0,
  ...over,
});
const configured = (over: Partial<Configuration> = {}): Configuration => ({
  sources: [],
  services: [],
  jobs: [],
  rules: [],
  destinations: [destination("mail"), destination("chat")],
  ...over,
});

const open = async (configuration = configured()) => {
  const storage = openMemoryStorage();
  await storage.configuration.apply("test", configuration);
  const requested: NotificationRequested[] = [];
  const clock = { now: 100_000 };
  const notify = (...events: AlertUpdated[]) =>
    decideNotifications(events, {
      ...storage,
      now: () => clock.now,
      linksFor: () => [],
      emit: async (_topic, sent) => {
        for (const { event } of sent) if (event.type === "notification.requested") requested.push(event);
      },
    });
  return { storage, requested, clock, notify };
};

test("each destination is owed one message", async () => {
  const { notify, requested, storage } = await open();
  await notify(update());
  expect(requested.map((event) => event.data.destinationId).sort()).toEqual(["chat", "mail"]);
  expect((await storage.notifications.list(10)).map((record) => record.state)).toEqual(["owed", "owed"]);
});

test("a redelivered update owes nothing new, and what is still owed is requested under the same id", async () => {
  const { notify, requested, storage } = await open();
  await notify(update());
  const [first, second] = requested.splice(0);
  await storage.notifications.settle([
    {
      notificationId: first?.id ?? "",
      state: "sent",
      reason: "",
      attempts: 1,
      nextAttemptAt: 0,
      sentAt: 1,
      providerId: "p",
    },
  ]);
  await notify(update());
  expect(requested.map((event) => event.id)).toEqual([second?.id]);
  expect(await storage.notifications.list(10)).toHaveLength(2);
});

test("a redelivered update asks for no further try of a message whose provider asked to wait", async () => {
  const { notify, requested, storage } = await open();
  await notify(update({ destinationIds: ["mail"] }));
  const [first] = await storage.notifications.list(1);
  if (!first) throw new Error("Nothing is owed.");
  await storage.notifications.settle([{ ...first, attempts: 3, reason: "throttled: x", nextAttemptAt: 900_000 }]);
  await notify(update({ destinationIds: ["mail"] }));
  // Deliver skips what was tried since it was requested; three would be the request of a fourth try.
  expect(requested.map((event) => event.data.attempts)).toEqual([0, 0]);
});

test("a rule without anybody to hear it says so in the books", async () => {
  const { notify, storage } = await open(configured({ destinations: [destination("mail", { enabled: false })] }));
  await notify(update({ changes: [change("root"), change("admin")] }));
  expect(await storage.findings.totals()).toEqual(new Map([["no-destination", 2]]));
});

test("a bad rule floods nobody: above the hourly limit messages are suppressed with the reason, and counted", async () => {
  const { notify, requested, storage } = await open(
    configured({ destinations: [destination("mail", { maxPerHour: 3 })] }),
  );
  for (let index = 0; index < 10; index += 1)
    await notify(update({ evaluationId: `rule@${index}.0`, destinationIds: ["mail"] }));
  expect(requested).toHaveLength(3);
  const records = await storage.notifications.list(20);
  expect(balanceBooks(new Map(), records)).toEqual({
    findings: 10,
    sent: 0,
    pending: 3,
    suppressed: { "rate-limited": 7 },
  });
});

test("an update that comes again beside a new one takes no share of the hourly limit", async () => {
  const { notify, storage } = await open(configured({ destinations: [destination("mail", { maxPerHour: 2 })] }));
  await notify(update({ evaluationId: "rule@1.0" }));
  await notify(update({ evaluationId: "rule@1.0" }), update({ evaluationId: "rule@2.0" }));
  expect((await storage.notifications.list(10)).map(({ state }) => state)).toEqual(["owed", "owed"]);
  await notify(update({ evaluationId: "rule@3.0" }), update({ evaluationId: "rule@3.0" }));
  expect((await storage.notifications.list(10)).map(({ state }) => state).sort()).toEqual([
    "owed",
    "owed",
    "suppressed",
  ]);
});

test("an update that comes again when its destination is gone is in the books once", async () => {
  const { notify, storage } = await open();
  await notify(update());
  await storage.configuration.apply("test", configured({ destinations: [] }));
  await notify(update());
  const books = balanceBooks(await storage.findings.totals(), await storage.notifications.list(10));
  expect(books).toEqual({ findings: 1, sent: 0, pending: 1, suppressed: {} });
});

test("one message carries all label sets that changed; above the cap, that many and the count", () => {
  const changes = Array.from({ length: 12 }, (_, index) => change(`u${index}`));
  const message = composeMessage(update({ changes }).data);
  expect(message.title).toBe("brute force on auth: 12 label sets");
  expect(message.lines).toEqual([
    "Firing user=u0: 12 > 10",
    "Firing user=u1: 12 > 10",
    "Firing user=u2: 12 > 10",
    "… and 9 more (12 in all).",
  ]);
  expect(message.status).toBe("firing");
});

test("a message says that its evidence is late, and a resolved one shows no log lines", () => {
  expect(composeMessage(update({ changes: [change("root", { late: true })] }).data).lines.at(-1)).toMatch(
    /^Late evidence/,
  );
  const resolved = composeMessage(update({ changes: [change("root", { kind: "resolved" })] }).data);
  expect([resolved.status, resolved.examples]).toEqual(["resolved", []]);
});

test("Since is when what fires began, not what is resolved in the same message", () => {
  const since = (...changes: AlertChange[]) =>
    composeMessage(update({ changes }).data).fields.find(({ name }) => name === "Since")?.value;
  const over = change("admin", { kind: "resolved", since: 10_000 });
  expect(since(change("root", { since: 90_000 }), over)).toBe("1970-01-01T00:01:30.000Z");
  expect(since(change("root", { kind: "repeat", since: 80_000 }), change("a", { since: 90_000 }), over)).toBe(
    "1970-01-01T00:01:20.000Z",
  );
  expect(since(over)).toBeUndefined();
});

test("the books: a finding told to several is sent when one got it, pending while one is owed, else suppressed", () => {
  const record = (evaluationId: string, state: "sent" | "owed" | "failed" | "suppressed", reason = "") => ({
    evaluationId,
    state,
    reason,
    findings: 2,
  });
  const books = balanceBooks(new Map([["pending", 5]]), [
    record("1", "failed"),
    record("1", "sent"),
    record("2", "owed"),
    record("2", "failed"),
    record("3", "failed", "not-found: gone"),
    record("4", "suppressed", "rate-limited"),
  ]);
  expect(books).toEqual({
    findings: 13,
    sent: 2,
    pending: 2,
    suppressed: { pending: 5, failed: 2, "rate-limited": 2 },
  });
});
