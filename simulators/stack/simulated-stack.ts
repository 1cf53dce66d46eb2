// A stack under a simulated clock: the real steps, the Kafka stand-in and real stores, with a log in memory and a list for a mailbox.
// It can be killed at any await and started again over what it had stored. For tests of crashes and outages.
import { join } from "node:path";
import { analysisRequested, flow, type Topic } from "@logwatch/events";
import * as z from "zod";
import * as analysisPlugins from "../../functions/analyses/index.ts";
import { runAnalyses } from "../../functions/analyze/run-analyses.ts";
import { archiveHandler } from "../../functions/archive/handler.ts";
import { type Delivery, defineChannel } from "../../functions/channels/channel.ts";
import { deliverHandler } from "../../functions/deliver/handler.ts";
import { evaluateHandler } from "../../functions/evaluate/handler.ts";
import { readConfig } from "../../functions/lib/config.ts";
import { emitTo } from "../../functions/lib/emit.ts";
import { type KafkaHandler, kafkaHandler } from "../../functions/lib/lambda.ts";
import { registry } from "../../functions/lib/registry.ts";
import { ok } from "../../functions/lib/result.ts";
import { notifyHandler } from "../../functions/notify/handler.ts";
import { requestOwed, retryFailedSlots } from "../../functions/schedule/sweep.ts";
import { tellUnsilenced } from "../../functions/schedule/tell-unsilenced.ts";
import { runTick, tickLimits } from "../../functions/schedule/tick.ts";
import { snapshotHandler } from "../../functions/snapshot/handler.ts";
import type { OpenSource } from "../../functions/sources/source.ts";
import type { Db } from "../../functions/storage/db.ts";
import { migrate } from "../../functions/storage/migrate.ts";
import { openSqlStorage } from "../../functions/storage/open-storage.ts";
import type { Storage } from "../../functions/storage/storage.ts";
import { startAurora } from "../cloud/aurora/aurora.ts";
import { openDatabaseAt } from "../cloud/aurora/open-database.ts";
import { createFaults, type Faults } from "../cloud/faults.ts";
import { type Kafka, openKafka } from "../cloud/kafka/kafka.ts";
import { openRedis } from "../cloud/redis.ts";
import { connectSteps, type StepHandlers } from "./connect-steps.ts";
import { firstLeaseMs } from "./first-lease.ts";
import type { Mortal } from "./mortal.ts";

/** The stores as one life sees them, and how that life lets go of them. */
export type OpenStorage = (life: Mortal) => Promise<{ storage: Storage; close: () => Promise<void> }>;

/** What outlives a kill: the stores, the bus's file, the world outside and the clock. */
export type World = {
  folder: string;
  openStorage: OpenStorage;
  source: OpenSource;
  faults: Faults;
  clock: { now: number };
  /** What reached the providers, in order; a double is here twice. */
  mailbox: { id: string; channel: string; status: string; title: string; at: number }[];
  /** The provider's answer to the next message of a channel. */
  deliver: (channel: string) => Delivery;
};

/** An empty world over these stores. */
export const openWorld = (
  outside: Pick<World, "folder" | "openStorage" | "source" | "clock">,
  faults = createFaults(),
): World => ({
  ...outside,
  faults,
  mailbox: [],
  deliver: () => ({ ok: true, providerId: "provider" }),
});

const minuteMs = 60_000;
const sweepEveryMs = 5_000;
const channelIds = ["email", "slack"];

/** One life of the process, from its start at `clock.now` to `until`; it ends early when it dies. */
export const live = async (world: World, life: Mortal, until: number): Promise<void> => {
  const kafka = openKafka({ file: join(world.folder, "kafka.db"), faults: world.faults, now: () => world.clock.now });
  const { storage, close } = await world.openStorage(life);
  const handlers = stepHandlers(world, storage, kafka, life);
  // The simulated clock stands still meanwhile: waiting for a batch to fill would only take real time.
  const mappings = connectSteps(kafka, handlers, { batchingWindowMs: 0, stopWithinMs: 0, log: () => undefined });
  try {
    await Promise.race([life.died, tickUntil(world, storage, kafka, life, until)]);
  } finally {
    // A dead life is abandoned as it stands: it writes nothing any more.
    await Promise.all(mappings.map((mapping) => mapping.stop()));
    kafka.close();
    await close();
  }
};

const tickUntil = async (
  { clock }: World,
  storage: Storage,
  kafka: Kafka,
  life: Mortal,
  until: number,
): Promise<void> => {
  const ports = {
    ...storage,
    emit: emitTo((records) => life.pass(() => kafka.publish(records))),
    now: () => clock.now,
    log: () => undefined,
    newId: () => `claim-${clock.now}-${life.passed()}-${Math.random()}`,
  };
  const sweepTo = async (at: number): Promise<true> => {
    // What was just published is worked off before the clock moves.
    await drained(kafka, life);
    for (let next = nextSweep(clock.now); next <= at; next += sweepEveryMs) {
      clock.now = next;
      await retryFailedSlots(ports);
      await requestOwed(ports);
      await tellUnsilenced(ports);
      await drained(kafka, life);
    }
    clock.now = Math.max(clock.now, at);
    await drained(kafka, life);
    return true;
  };
  for (let isFirst = true; clock.now < until; isFirst = false) {
    const tickAt = clock.now;
    const end = Math.min(until, (Math.floor(tickAt / minuteMs) + 1) * minuteMs);
    const limits = { ...tickLimits, aheadMs: end - tickAt, leaseMs: isFirst ? firstLeaseMs : tickLimits.leaseMs };
    await runTick(tickAt, { ...ports, waitUntil: sweepTo }, limits);
    await sweepTo(end);
  }
};

