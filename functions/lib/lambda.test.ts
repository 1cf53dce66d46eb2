// The edge of the steps: what a batch of Kafka records becomes.
import { type AlertUpdated, alertUpdated } from "@logwatch/events";
import type { MSKEvent } from "aws-lambda";
import { expect, test } from "vitest";
import { encodeEvent } from "./emit.ts";
import { kafkaHandler } from "./lambda.ts";

const event: AlertUpdated = {
  id: "r@1.0",
  type: "alert.updated",
  at: 1_000,
  cause: null,
  data: {
    evaluationId: "r@1.0",
    ruleId: "r",
    ruleName: "rule",
    jobId: "j",
    jobName: "job",
    serviceId: "s",
    serviceName: "service",
    severity: "warning",
    window: { from: 0, to: 1_000 },
    revision: 0,
    changes: [
      {
        alertId: "a",
        fingerprint: "f",
        sequence: 1,
        kind: "opened",
        labels: { constructor: "<script>", toString: "" },
        value: 3,
        why: "3 > 2",
        since: 1_000,
        late: false,
      },
    ],
    examples: [],
    destinationIds: [],
    maxExamples: 3,
  },
};

const value = encodeEvent("logwatch.alert.updated", { key: "r", event }).value;

const batchOf = (partitions: Record<string, (string | undefined)[]>): MSKEvent => ({
  eventSource: "aws:kafka",
  eventSourceArn: "arn:aws:kafka:us-east-1:123456789012:cluster/test/1",
  bootstrapServers: "127.0.0.1:9098",
  records: Object.fromEntries(
    Object.entries(partitions).map(([partition, values]) => [
      partition,
      values.map((text, offset) => ({
        topic: "logwatch.alert.updated",
        partition: 0,
        offset,
        timestamp: 0,
        timestampType: "CREATE_TIME" as const,
        key: "",
        // A tombstone has no value, whatever the type says.
        value: text === undefined ? JSON.parse("null") : Buffer.from(text).toString("base64"),
        headers: [],
      })),
    ]),
  ),
});

test("an event comes out of a record as it went in, times as ms", async () => {
  const seen: AlertUpdated[] = [];
  const handler = kafkaHandler(alertUpdated, async (events) => void seen.push(...events));
  expect(await handler(batchOf({ "t-0": [value] }))).toEqual({ batchItemFailures: [] });
  expect(seen[0]?.data.window).toEqual({ from: 0, to: 1_000 });
  expect(JSON.stringify(seen[0]?.data.changes[0]?.labels)).toBe(JSON.stringify(event.data.changes[0]?.labels));
});

test.each([
  ["not JSON", "{"],
  ["no value", undefined],
  ["another type", value.replace("alert.updated", "alert.removed")],
  ["a missing field", value.replace('"ruleId"', '"rulerId"')],
  ["a time that is no time", value.replace("1970-01-01T00:00:01.000Z", "yesterday")],
] as const)("a poison record (%s) is named, and what stands before it is handled", async (_what, poison) => {
  let handled = 0;
  const handler = kafkaHandler(alertUpdated, async (events) => {
    handled += events.length;
  });
  const answer = await handler(batchOf({ "t-0": [value, value, poison, value], "t-1": [value] }));
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: { partition: "t-0", offset: 2 } }] });
  expect(handled).toBe(3);
});

test("a poison record's reason has the path and the rule, for a host in this process only", async () => {
  const handler = kafkaHandler(alertUpdated, async () => undefined);
  const answer = await handler(batchOf({ "t-0": [value.replace('"ruleId"', '"rulerId"')] }));
  expect(answer.batchItemFailures[0]?.reason).toMatch(/expected string[\s\S]*data\.ruleId/);
  expect(JSON.stringify(answer)).toBe('{"batchItemFailures":[{"itemIdentifier":{"partition":"t-0","offset":0}}]}');
});

test("extra fields of a newer release are tolerated", async () => {
  const handler = kafkaHandler(alertUpdated, async () => undefined);
  const newer = value.replace('"type":', '"schema":2,"type":');
  expect(await handler(batchOf({ "t-0": [newer] }))).toEqual({ batchItemFailures: [] });
});

test("a fault of the core is thrown, so that the whole batch is tried again", async () => {
  const handler = kafkaHandler(alertUpdated, async () => {
    throw new Error("database gone");
  });
  await expect(handler(batchOf({ "t-0": [value] }))).rejects.toThrow("database gone");
});
