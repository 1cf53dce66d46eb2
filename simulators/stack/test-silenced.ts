// For tests of what is withheld: one rule over the stores in memory, told of changes by hand, with a clock that is set.
import type { AlertChange, AlertUpdate, AlertUpdated, NotificationRequested } from "@logwatch/events";
import { balanceBooks } from "../../functions/notify/balance-books.ts";
import { decideNotifications } from "../../functions/notify/decide-notifications.ts";
import { tellUnsilenced } from "../../functions/schedule/tell-unsilenced.ts";
import type { Episode } from "../../functions/storage/alerts.ts";
import { openMemoryStorage } from "../../functions/storage/open-storage.ts";
import type { Silence } from "../../functions/storage/silences.ts";
import * as samples from "../../functions/storage/suite-samples.ts";

export const minute = 60_000;
export const start = Date.UTC(2026, 10, 25, 12);

const names = { ruleId: "rule", ruleName: "brute force", jobId: "job", jobName: "logins" };
const service = { serviceId: "auth", serviceName: "Sign-in" };
export const idOf = (user: string) => `a-${user}@1`;

/** One label set `user` that changes. */
export const change = (user: string, kind: AlertChange["kind"] = "opened", sequence = 1): AlertChange => ({
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

/** What evaluate tells of the minute that ends at `slot`. */
export const updateOf = (slot: number, changes: AlertChange[]): AlertUpdate => ({
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

/** Hides root and rookie for an hour. */
export const silenceOf = (over: Partial<Silence> = {}): Silence => ({
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

/** A job of the service `auth` with one rule that tells one address; what evaluate, notify and the sweep do, step by step. */
export const openSilenced = async () => {
  const storage = openMemoryStorage();
  await storage.configuration.apply("test", {
    sources: [samples.source],
    services: [samples.service],
    jobs: [samples.job("job", { name: names.jobName, everyMs: minute, windowMs: minute, startAt: start })],
    rules: [samples.rule("rule", "job", { name: names.ruleName, severity: "critical" })],
    destinations: [samples.destination("mail", { maxPerHour: 100 })],
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

/** The alert as that change leaves it. */
export const episodeOf = (one: AlertChange, slot: number): Episode => ({
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
