// The pipeline worked by hand: the real handlers over real stores, and each step gets what its readers would when the test says
// so. For what happens between two steps: a change while a run is in flight, a batch that comes twice, a frozen process.
import { analysisRequested, flow, type Topic, type TopicName } from "@logwatch/events";
import * as z from "zod";
import * as analysisPlugins from "../../../functions/analyses/index.ts";
import { runAnalyses } from "../../../functions/analyze/run-analyses.ts";
import { archiveHandler } from "../../../functions/archive/handler.ts";
import { type Delivery, defineChannel } from "../../../functions/channels/channel.ts";
import { deliverHandler } from "../../../functions/deliver/handler.ts";
import { evaluateHandler } from "../../../functions/evaluate/handler.ts";
import type { OutgoingRecord } from "../../../functions/lib/bus.ts";
import { readConfig } from "../../../functions/lib/config.ts";
import { emitTo } from "../../../functions/lib/emit.ts";
import { type KafkaBatchResponse, type KafkaHandler, kafkaHandler } from "../../../functions/lib/lambda.ts";
import { registry } from "../../../functions/lib/registry.ts";
import { ok } from "../../../functions/lib/result.ts";
import { notifyHandler } from "../../../functions/notify/handler.ts";
import { requestOwed, retryFailedSlots } from "../../../functions/schedule/sweep.ts";
import { tellUnsilenced } from "../../../functions/schedule/tell-unsilenced.ts";
import { runTick, type TickPorts, tickLimits } from "../../../functions/schedule/tick.ts";
import { snapshotHandler } from "../../../functions/snapshot/handler.ts";
import type { OpenSource } from "../../../functions/sources/source.ts";
import type { Storage } from "../../../functions/storage/storage.ts";
import { mskEvent } from "../../cloud/event-source-mapping/msk-event.ts";

/** A reader of a topic. */
export type Reader = "analyze" | "snapshot" | "archive" | "evaluate" | "notify" | "deliver-email" | "deliver-slack";

const readers: Record<Reader, TopicName> = {
  analyze: "logwatch.analysis.requested",
  snapshot: "logwatch.analysis.finished",
  archive: "logwatch.analysis.finished",
  evaluate: "logwatch.analysis.finished",
  notify: "logwatch.alert.updated",
  "deliver-email": "logwatch.notification.requested",
  "deliver-slack": "logwatch.notification.requested",
};

export type Sent = { id: string; channel: string; status: string; title: string; lines: string[]; at: number };

export type ByHand = {
  storage: Storage;
  clock: { now: number };
  mailbox: Sent[];
  /** Everything that was published, by topic, in order. */
  published: Record<TopicName, OutgoingRecord[]>;
  /** One minute's tick at the clock's time; the clock moves to each slot's second. */
  tick: (over?: Partial<TickPorts>) => Promise<number>;
  /** What the schedule step does between slots: failed slots and owed messages are asked for again. */
  sweep: () => Promise<void>;
  /** Gives a reader what it has not read yet, in batches of its size. */
  pass: (reader: Reader) => Promise<KafkaBatchResponse["batchItemFailures"]>;
  /** Gives a reader everything that it ever read, once more. */
  passAgain: (reader: Reader) => Promise<KafkaBatchResponse["batchItemFailures"]>;
  /** Every reader in turn, until nobody has anything left to read. */
  passAll: () => Promise<void>;
  /** Minutes as they pass: ticks, and everything is read before the clock moves on. */
  live: (until: number) => Promise<void>;
};

const config = readConfig({ LOGWATCH_SECRETS_KEY: Buffer.alloc(32).toString("base64") });

/**
 * `answer`: what the provider of a channel says to the next message. `searchLagMs`: how long the source takes to find what it
 * received, as the analyze step was told.
 */
