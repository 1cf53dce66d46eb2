import { expect, it } from "vitest";
import * as z from "zod";
import { kafkaHandler } from "../../../functions/lib/lambda.ts";
import { mappingTests, numbered, pause, until } from "./test-mapping.ts";

const { openTopic, start } = mappingTests();

it.each([
  ["nothing", undefined],
  ["null", null],
  ["an empty object", {}],
  ["no list", { batchItemFailures: null }],
  ["an empty list", { batchItemFailures: [] }],
])("%s: all is handled", async (_what, answer) => {
  const kafka = openTopic();
  let calls = 0;
  start(kafka, () => {
    calls += 1;
    return answer;
  });
  await kafka.publish(numbered(5));
  await until(() => kafka.lag("g", "t") === 0);
  expect(calls).toBe(1);
});

it.each([
  ["a text as identifier", { batchItemFailures: [{ itemIdentifier: "t-0" }] }],
  ["an offset that is not in the batch", { batchItemFailures: [{ itemIdentifier: { partition: "t-0", offset: 99 } }] }],
  ["another partition", { batchItemFailures: [{ itemIdentifier: { partition: "t-1", offset: 0 } }] }],
])("%s: all of the batch has failed", async (_what, answer) => {
  const kafka = openTopic();
  const sizes: number[] = [];
  start(kafka, (records) => {
    sizes.push(records.length);
    return sizes.length === 1 ? answer : undefined;
  });
  await kafka.publish(numbered(5));
  await until(() => kafka.lag("g", "t") === 0);
  expect(sizes).toEqual([5, 5]);
});

it("that come too late count as failures", async () => {
  const kafka = openTopic();
  let calls = 0;
  start(kafka, () => (++calls === 1 ? pause(10_000) : undefined), { timeoutMs: 30 });
  await kafka.publish(numbered(5));
  await until(() => kafka.lag("g", "t") === 0);
  expect(calls).toBe(2);
});

it("a record of another shape, through a real step's edge: a dead letter within a second, the others handled", async () => {
  const kafka = openTopic();
  const handled: number[] = [];
  const shape = z.object({ n: z.number() });
  const values = ['{"n":1}', '{"n":"two"}', "{", '{"n":4}'];
  await kafka.publish(values.map((value, n) => ({ topic: "t", key: `k${n}`, value })));
  start(kafka, () => undefined, {
    handler: kafkaHandler(shape, async (events) => void handled.push(...events.map(({ n }) => n))),
  });
  expect(await until(() => kafka.lag("g", "t") === 0)).toBeLessThan(1000);
  expect(handled).toEqual([1, 4]);
  const dead = kafka.read("dead", 9).map(({ key, value, headers }) => [key, value, headers.attempts]);
  expect(dead).toEqual([
    ["k1", { n: "two" }, "3"],
    ["k2", "{", "1"],
  ]);
});
