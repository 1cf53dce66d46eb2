// Handing typed events on: encodes them as their schema says and publishes them to their topic.
import {
  type AlertUpdated,
  type AnalysisFinished,
  type AnalysisRequested,
  flow,
  type NotificationRequested,
  type TopicName,
} from "@logwatch/events";
import * as z from "zod";
import type { OutgoingRecord, Publish } from "./bus.ts";

export type EventOf = {
  "logwatch.analysis.requested": AnalysisRequested;
  "logwatch.analysis.finished": AnalysisFinished;
  "logwatch.alert.updated": AlertUpdated;
  "logwatch.notification.requested": NotificationRequested;
};

/** An event and the key that keeps its order. */
export type Keyed<Event> = { key: string; event: Event };

/** Resolves when every event is stored. @throws when the bus refuses. */
export type Emit = <Topic extends TopicName>(topic: Topic, events: readonly Keyed<EventOf[Topic]>[]) => Promise<void>;

/** The wire form of one event. */
export const encodeEvent = <Topic extends TopicName>(
  topic: Topic,
  { key, event }: Keyed<EventOf[Topic]>,
): OutgoingRecord => {
  const schema: z.ZodType = flow[topic].event;
  return { topic, key, value: JSON.stringify(z.encode(schema, event)) };
};

/** Emits through a bus, all events of a call at once. */
export const emitTo =
  (publish: Publish): Emit =>
  async (topic, events) => {
    if (events.length > 0) await publish(events.map((one) => encodeEvent(topic, one)));
  };
