// The edge of deliver: what a batch of requests means when an address cannot be opened.
import type { MSKEvent } from "aws-lambda";
import { expect, test } from "vitest";
import { defineChannel } from "../channels/channel.ts";
import { slack } from "../channels/index.ts";
import { readConfig } from "../lib/config.ts";
import { encodeEvent } from "../lib/emit.ts";
import { seal } from "../lib/secret.ts";
import type { DestinationRecord } from "../storage/configuration.ts";
import type { NotificationRecord } from "../storage/notifications.ts";
import { openMemoryStorage } from "../storage/open-storage.ts";
import { deliverHandler } from "./handler.ts";

const keyOf = (fill: number) => Buffer.alloc(32, fill).toString("base64");
const token = "XXtokenXX";

const destination = (id: string, secret: string): DestinationRecord => ({
  id,
  name: id,
  channel: "slack",
  address: {},
  secret,
  enabled: true,
  maxPerHour: 10,
  confirmedAt: 0,
});
const url = JSON.stringify({ url: `https://hooks.slack.com/services/T1/B1/${token}` });
const destinations = [
  destination("lost", seal(url, keyOf(1))),
  destination("torn", seal(url.slice(0, -5), keyOf(2))),
  destination("never-sealed", url),
  destination("good", seal(url, keyOf(2))),
];

const record = (destinationId: string): NotificationRecord => ({
  notificationId: `to ${destinationId}`,
  destinationId,
  channel: "slack",
  evaluationId: "rule@1.0",
  ruleId: "rule",
  jobId: "job",
  message: { title: "t", severity: "info", status: "firing", lines: [], fields: [], examples: [], links: [] },
  state: "owed",
  reason: "",
  findings: 1,
  attempts: 0,
  createdAt: 1_000,
  nextAttemptAt: 61_000,
  sentAt: null,
  providerId: null,
});

const batchOf = (records: readonly NotificationRecord[]): MSKEvent => ({
  eventSource: "aws:kafka",
  eventSourceArn: "arn:aws:kafka:us-east-1:123456789012:cluster/test/1",
  bootstrapServers: "127.0.0.1:9098",
  records: {
    "logwatch.notification.requested-0": records.map((data, offset) => {
      const event = { id: data.notificationId, type: "notification.requested", at: 0, cause: null, data } as const;
      const { topic, value } = encodeEvent("logwatch.notification.requested", { key: "k", event });
      const base64 = Buffer.from(value).toString("base64");
      return {
        topic,
        partition: 0,
        offset,
        timestamp: 0,
        timestampType: "CREATE_TIME",
        key: "",
        value: base64,
        headers: [],
      };
    }),
  },
});

test("an address sealed under another key fails its message with words and no secret; its neighbours are sent, no record fails", async () => {
  const storage = openMemoryStorage();
  await storage.configuration.apply("test", { sources: [], services: [], jobs: [], rules: [], destinations });
  const owed = destinations.map(({ id }) => record(id));
  await storage.notifications.owe(owed);
  // Slack's own schema, and a provider that takes everything.
  const channel = defineChannel({ ...slack, open: () => async () => ({ ok: true, providerId: "p" }) });
  const config = readConfig({ LOGWATCH_SECRETS_KEY: keyOf(2) });
  const handler = deliverHandler(channel, { storage, now: () => 2_000, config });
  expect(await handler(batchOf(owed))).toEqual({ batchItemFailures: [] });
  const ended = await storage.notifications.find(owed.map((one) => one.notificationId));
  expect(ended.map(({ destinationId, state }) => [destinationId, state])).toEqual([
    ["lost", "failed"],
    ["torn", "failed"],
    ["never-sealed", "failed"],
    ["good", "sent"],
  ]);
  for (const { reason } of ended.slice(0, 3)) expect(reason).toMatch(/^bad-address: its secret does not open/);
  expect(JSON.stringify(ended)).not.toContain(token);
});
