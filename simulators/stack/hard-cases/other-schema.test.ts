// Events of another release in the topics, while old and new steps run side by side: fields that are not known are tolerated, one
// that is missing or has another shape makes a dead letter that names the field and the rule, and its neighbours are handled.
import { deadLetterTopic, flow, type TopicName } from "@logwatch/events";
import { afterEach, expect, test } from "vitest";
import type { KafkaHandler } from "../../../functions/lib/lambda.ts";
import { kafkaHandler } from "../../../functions/lib/lambda.ts";
import { openMemory } from "../../../functions/sources/memory.ts";
import { mapEventSource } from "../../cloud/event-source-mapping/event-source-mapping.ts";
import { createFaults } from "../../cloud/faults.ts";
import { openKafka } from "../../cloud/kafka/kafka.ts";
import { attack, configuration, minute, second, start } from "../test-scenario.ts";
import { type ByHand, byHand } from "./by-hand.ts";
import { storeOpener } from "./open-stores.ts";

const open = storeOpener();
const closing: (() => unknown)[] = [];
afterEach(async () => {
  while (closing.length > 0) await closing.pop()?.();
});
const topics: TopicName[] = [
  "logwatch.analysis.requested",
  "logwatch.analysis.finished",
  "logwatch.alert.updated",
  "logwatch.notification.requested",
];

/** A minute with an attack, worked off: real events of every topic. */
const played = async (): Promise<ByHand> => {
  const clock = { now: start };
  const hand = byHand(
    await open("memory"),
    openMemory(attack(5, 20, "203.0.113.7"), () => clock.now),
    clock,
  );
  await hand.storage.configuration.apply("test", configuration);
  await hand.live(start + minute);
  for (const topic of topics) expect(hand.published[topic].length).toBeGreaterThan(0);
  return hand;
};

/** These values through a mapping and the edge that every step has. Ids of the events that came through; and the dead letters. */
const through = async (topic: TopicName, values: unknown[]) => {
  const kafka = openKafka({ file: ":memory:", faults: createFaults() });
  closing.push(() => kafka.close());
  kafka.createTopic(topic, 1);
  kafka.createTopic(deadLetterTopic, 1);
  const seen: string[] = [];
  const handler: KafkaHandler = kafkaHandler<{ id: string }>(flow[topic].event, async (events) => {
    seen.push(...events.map(({ id }) => id));
  });
  await kafka.publish(values.map((value, index) => ({ topic, key: `${index}`, value: JSON.stringify(value) })));
  const mapping = mapEventSource({
    kafka,
    topic,
    group: "g",
    handler,
    batchSize: 100,
    batchingWindowMs: 0,
    retries: 2,
    bisect: true,
    deadLetterTopic,
    timeoutMs: 1000,
    log: () => undefined,
  });
  closing.push(() => mapping.stop());
  await expect.poll(() => kafka.lag("g", topic), { timeout: 5 * second, interval: 5 }).toBe(0);
  return { seen, reasons: kafka.read(deadLetterTopic, 10).map(({ headers }) => headers.reason ?? "") };
};

const firstOf = (hand: ByHand, topic: TopicName) => JSON.parse(hand.published[topic][0]?.value ?? "{}");

test.each(topics)("%s of a newer release, with fields nobody knows here, is read as before", async (topic) => {
  const event = firstOf(await played(), topic);
  const newer = { ...event, tracing: { id: "1" }, data: { ...event.data, invented: [1, 2, 3] } };
  expect(await through(topic, [newer])).toEqual({ seen: [event.id], reasons: [] });
});

test.each([
  ["logwatch.analysis.requested", "revision"],
  ["logwatch.analysis.finished", "truncated"],
  ["logwatch.alert.updated", "maxExamples"],
  ["logwatch.notification.requested", "evaluationId"],
] as const)("%s of an older release, without %s, is a dead letter that says so; others pass", async (topic, field) => {
  const event = firstOf(await played(), topic);
  const older = { ...event, id: "older", data: { ...event.data, [field]: undefined } };
  const { seen, reasons } = await through(topic, [{ ...event, id: "before" }, older, { ...event, id: "after" }]);
  expect(seen.sort()).toEqual(["after", "before"]);
  expect(reasons).toHaveLength(1);
  expect(reasons[0]).toMatch(new RegExp(`Invalid input: expected \\w+, received undefined.*at data\\.${field}`, "s"));
});

test("an event type of a later version in an old topic is a dead letter, not taken for the old one", async () => {
  const event = firstOf(await played(), "logwatch.alert.updated");
  const { seen, reasons } = await through("logwatch.alert.updated", [{ ...event, type: "alert.updated.v2" }]);
  expect([seen, reasons.length]).toEqual([[], 1]);
  expect(reasons[0]).toMatch(/expected "alert\.updated".*at type/s);
});

test("fields of a newer release go through the whole pipeline without a trace", async () => {
  const plain = await played();
  const clock = { now: start };
  const hand = byHand(
    await open("memory"),
    openMemory(attack(5, 20, "203.0.113.7"), () => clock.now),
    clock,
  );
  await hand.storage.configuration.apply("test", configuration);
  for (const topic of topics) {
    const records = hand.published[topic];
    const push = records.push.bind(records);
    const newer = (value: string) => JSON.stringify({ ...JSON.parse(value), newer: true });
    records.push = (...added) => push(...added.map((record) => ({ ...record, value: newer(record.value) })));
  }
  await hand.live(start + minute);
  expect(hand.mailbox.length).toBeGreaterThan(0);
  expect(hand.mailbox).toEqual(plain.mailbox);
});