export const byHand = (
  storage: Storage,
  source: OpenSource,
  clock: { now: number },
  answer: (channel: string) => Delivery = () => ({ ok: true, providerId: "provider" }),
  searchLagMs = 0,
): ByHand => {
  const published: ByHand["published"] = {
    "logwatch.analysis.requested": [],
    "logwatch.analysis.finished": [],
    "logwatch.alert.updated": [],
    "logwatch.notification.requested": [],
  };
  const emit = emitTo(async (records) => {
    for (const record of records) published[topicOf(record.topic)].push(record);
  });
  const outside = { storage, emit, now: () => clock.now, log: () => undefined, config };
  const mailbox: Sent[] = [];
  const handlers = stepHandlers({ ...outside, searchLagMs }, source, (id) => listChannel(id, mailbox, clock, answer));
  const read = new Map<Reader, number>();
  const give = async (reader: Reader, from: number): Promise<KafkaBatchResponse["batchItemFailures"]> => {
    const records = published[readers[reader]];
    const end = records.length;
    const failures: KafkaBatchResponse["batchItemFailures"] = [];
    read.set(reader, end);
    for (let next = from; next < end; next += batchSizeOf(reader)) {
      const batch = records.slice(next, Math.min(end, next + batchSizeOf(reader)));
      failures.push(...(await handlers[reader](eventOf(batch, next, clock.now))).batchItemFailures);
    }
    return failures;
  };
  const pass: ByHand["pass"] = (reader) => give(reader, read.get(reader) ?? 0);
  const ports: TickPorts = {
    ...outside,
    ...storage,
    waitUntil: async (at) => {
      clock.now = Math.max(clock.now, at);
      return true;
    },
    newId: () => `claim-${Math.random()}`,
  };
  const passAll = async (): Promise<void> => {
    const order: Reader[] = ["analyze", "snapshot", "archive", "evaluate", "notify", "deliver-email", "deliver-slack"];
    // Late logs make analyze write to the topic that it reads.
    while (order.some((reader) => (read.get(reader) ?? 0) < published[readers[reader]].length))
      for (const reader of order) await pass(reader);
  };
  const tick: ByHand["tick"] = (over) => runTick(clock.now, { ...ports, ...over }, tickLimits);
  const sweep = async (): Promise<void> => {
    await retryFailedSlots({ ...ports, ...storage });
    await requestOwed({ ...ports, ...storage });
    await tellUnsilenced({ ...ports, ...storage });
  };
  const moveTo = async (at: number): Promise<true> => {
    await passAll();
    clock.now = Math.max(clock.now, at);
    return true;
  };
  const live = async (until: number): Promise<void> => {
    while (clock.now < until) {
      const end = Math.min(until, clock.now + tickLimits.aheadMs);
      await tick({ waitUntil: moveTo });
      await moveTo(end);
      await sweep();
      await passAll();
    }
  };
  return {
    storage,
    clock,
    mailbox,
    published,
    tick,
    sweep,
    pass,
    passAgain: (reader) => give(reader, 0),
    passAll,
    live,
  };
};

const topicOf = (name: string): TopicName => {
  const known = Object.values(readers).find((topic) => topic === name);
  if (!known) throw new Error(`Nothing is known of a topic called "${name}".`);
  return known;
};

const batchSizeOf = (reader: Reader): number => {
  const { consumers }: Topic = flow[readers[reader]];
  return consumers.find(({ step }) => reader.startsWith(step))?.batchSize ?? 1;
};

const eventOf = (records: readonly OutgoingRecord[], offset: number, at: number) =>
  mskEvent(
    records.map(({ topic, key, value }, index) => ({
      topic,
      partition: 0,
      offset: offset + index,
      at,
      key: Buffer.from(key),
      value: Buffer.from(value),
      headers: {},
    })),
  );

type Outside = Parameters<typeof notifyHandler>[0] & Parameters<typeof snapshotHandler>[0] & { storage: Storage };

const stepHandlers = (
  outside: Outside & Parameters<typeof deliverHandler>[1] & { searchLagMs: number },
  source: OpenSource,
  channel: (id: string) => ReturnType<typeof defineChannel>,
): Record<Reader, KafkaHandler> => ({
  analyze: kafkaHandler(analysisRequested, (events) =>
    runAnalyses(events, {
      ...outside,
      openSource: async () => ok(source),
      findAnalysis: registry("analysis", analysisPlugins).find,
      maxConcurrent: 4,
      timeoutMs: 10_000,
      latenessMs: config.LOGWATCH_LATENESS,
      onBlind: () => undefined,
    }),
  ),
  snapshot: snapshotHandler(outside),
  archive: archiveHandler(outside),
  evaluate: evaluateHandler(outside),
  notify: notifyHandler(outside),
  "deliver-email": deliverHandler(channel("email"), outside),
  "deliver-slack": deliverHandler(channel("slack"), outside),
});

/** A channel whose provider is a list. */
const listChannel = (id: string, mailbox: Sent[], clock: { now: number }, answer: (channel: string) => Delivery) =>
  defineChannel({
    id,
    title: id,
    description: "",
    address: z.unknown(),
    open:
      () =>
      async ({ notificationId, message: { status, title, lines } }) => {
        const delivery = answer(id);
        if (delivery.ok) mailbox.push({ id: notificationId, channel: id, status, title, lines, at: clock.now });
        return delivery;
      },
  });