const nextSweep = (now: number): number => (Math.floor(now / sweepEveryMs) + 1) * sweepEveryMs;

/** Until every group has read everything; never, when the life is over. */
const drained = async (kafka: Kafka, life: Mortal): Promise<void> => {
  const readers = Object.entries<Topic>(flow).flatMap(([topic, { consumers }]) =>
    consumers.flatMap(({ step, perChannel }) =>
      (perChannel ? channelIds.map((channel) => `${step}-${channel}`) : [step]).map((name) => ({
        topic,
        group: `logwatch-${name}`,
      })),
    ),
  );
  // In the flow's order, and twice: what a reader hands on was counted behind it.
  for (let quiet = 0; quiet < 2; ) {
    await new Promise((resolve) => setImmediate(resolve));
    if (life.isOver()) return new Promise(() => undefined);
    quiet = readers.every(({ topic, group }) => kafka.lag(group, topic) === 0) ? quiet + 1 : 0;
  }
};

const config = readConfig({
  LOGWATCH_SECRETS_KEY: Buffer.alloc(32).toString("base64"),
  // The log in memory is found as soon as it has arrived.
  LOGWATCH_SEARCH_LAG: "0s",
});

const stepHandlers = (world: World, storage: Storage, kafka: Kafka, life: Mortal): StepHandlers => {
  const emit = emitTo((records) => life.pass(() => kafka.publish(records)));
  const outside = { storage, emit, now: () => world.clock.now, log: () => undefined, config };
  const passing =
    (handler: KafkaHandler): KafkaHandler =>
    (event) =>
      life.pass(() => handler(event));
  const source = ok({ ...world.source, ask: life.port({ ask: world.source.ask }).ask });
  const analyze = kafkaHandler(analysisRequested, (events) =>
    runAnalyses(events, {
      ...outside,
      openSource: async () => source,
      findAnalysis: registry("analysis", analysisPlugins).find,
      maxConcurrent: 4,
      timeoutMs: 10_000,
      latenessMs: config.LOGWATCH_LATENESS,
      searchLagMs: config.LOGWATCH_SEARCH_LAG,
      onBlind: () => undefined,
    }),
  );
  const deliver = channelIds.map((id) => [id, passing(deliverHandler(listChannel(id, world, life), outside))]);
  return {
    analyze: passing(analyze),
    snapshot: passing(snapshotHandler(outside)),
    archive: passing(archiveHandler(outside)),
    evaluate: passing(evaluateHandler(outside)),
    notify: passing(notifyHandler(outside)),
    deliver: Object.fromEntries(deliver),
  };
};

/** A channel whose provider is the world's list. */
const listChannel = (id: string, world: World, life: Mortal) =>
  defineChannel({
    id,
    title: id,
    description: "",
    address: z.unknown(),
    open:
      () =>
      ({ notificationId, message: { status, title } }) =>
        life.pass(async () => {
          const delivery = world.deliver(id);
          if (delivery.ok) world.mailbox.push({ id: notificationId, channel: id, status, title, at: world.clock.now });
          return delivery;
        }),
  });

/** Stores in memory, which outlive every life; each call of theirs is a place to die. */
export const memoryStores =
  (storage: Storage): OpenStorage =>
  async (life) => ({
    storage: {
      jobs: life.port(storage.jobs),
      coverage: life.port(storage.coverage),
      measurements: life.port(storage.measurements),
      ruleStates: life.port(storage.ruleStates),
      alerts: life.port(storage.alerts),
      silences: life.port(storage.silences),
      withheld: life.port(storage.withheld),
      notifications: life.port(storage.notifications),
      findings: life.port(storage.findings),
      snapshots: life.port(storage.snapshots),
      runs: life.port(storage.runs),
      changes: life.port(storage.changes),
      configuration: life.port(storage.configuration),
    },
    close: async () => undefined,
  });

/** Stores in a database file, opened anew by each life; each statement is a place to die, in a transaction too. Redis is empty at each start. */
export const sqlStores =
  (file: string, faults: Faults = createFaults()): OpenStorage =>
  async (life) => {
    const aurora = await startAurora({ port: 0, file, faults });
    const db = openDatabaseAt(aurora.url);
    await migrate(db);
    return { storage: openSqlStorage(mortalDb(db, life), openRedis(faults)), close: aurora.close };
  };

const mortalDb = (db: Db, life: Mortal): Db => ({
  ...life.port(db),
  transaction: (work) => life.pass(() => db.transaction((sql) => work(life.port(sql)))),
});
