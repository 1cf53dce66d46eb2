// Rule preview: the bus, the clock and the mailbox of the production evaluate and notify cores, over stores in memory. Nothing here
// decides anything, nothing is written anywhere else, and nothing is sent: what is owed counts as sent at once.
import type { AlertUpdated, AnalysisResult } from "@logwatch/events";
import { evaluateResults } from "../../evaluate/evaluate-results.ts";
import type { Emit } from "../../lib/emit.ts";
import { registry } from "../../lib/registry.ts";
import { decideNotifications } from "../../notify/decide-notifications.ts";
import * as ruleKindPlugins from "../../rule-kinds/index.ts";
import type { DestinationRecord, RuleRecord } from "../../storage/configuration.ts";
import type { NotificationRecord } from "../../storage/notifications.ts";
import { openMemoryStorage } from "../../storage/open-storage.ts";
import type { RuleCommit } from "../../storage/rule-states.ts";
import type { collectMessages } from "./collect-messages.ts";
import type { PreviewJob } from "./stored-slots.ts";

export type WorldPorts = {
  onCommit: (commit: RuleCommit) => void;
  messages: Pick<ReturnType<typeof collectMessages>, "addFindings" | "addUpdate">;
};

const hourMs = 3_600_000;

/** Judges a job's results, each once and in order; resolves to the number of verdicts. */
export const openPreviewWorld = async (
  job: PreviewJob,
  rules: readonly RuleRecord[],
  destinations: readonly DestinationRecord[],
  { onCommit, messages }: WorldPorts,
): Promise<(results: readonly AnalysisResult[]) => Promise<number>> => {
  const storage = await openStores(job, rules, destinations);
  const clock = { now: 0, forgetAt: 0 };
  const now = () => clock.now;
  const findings = {
    record: async (records: Parameters<typeof messages.addFindings>[0]) => messages.addFindings(records),
  };
  const deliver = deliverTo(storage.notifications, now);
  const notify = async (event: AlertUpdated): Promise<void> => {
    clock.now = event.data.window.to + job.delayMs;
    const owed: string[] = [];
    const owe = async (records: readonly NotificationRecord[]) => {
      owed.push(...records.map((record) => record.notificationId));
      return storage.notifications.owe(records);
    };
    const notifications = { ...storage.notifications, owe };
    await decideNotifications([event], { ...storage, notifications, findings, emit: deliver, now, linksFor: () => [] });
    messages.addUpdate(event.data, await storage.notifications.find(owed), clock.now);
    if (clock.now < clock.forgetAt) return;
    // Only the last hour is ever looked at again, by the limit of messages an hour.
    await storage.notifications.forget(clock.now - hourMs, Number.MAX_SAFE_INTEGER);
    clock.forgetAt = clock.now + hourMs;
  };
  const ports = {
    ruleStates: {
      load: storage.ruleStates.load,
      // No slot is judged twice here, so nobody asks for a timeline, and none is kept; nor are alerts, which nobody acknowledges.
      events: async () => [],
      commit: async (commits: readonly RuleCommit[]) => {
        for (const commit of commits) onCommit(commit);
        await storage.ruleStates.commit(commits.map((commit) => ({ ...commit, events: [], episodes: [] })));
      },
    },
    findings,
    getRuleKind: registry("rule kind", ruleKindPlugins).get,
    emit: (async (_topic, events) => {
      for (const { event } of events) if (event.type === "alert.updated") await notify(event);
    }) satisfies Emit,
    now,
  };
  return (results) => evaluateResults(results.map(finishedEvent), ports);
};

/** Everything a configuration needs to be whole; nothing of it is asked or sent to. */
const openStores = async (
  job: PreviewJob,
  rules: readonly RuleRecord[],
  destinations: readonly DestinationRecord[],
): Promise<ReturnType<typeof openMemoryStorage>> => {
  const storage = openMemoryStorage();
  const { serviceName, ...record } = job;
  await storage.configuration.apply("preview", {
    sources: [{ id: "preview", name: "", kind: "preview", params: {}, secret: "" }],
    services: [{ id: job.serviceId, name: serviceName, sourceId: "preview", filter: "*", colour: "#000000" }],
    jobs: [{ ...record, params: {}, enabled: true, ownerId: "preview" }],
    rules: [...rules],
    destinations: [...destinations],
  });
  return storage;
};

const deliverTo =
  (notifications: Awaited<ReturnType<typeof openStores>>["notifications"], now: () => number): Emit =>
  async (_topic, events) => {
    const sent = { state: "sent" as const, reason: "", attempts: 1, nextAttemptAt: 0, sentAt: now(), providerId: null };
    await notifications.settle(events.map(({ event }) => ({ ...sent, notificationId: event.id })));
  };

const finishedEvent = (data: AnalysisResult) => ({
  id: `${data.slotId}.${data.revision}.finished`,
  type: "analysis.finished" as const,
  at: data.finishedAt,
  cause: null,
  data,
});
