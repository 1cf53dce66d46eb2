// Lambda's event source mapping for Kafka: batches by size and by time, one invocation at a time a partition, partitions side by
// side. An offset is committed only when all before it is handled or kept as a dead letter: at least once, never lost.
import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { type Log, openLog } from "../../../functions/lib/log.ts";
import type { Kafka } from "../kafka/kafka.ts";
import type { MskHandler } from "./invoke-handler.ts";
import { readPartition } from "./read-partition.ts";

export type EventSourceSettings = {
  kafka: Kafka;
  topic: string;
  group: string;
  handler: MskHandler;
  /** Most records in one batch. */
  batchSize: number;
  /** How long a batch may wait to fill, ms, from its first record; 0: not at all. */
  batchingWindowMs: number;
  /** Tries after the first. */
  retries: number;
  /** Whether a failing batch is cut in halves to find the record. */
  bisect: boolean;
  deadLetterTopic: string;
  /** When an invocation counts as failed. */
  timeoutMs: number;
  /** Keeps a record by its parsed value, as AWS's event filtering does. What is not JSON is never dropped: the handler names it. */
  filter?: (value: unknown) => boolean;
  /** How long records are held while nothing succeeds at all, ms, before the oldest is given up. */
  outageMs?: number;
  /** How long `stop` waits for running invocations, ms. */
  stopWithinMs?: number;
  log?: Log;
};

export type EventSourceMapping = { stop: () => Promise<void> };

/** What the partitions of a mapping share. */
export type Mapping = Required<Omit<EventSourceSettings, "filter">> &
  Pick<EventSourceSettings, "filter"> & {
    stopping: AbortSignal;
    /** Successful invocations, of all partitions. */
    successes: number;
    /** True when `stop` waits no longer: nothing may be written any more. */
    isAbandoned: boolean;
  };

const defaultOutageMs = 600_000;
const defaultStopWithinMs = 1500;

/** Starts at once, at the group's offsets. Reads partitions that are added later, too. @throws for a topic that is not there. */
export const mapEventSource = (settings: EventSourceSettings): EventSourceMapping => {
  const stopping = new AbortController();
  // Every partition waits on the one signal.
  setMaxListeners(0, stopping.signal);
  const mapping: Mapping = {
    ...settings,
    outageMs: settings.outageMs ?? defaultOutageMs,
    stopWithinMs: settings.stopWithinMs ?? defaultStopWithinMs,
    log: settings.log ?? openLog("warn"),
    stopping: stopping.signal,
    successes: 0,
    isAbandoned: false,
  };
  const partitions: Promise<void>[] = [];
  mapping.kafka.eachPartition(mapping.topic, stopping.signal, (partition) => {
    partitions.push(readPartition(mapping, partition));
  });
  return {
    stop: async () => {
      stopping.abort();
      const bound = new AbortController();
      const late = sleep(mapping.stopWithinMs, undefined, { signal: bound.signal }).catch(() => undefined);
      await Promise.race([Promise.all(partitions), late]);
      bound.abort();
      mapping.isAbandoned = true;
    },
  };
};
