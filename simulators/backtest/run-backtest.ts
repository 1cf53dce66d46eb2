// Back-test: the production steps over a log file, under a simulated clock. Nothing here decides anything: it is the bus, the
// clock, the source and the mailbox of the same schedule, analyze, archive, evaluate, notify and deliver cores.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { AnalysisFinished, LogEntry, Message } from "@logwatch/events";
import * as analysisPlugins from "../../functions/analyses/index.ts";
import { runAnalyses } from "../../functions/analyze/run-analyses.ts";
import { archiveResults } from "../../functions/archive/archive-results.ts";
import * as channelPlugins from "../../functions/channels/index.ts";
import { deliverNotifications } from "../../functions/deliver/deliver-notifications.ts";
import { evaluateResults } from "../../functions/evaluate/evaluate-results.ts";
import type { Emit, EventOf, Keyed } from "../../functions/lib/emit.ts";
import type { Ask } from "../../functions/lib/question.ts";
import { registry } from "../../functions/lib/registry.ts";
import { ok } from "../../functions/lib/result.ts";
import { decideNotifications } from "../../functions/notify/decide-notifications.ts";
import * as ruleKindPlugins from "../../functions/rule-kinds/index.ts";
import { runTick, tickLimits } from "../../functions/schedule/tick.ts";
import { keepSnapshots } from "../../functions/snapshot/keep-snapshots.ts";
import { openMemory } from "../../functions/sources/memory.ts";
import type { Configuration } from "../../functions/storage/configuration.ts";
import { openMemoryStorage } from "../../functions/storage/open-storage.ts";
import type { Storage } from "../../functions/storage/storage.ts";

export type SentMessage = { at: number; destinationId: string; message: Message };

export type BacktestRun = {
  storage: Storage;
  /** Slots asked for the first time. */
  due: number;
  /** Verdicts of all rules over all windows. */
  verdicts: number;
  finished: AnalysisFinished["data"][];
  sent: SentMessage[];
};

/** What services read that name no source of their own. Its kind is never opened: whatever a service names, the file answers. */
export const fileSource = { id: "file", name: "the log file", kind: "memory", params: {}, secret: "" };

/** A simulated day a tick: every slot still goes out at its own second of the simulated clock. */
const aheadMs = 86_400_000;

export type BacktestPorts = {
  onResult: (result: AnalysisFinished["data"]) => void;
  /** Hears how far the simulated clock is, 0 to 1. */
  onProgress?: ((done: number) => void) | undefined;
  /** What is asked instead of the entries themselves: a log store that holds them. */
  ask?: Ask | undefined;
};

/** The production steps over the span of these entries. */
export const runBacktest = async (
  configuration: Configuration,
  entries: readonly LogEntry[],
  { onResult, onProgress, ask = openMemory(entries).ask }: BacktestPorts,
): Promise<BacktestRun> => {
  const storage = openMemoryStorage();
  await storage.configuration.apply("backtest", { ...configuration, sources: [...configuration.sources, fileSource] });
  const run: BacktestRun = { storage, due: 0, verdicts: 0, finished: [], sent: [] };
  const { from, to } = spanOf(configuration, entries);
  const clock = { now: from };
  const emit = routeTo(run, clock, ask, onResult);
  let claims = 0;
  const ports = {
    ...storage,
    emit,
    now: () => clock.now,
    newId: () => `claim-${claims++}`,
    log: () => undefined,
    waitUntil: async (at: number) => {
      clock.now = Math.max(clock.now, at);
      return true;
    },
  };
  for (let at = from; at < to; at = Math.min(to, at + aheadMs)) {
    // The last tick goes exactly to the end: a slot after the last line would only report that the file is over.
    const ahead = Math.min(aheadMs, to - at);
    // Nobody else ticks here: nothing is given up, and no claim needs renewing.
    const unbounded = { maxCatchUpSlots: Number.MAX_SAFE_INTEGER, renewEveryMs: Number.MAX_SAFE_INTEGER };
    run.due += await runTick(at, ports, { ...tickLimits, ...unbounded, aheadMs: ahead });
    clock.now = at + ahead;
    onProgress?.((clock.now - from) / (to - from));
    // Everything above is promises only: without a turn of the event loop no abort signal of any window is ever let go.
    await nextTurn();
  }
  return run;
};

/** From the first job's first slot to the moment when every job's slot that holds the last line is due. */
const spanOf = (configuration: Configuration, entries: readonly LogEntry[]): { from: number; to: number } => {
  const last = entries.reduce((newest, entry) => Math.max(newest, entry.at), 0);
  const starts = configuration.jobs.map((job) => job.startAt);
  const ends = configuration.jobs.map((job) => {
    const slots = Math.floor((last - job.startAt) / job.everyMs) + 1;
    return job.startAt + slots * job.everyMs + job.delayMs;
  });
  return { from: Math.min(...starts), to: Math.max(...ends) };
};

/** The bus of a back-test: every event goes straight to the steps that read its topic. */
const routeTo = (run: BacktestRun, clock: { now: number }, ask: Ask, onResult: BacktestPorts["onResult"]): Emit => {
  const { storage } = run;
  const source = ok({ ask });
  const now = () => clock.now;
  const analyses = registry("analysis", analysisPlugins);
  const ruleKinds = registry("rule kind", ruleKindPlugins);
  const steps: { [Topic in keyof EventOf]: (events: EventOf[Topic][]) => Promise<void> } = {
    "logwatch.analysis.requested": (events) =>
      runAnalyses(events, {
        openSource: async () => source,
        findAnalysis: analyses.find,
        emit,
        now,
        maxConcurrent: 1,
        timeoutMs: 600_000,
        // A file says when a line happened, not when it arrived.
        latenessMs: 0,
        searchLagMs: 0,
        onBlind: () => undefined,
      }),
    "logwatch.analysis.finished": async (events) => {
      for (const event of events) onResult(event.data);
      await keepSnapshots(events, { ...storage, now, log: () => undefined });
      await archiveResults(events, { ...storage, now });
      run.verdicts += await evaluateResults(events, { ...storage, getRuleKind: ruleKinds.get, emit, now });
    },
    "logwatch.alert.updated": (events) => decideNotifications(events, { ...storage, emit, now, linksFor: () => [] }),
    "logwatch.notification.requested": async (events) => {
      for (const channel of registry("channel", channelPlugins).all) {
        await deliverNotifications(events, {
          channelId: channel.id,
          send: async ({ message, notificationId }) => {
            const destinationId =
              events.find((event) => event.data.notificationId === notificationId)?.data.destinationId ?? "";
            run.sent.push({ at: clock.now, destinationId, message });
            return { ok: true, providerId: notificationId };
          },
          openAddress: (destination) => destination.address,
          ...storage,
          now,
          timeoutMs: 60_000,
        });
      }
    },
  };
  const emit: Emit = async <Topic extends keyof EventOf>(topic: Topic, events: readonly Keyed<EventOf[Topic]>[]) => {
    if (events.length > 0) await steps[topic](events.map((one) => one.event));
  };
  return emit;
};
