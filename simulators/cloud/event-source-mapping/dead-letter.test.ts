import { describe, expect, it } from "vitest";
import { createFaults } from "../faults.ts";
import { redriveDeadLetters } from "./dead-letter.ts";
import { mappingTests, named, pause, until } from "./test-mapping.ts";

const { openTopic, start } = mappingTests();

describe("a dead letter", () => {
  it("keeps its bytes, and where it was, why and how often it was tried", async () => {
    const kafka = openTopic(4);
    const value = Uint8Array.from([0xff, 0x00, 0xfe]);
    await kafka.publish([{ topic: "t", key: Uint8Array.from([0xff]), value, headers: { trace: "1" } }]);
    let tries = 0;
    start(kafka, (records) => {
      tries += 1;
      return { batchItemFailures: records.map((one) => named(one)) };
    });
    await until(() => kafka.lag("g", "t") === 0);
    const [letter] = await kafka.fetch({ topic: "dead", partition: 0, offset: 0 }, { maxRecords: 9, maxBytes: 1e6 });
    expect(letter?.key?.toString("hex")).toBe("ff");
    expect(letter?.value?.toString("hex")).toBe("ff00fe");
    expect(letter?.headers).toEqual({
      trace: "1",
      "original-topic": "t",
      "original-partition": expect.stringMatching(/^[0-3]$/),
      "original-offset": "0",
      "original-at": expect.stringMatching(/Z$/),
      group: "g",
      attempts: "1",
      reason: expect.stringMatching(/^the value is not JSON/),
    });
    // What is not JSON gets no second try: nothing could change.
    expect(tries).toBe(1);
  });

  it("is not passed while its dead letter cannot be stored", async () => {
    const faults = createFaults();
    const kafka = openTopic(1, faults);
    await kafka.publish([{ topic: "t", key: "k", value: "{" }]);
    start(kafka, (records) => {
      faults.add({ target: "kafka", kind: "refuse", seconds: 0.2 });
      return { batchItemFailures: records.map((one) => named(one)) };
    });
    await pause(100);
    expect(kafka.lag("g", "t")).toBe(1);
    await until(() => kafka.lag("g", "t") === 0);
    expect(kafka.read("dead", 9)).toHaveLength(1);
  });

  it("goes back to its topic on request, once", async () => {
    const kafka = openTopic();
    let isBroken = true;
    const handled: string[] = [];
    await kafka.publish([{ topic: "t", key: "k", value: '"v"' }]);
    start(kafka, (records) => {
      if (isBroken) return { batchItemFailures: records.map((one) => named(one)) };
      handled.push(...records.map(({ value }) => value));
    });
    await until(() => kafka.read("dead", 9).length === 1);
    isBroken = false;
    expect(await redriveDeadLetters(kafka, "dead")).toBe(1);
    expect(await redriveDeadLetters(kafka, "dead")).toBe(0);
    await until(() => handled.length === 1);
    expect(handled).toEqual(['"v"']);
  });
});
