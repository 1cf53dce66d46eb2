// Silences and acknowledgements: what is told, what is not and why, what is told later, and the books of it.
import type { AlertChange, AlertUpdate, AlertUpdated, NotificationRequested } from "@logwatch/events";
import { expect, test } from "vitest";
import { tellUnsilenced } from "../schedule/tell-unsilenced.ts";
import type { Episode } from "../storage/alerts.ts";
import { openMemoryStorage } from "../storage/open-storage.ts";
import type { Rule } from "../storage/rule-states.ts";
import type { Silence } from "../storage/silences.ts";
import { balanceBooks } from "./balance-books.ts";
import { decideNotifications } from "./decide-notifications.ts";
import { previewSilence } from "./preview-silence.ts";

const minute = 60_000;
const start = Date.UTC(2026, 10, 25, 12);

const rule: Rule = {
  id: "rule",
  jobId: "job",
  name: "brute force",
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
  maxExamples: 5,
  maxTracked: 100,
  flappingChanges: 0,
  flappingMs: 0,
  destinationIds: ["mail"],
};
const names = { ruleId: "rule", ruleName: "brute force", jobId: "job", jobName: "logins" };
const service = { serviceId: "auth", serviceName: "Sign-in" };
const idOf = (user: string) => `a-${user}@1`;

const change = (user: string, kind: AlertChange["kind"] = "opened", sequence = 1): AlertChange => ({
  alertId: idOf(user),
  fingerprint: user,
  sequence,
  kind,
  labels: { user },
  value: 12,
  why: "12 > 10",
  since: start,
  late: false,
});

const updateOf = (slot: number, changes: AlertChange[]): AlertUpdate => ({
  ...names,
  ...service,
  evaluationId: `rule@${slot}.0`,
  severity: "critical",
  window: { from: start + (slot - 1) * minute, to: start + slot * minute },
  revision: 0,
  changes,
  examples: [],
  destinationIds: ["mail"],
  maxExamples: 5,
});

const silenceOf = (over: Partial<Silence> = {}): Silence => ({
  id: "s",
  serviceId: "auth",
  matchers: [{ name: "user", op: "=~", value: "ro.*" }],
  startsAt: start,
  endsAt: start + 60 * minute,
  authorId: "u",
  authorName: "User 1",
  comment: "",
  createdAt: start,
  updatedAt: start,
  version: 1,
  endedEarly: false,
  ...over,
});

const open = async () => {
  const storage = openMemoryStorage();
  await storage.configuration.apply("test", {
    sources: [{ id: "source", name: "source", kind: "memory", params: {}, secret: "" }],
    services: [{ id: "auth", name: "Sign-in", sourceId: "source", filter: "service:auth", colour: "#000000" }],
    jobs: [
      {
        id: "job",
        name: "logins",
        analysis: "failed-logins",
        params: {},
        serviceId: "auth",
        everyMs: minute,
        windowMs: minute,
        delayMs: 0,
        enabled: true,
        ownerId: "test",
        startAt: start,
      },
    ],
    rules: [{ ...rule, enabled: true }],
    destinations: [
      {
        id: "mail",
        name: "mail",
        channel: "email",
        address: {},
        secret: "",
        enabled: true,
        maxPerHour: 100,
        confirmedAt: 0,
      },
    ],
  });
  const clock = { now: start + minute };
  const requested: NotificationRequested[] = [];
  const updates: AlertUpdated[] = [];
  const ports = {
    ...storage,
    now: () => clock.now,
    linksFor: () => [],
    emit: async (_topic: string, sent: readonly { event: { type: string } }[]) => {
      for (const { event } of sent) {
        if (isRequest(event)) requested.push(event);
        if (isUpdate(event)) updates.push(event);
      }
    },
  };
  const notify = (...all: AlertUpdate[]) =>
    decideNotifications(
      all.map((data) => ({ id: data.evaluationId, type: "alert.updated", at: clock.now, cause: null, data })),
      ports,
    );
  /** One evaluation as evaluate leaves it: the alerts stored, the update told. */
  const evaluate = async (slot: number, changes: AlertChange[]) => {
    clock.now = start + slot * minute;
    const episodes = changes.map((one) => episodeOf(one, slot));
    await storage.ruleStates.commit([
      {
        ruleId: "rule",
        evaluationId: `rule@${slot}.0`,
        evaluatedTo: slot,
        upserts: [],
        removals: [],
        events: [],
        episodes,
        unfired: [],
      },
    ]);
    await notify(updateOf(slot, changes));
  };
  const sweep = async () => {
    const told = await tellUnsilenced(ports);
    for (const { data } of updates.splice(0)) await notify(data);
    return told;
  };
  const messages = async () =>
    (await storage.notifications.list({ limit: 100 })).map(({ message }) => message.lines.join(" | ")).reverse();
  const books = async () =>
    balanceBooks(await storage.findings.totals(), await storage.notifications.list({ limit: 100 }));
  return { storage, clock, requested, updates, ports, notify, evaluate, sweep, messages, books };
};

