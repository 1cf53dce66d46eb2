// What a local stack tells of itself over the mailbox's port, and the way back of its dead letters.
import { deadLetterTopic } from "@logwatch/events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openMemoryStorage } from "../../functions/storage/open-storage.ts";
import { createFaults } from "../cloud/faults.ts";
import { type Kafka, openKafka } from "../cloud/kafka/kafka.ts";
import { type Mailbox, startMailbox } from "../cloud/mailbox/mailbox.ts";
import { bookRoutes } from "./books-api.ts";

const topic = "logwatch.alert.updated";
const faults = createFaults();
let kafka: Kafka;
let mailbox: Mailbox;
beforeAll(async () => {
  kafka = openKafka({ file: ":memory:", faults, now: Date.now });
  kafka.createTopic(topic, 1);
  kafka.createTopic(deadLetterTopic, 1);
  const routes = bookRoutes(() => ({ storage: openMemoryStorage(), kafka }));
  mailbox = await startMailbox({ port: 0, file: ":memory:", faults, routes });
});
afterAll(async () => {
  await mailbox.close();
  kafka.close();
});

const redrive = (init: RequestInit = {}) => fetch(`${mailbox.url}/dead-letters/redrive`, { method: "POST", ...init });
const bury = (value: string) =>
  kafka.publish([{ topic: deadLetterTopic, key: "k", value, headers: { "original-topic": topic, reason: "a fault" } }]);
const values = () => kafka.read(topic, 100).map((record) => record.value);

test("dead letters go back to their topic on request, each once, and how many is told", async () => {
  await bury('"first"');
  await bury('"second"');
  const answer = await redrive();
  expect([answer.status, await answer.json()]).toEqual([200, { redriven: 2 }]);
  expect(values()).toHaveLength(2);
  expect(await (await redrive()).json()).toEqual({ redriven: 0 });
  await bury('"third"');
  expect(await (await redrive()).json()).toEqual({ redriven: 1 });
  expect(values()).toHaveLength(3);
});

test("no other site sends them back through a browser, and reading does not", async () => {
  await bury('"stays"');
  const before = values().length;
  expect((await redrive({ headers: { origin: "https://evil.example" } })).status).toBe(403);
  expect((await redrive({ method: "GET" })).status).toBe(404);
  expect((await redrive({ method: "DELETE" })).status).toBe(405);
  expect((await fetch(`${mailbox.url}/dead-letters`, { method: "POST" })).status).toBe(405);
  expect(values()).toHaveLength(before);
  expect(await (await fetch(`${mailbox.url}/dead-letters`)).json()).toHaveLength(4);
});
