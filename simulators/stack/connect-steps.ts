// Connects every step to the topics it reads, as `events/flow.ts` says: one event source mapping a consumer, one a channel for deliver.
import { deadLetterTopic, flow, type Topic } from "@logwatch/events";
import * as channelPlugins from "../../functions/channels/index.ts";
import type { KafkaHandler } from "../../functions/lib/lambda.ts";
import {
  type EventSourceMapping,
  type EventSourceSettings,
  mapEventSource,
} from "../cloud/event-source-mapping/event-source-mapping.ts";
import type { Kafka } from "../cloud/kafka/kafka.ts";

/** The Lambda of each step; of deliver, the one of each channel. */
export type StepHandlers = Record<"analyze" | "snapshot" | "archive" | "evaluate" | "notify", KafkaHandler> & {
  deliver: Readonly<Record<string, KafkaHandler>>;
};

/** Above every handler's own time-outs: a Lambda is stopped here. */
const lambdaTimeoutMs = 120_000;

/** For a host under another clock, where waiting for a batch to fill would only take real time. */
export type Overrides = Pick<EventSourceSettings, "log" | "stopWithinMs"> & { batchingWindowMs?: number };

/** Creates the topics and starts reading them. */
export const connectSteps = (kafka: Kafka, handlers: StepHandlers, overrides: Overrides = {}): EventSourceMapping[] => {
  kafka.createTopic(deadLetterTopic, 1);
  const mappings: EventSourceMapping[] = [];
  for (const [topic, { partitions, consumers }] of Object.entries<Topic>(flow)) {
    kafka.createTopic(topic, partitions);
    for (const { step, batchSize, batchingWindowMs, retries } of consumers) {
      const settings = {
        kafka,
        topic,
        batchSize,
        batchingWindowMs,
        retries,
        bisect: true,
        deadLetterTopic,
        timeoutMs: lambdaTimeoutMs,
        ...overrides,
      };
      if (step !== "deliver") {
        mappings.push(mapEventSource({ ...settings, group: groupOf(step), handler: handlers[step] }));
        continue;
      }
      for (const [channel, handler] of Object.entries(handlers.deliver)) {
        const filter = (value: unknown) => channelOf(value) === channel;
        mappings.push(mapEventSource({ ...settings, group: groupOf(step, channel), handler, filter }));
      }
    }
  }
  return mappings;
};

/** `data.channel` of a record's value, as an event filter on AWS would read it. */
const channelOf = (value: unknown): unknown => {
  if (value === null || typeof value !== "object" || !("data" in value)) return undefined;
  const { data } = value;
  return data !== null && typeof data === "object" && "channel" in data ? data.channel : undefined;
};

const groupOf = (step: string, channel?: string): string =>
  channel === undefined ? `logwatch-${step}` : `logwatch-${step}-${channel}`;

/** Every consumer group and the topic it reads. */
export const groupsOf = (): { group: string; topic: string }[] =>
  Object.entries<Topic>(flow).flatMap(([topic, { consumers }]) =>
    consumers.flatMap(({ step, perChannel }) =>
      perChannel
        ? Object.values(channelPlugins).map((channel) => ({ group: groupOf(step, channel.id), topic }))
        : [{ group: groupOf(step), topic }],
    ),
  );