const isRequest = (event: { type: string }): event is NotificationRequested => event.type === "notification.requested";
const isUpdate = (event: { type: string }): event is AlertUpdated => event.type === "alert.updated";

const episodeOf = (one: AlertChange, slot: number): Episode => ({
  ...names,
  ...service,
  alertId: one.alertId,
  fingerprint: one.fingerprint,
  severity: "critical",
  labels: one.labels,
  state: one.kind === "resolved" ? "resolved" : "firing",
  value: one.value,
  why: one.why,
  sequence: one.sequence,
  openedAt: start + minute,
  firedAt: start + minute,
  resolvedAt: one.kind === "resolved" ? start + slot * minute : null,
  updatedAt: start + slot * minute,
  late: false,
});

test("what a silence hides is in the books, the rest of the update is one message", async () => {
  const { storage, evaluate, messages, books } = await open();
  await storage.silences.put(silenceOf(), 0);
  await evaluate(1, [change("root"), change("admin"), change("rookie")]);
  expect(await messages()).toEqual(["Firing user=admin: 12 > 10"]);
  expect(await books()).toEqual({ findings: 3, sent: 0, pending: 1, suppressed: { silenced: 2 } });
});

test("a silence of another service, one that is over and one that has not begun hide nothing", async () => {
  const { storage, evaluate, messages } = await open();
  await storage.silences.put(silenceOf({ serviceId: "dns" }), 0);
  await storage.silences.put(silenceOf({ id: "over", endsAt: start + minute }), 0);
  await storage.silences.put(silenceOf({ id: "later", startsAt: start + 2 * minute }), 0);
  await evaluate(1, [change("root")]);
  expect(await messages()).toHaveLength(1);
});

test("a redelivered update is decided as before, whatever has become of the silence", async () => {
  const { storage, clock, notify, requested, messages, books } = await open();
  await storage.silences.put(silenceOf(), 0);
  const first = updateOf(1, [change("root"), change("admin")]);
  await notify(first);
  await notify(first, first);
  clock.now += 120 * minute;
  await notify(first);
  expect(await messages()).toEqual(["Firing user=admin: 12 > 10"]);
  expect(new Set(requested.map(({ id }) => id)).size).toBe(1);
  // Nor does a silence that is made later hide what was owed already.
  const second = updateOf(2, [change("guest")]);
  await notify(second);
  const now = { startsAt: start, endsAt: clock.now + minute };
  await storage.silences.put(silenceOf({ id: "all", matchers: [], ...now }), 0);
  await notify(second);
  expect(await books()).toEqual({ findings: 3, sent: 0, pending: 2, suppressed: { silenced: 1 } });
});

