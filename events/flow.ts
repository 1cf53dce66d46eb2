// The flow, once, as data: topic → who makes it, who reads it, how. `infra/` builds queues and mappings from it; the local runner routes by it.
import { alertUpdated } from "./alert-updated.ts";
import { analysisFinished } from "./analysis-finished.ts";
import { analysisRequested } from "./analysis-requested.ts";
import { notificationRequested } from "./notification-requested.ts";

/** One reader of a topic: a step and how its batches are made (AWS Lambda's Kafka event source mapping). */
export type Consumer = {
  step: "analyze" | "snapshot" | "archive" | "evaluate" | "notify" | "deliver";
  /** Most records in one batch. */
  batchSize: number;
  /** How long to wait for a batch to fill, ms. */
  batchingWindowMs: number;
  /** Tries after the first before a record goes to the dead-letter topic. */
  retries: number;
  /** Set where each channel has a reader of its own: the record's `data.channel` decides. */
  perChannel?: true;
};

export type Topic = {
  event: typeof analysisRequested | typeof analysisFinished | typeof alertUpdated | typeof notificationRequested;
  /** What the record key is made of: order holds per key. */
  key: "question" | "job" | "rule" | "destination";
  partitions: number;
  producers: readonly string[];
  consumers: readonly Consumer[];
};

export const flow = {
  "logwatch.analysis.requested": {
    event: analysisRequested,
    key: "question",
    partitions: 4,
    producers: ["schedule", "analyze", "api"],
    consumers: [{ step: "analyze", batchSize: 500, batchingWindowMs: 50, retries: 2 }],
  },
  "logwatch.analysis.finished": {
    event: analysisFinished,
    key: "job",
    partitions: 4,
    producers: ["analyze"],
    consumers: [
      { step: "snapshot", batchSize: 500, batchingWindowMs: 100, retries: 2 },
      { step: "archive", batchSize: 500, batchingWindowMs: 500, retries: 2 },
      { step: "evaluate", batchSize: 500, batchingWindowMs: 0, retries: 2 },
    ],
  },
  "logwatch.alert.updated": {
    event: alertUpdated,
    key: "rule",
    partitions: 4,
    producers: ["evaluate", "schedule"],
    consumers: [{ step: "notify", batchSize: 100, batchingWindowMs: 0, retries: 2 }],
  },
  "logwatch.notification.requested": {
    event: notificationRequested,
    key: "destination",
    partitions: 4,
    producers: ["notify", "schedule", "api"],
    consumers: [{ step: "deliver", batchSize: 10, batchingWindowMs: 0, retries: 2, perChannel: true }],
  },
} as const satisfies Record<string, Topic>;

export type TopicName = keyof typeof flow;

/** Where records go that could not be handled, with the reason in their headers. */
export const deadLetterTopic = "logwatch.dead-letters";