test("repeats of an acknowledged alert are not told, its end is; taken back, they are told again", async () => {
  const { storage, evaluate, messages, books } = await open();
  await evaluate(1, [change("root")]);
  await storage.alerts.acknowledge(idOf("root"), { by: "u", note: "on it", at: start }, null);
  await evaluate(2, [change("root", "repeat", 2), change("admin")]);
  await storage.alerts.acknowledge(idOf("root"), null, start);
  await evaluate(3, [change("root", "repeat", 3)]);
  await storage.alerts.acknowledge(idOf("root"), { by: "u", note: "", at: start + 1 }, null);
  await evaluate(4, [change("root", "repeat", 4)]);
  await evaluate(5, [change("root", "resolved", 5)]);
  expect(await messages()).toEqual([
    "Firing user=root: 12 > 10",
    "Firing user=admin: 12 > 10",
    "Still firing user=root: 12 > 10",
    "Resolved user=root: 12 > 10",
  ]);
  expect(await books()).toEqual({ findings: 6, sent: 0, pending: 4, suppressed: { acknowledged: 2 } });
});

test("when a silence ends and the alert still fires, it is told then, once, and counted once", async () => {
  const { storage, clock, evaluate, sweep, messages, books } = await open();
  await storage.silences.put(silenceOf(), 0);
  await evaluate(1, [change("root"), change("rookie")]);
  await evaluate(2, [change("root", "repeat", 2)]);
  expect(await sweep()).toBe(0);
  clock.now = start + 60 * minute - 1;
  expect(await sweep()).toBe(0);
  clock.now += 1;
  expect(await sweep()).toBe(2);
  clock.now += 10 * minute;
  expect(await sweep()).toBe(0);
  const [told, ...others] = await messages();
  expect(others).toEqual([]);
  expect(told).toContain("Firing user=root: 12 > 10 (was silenced, and still fires)");
  expect(told).toContain("Firing user=rookie");
  expect(await books()).toEqual({ findings: 3, sent: 0, pending: 0, suppressed: { silenced: 3 } });
  const [line] = await storage.alerts.timeline(idOf("root"), 10);
  const [message] = await storage.notifications.list({ evaluationIds: [line?.evaluationId ?? ""], limit: 10 });
  expect(message?.message.lines.join()).toContain("user=root");
  // From now on it is known: its end is told.
  await evaluate(80, [change("root", "resolved", 3)]);
  expect(await messages()).toHaveLength(2);
});

test("a silence that is ended by hand tells at once, one that is prolonged does not", async () => {
  const { storage, clock, evaluate, sweep, messages } = await open();
  await storage.silences.put(silenceOf({ endsAt: start + 5 * minute }), 0);
  await evaluate(1, [change("root")]);
  clock.now = start + 2 * minute;
  await storage.silences.put(silenceOf({ version: 2, updatedAt: clock.now }), 1);
  expect(await sweep()).toBe(0);
  clock.now = start + 6 * minute;
  expect(await sweep()).toBe(0);
  const ended = { endsAt: clock.now, updatedAt: clock.now, endedEarly: true };
  await storage.silences.put(silenceOf({ version: 3, ...ended }), 2);
  expect(await sweep()).toBe(1);
  expect(await messages()).toHaveLength(1);
});

test("the end of an alert that nobody was told of is not told, and leaves nothing to tell", async () => {
  const { storage, clock, evaluate, sweep, messages, books } = await open();
  await storage.silences.put(silenceOf({ endsAt: start + 2 * minute }), 0);
  await evaluate(1, [change("root")]);
  await evaluate(3, [change("root", "resolved", 2)]);
  clock.now = start + 30 * minute;
  expect(await sweep()).toBe(0);
  expect(await messages()).toEqual([]);
  expect(await books()).toEqual({ findings: 2, sent: 0, pending: 0, suppressed: { silenced: 2 } });
});

test("a repeat that comes before the sweep is the first that is heard, and says so", async () => {
  const { storage, evaluate, sweep, messages } = await open();
  await storage.silences.put(silenceOf({ endsAt: start + 2 * minute }), 0);
  await evaluate(1, [change("root")]);
  await evaluate(3, [change("root", "repeat", 2)]);
  expect(await sweep()).toBe(0);
  expect(await messages()).toEqual(["Firing user=root: 12 > 10"]);
});

test("two sweeps at once tell it once; an update that was lost on its way is made again under its id", async () => {
  const { storage, clock, evaluate, updates, ports, notify, messages } = await open();
  await storage.silences.put(silenceOf({ endsAt: start + 2 * minute }), 0);
  await evaluate(1, [change("root"), change("rookie")]);
  clock.now = start + 3 * minute;
  await Promise.all([tellUnsilenced(ports), tellUnsilenced(ports)]);
  const ids = new Set(updates.splice(0).map(({ id }) => id));
  expect(ids.size).toBe(1);
  clock.now += minute;
  await tellUnsilenced(ports);
  expect(updates.map(({ id }) => id)).toEqual([...ids]);
  const [again] = updates;
  if (again) await notify(again.data, again.data);
  if (again) await notify(again.data);
  expect(await messages()).toHaveLength(1);
});

test("what a new silence hides before the word of the old one's end is told, waits for the new one", async () => {
  const { storage, clock, evaluate, updates, ports, notify, sweep, messages } = await open();
  await storage.silences.put(silenceOf({ endsAt: start + 2 * minute }), 0);
  await evaluate(1, [change("root")]);
  clock.now = start + 3 * minute;
  await tellUnsilenced(ports);
  const next = { startsAt: clock.now, updatedAt: clock.now, endsAt: start + 9 * minute };
  await storage.silences.put(silenceOf({ id: "next", ...next }), 0);
  for (const { data } of updates.splice(0)) await notify(data, data);
  expect(await messages()).toEqual([]);
  clock.now = start + 9 * minute;
  expect(await sweep()).toBe(1);
  expect(await messages()).toHaveLength(1);
});

test("an acknowledged alert is not told at the end of its silence, unless the acknowledgement is taken back", async () => {
  const { storage, clock, evaluate, sweep, messages } = await open();
  await storage.silences.put(silenceOf({ endsAt: start + 2 * minute }), 0);
  await evaluate(1, [change("root")]);
  await storage.alerts.acknowledge(idOf("root"), { by: "u", note: "", at: start }, null);
  clock.now = start + 3 * minute;
  expect(await sweep()).toBe(0);
  await storage.alerts.acknowledge(idOf("root"), null, start);
  expect(await sweep()).toBe(1);
  expect(await messages()).toHaveLength(1);
});

test("a message that was sent stays so in the books when it is sent again, and one that failed is pending again", async () => {
  const { storage, evaluate, books } = await open();
  await evaluate(1, [change("root")]);
  await evaluate(2, [change("admin")]);
  const [second, first] = await storage.notifications.list({ limit: 10 });
  if (!first || !second) throw new Error("Two messages are owed.");
  await storage.notifications.settle([
    { ...first, state: "sent", attempts: 1, sentAt: start },
    { ...second, state: "failed", reason: "bad address", attempts: 1 },
  ]);
  expect(await books()).toEqual({ findings: 2, sent: 1, pending: 0, suppressed: { failed: 1 } });
  for (const { notificationId } of [first, second]) await storage.notifications.resend(notificationId, start);
  expect(await books()).toEqual({ findings: 2, sent: 1, pending: 1, suppressed: {} });
});

test("a preview names what a silence would hide now, and what it would have hidden in the last day", () => {
  const now = start + 2 * 1440 * minute;
  const firing = episodeOf(change("root"), 1);
  const over = { ...episodeOf(change("rookie", "resolved"), 2) };
  const other = episodeOf(change("admin"), 1);
  const event = (alert: Episode, at: number, told: AlertChange["kind"] | null) => ({
    ...alert,
    at,
    from: "ok" as const,
    to: "firing" as const,
    evaluationId: "e",
    told,
  });
  const events = [
    event(firing, now - 1440 * minute, "opened"),
    event(over, now - minute, "opened"),
    event(over, now, "resolved"),
    event(over, now, null),
    event(other, now, "opened"),
  ];
  const preview = previewSilence(silenceOf().matchers, [firing, over, other, firing], events, now);
  expect(preview).toEqual({ ok: true, value: { now: [firing], lastDay: [{ alert: over, changes: 2 }] } });
  expect(previewSilence([{ name: "user", op: "=~", value: "(" }], [], [], now)).toMatchObject({ ok: false });
});
