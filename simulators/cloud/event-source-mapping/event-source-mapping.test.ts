import { describe, expect, it } from "vitest";
import { mappingTests, numbered, pause, until } from "./test-mapping.ts";

const { openTopic, start } = mappingTests();

describe("stop", () => {
  it("waits for the running batch, commits it, and begins no other", async () => {
    const kafka = openTopic();
    let calls = 0;
    const mapping = start(
      kafka,
      async () => {
        calls += 1;
        await pause(50);
      },
      { batchSize: 2 },
    );
    await kafka.publish(numbered(6));
    await until(() => calls === 1);
    await mapping.stop();
    expect([calls, kafka.lag("g", "t")]).toEqual([1, 4]);
  });

  it("is over within its bound when a handler hangs, and then commits nothing", async () => {
    const kafka = openTopic();
    let release: () => void = () => undefined;
    const mapping = start(kafka, () => new Promise<void>((resolve) => (release = resolve)), {
      stopWithinMs: 50,
      timeoutMs: 60_000,
    });
    await kafka.publish(numbered(1));
    await pause(10);
    const begin = performance.now();
    await mapping.stop();
    expect(performance.now() - begin).toBeLessThan(200);
    release();
    await pause(10);
    expect(kafka.lag("g", "t")).toBe(1);
  });

  it("does not wait for retries, nor for an outage to end", async () => {
    const kafka = openTopic();
    const mapping = start(kafka, () => Promise.reject(new Error("down")));
    await kafka.publish(numbered(5));
    await pause(400);
    const begin = performance.now();
    await mapping.stop();
    expect(performance.now() - begin).toBeLessThan(100);
    expect([kafka.lag("g", "t"), kafka.read("dead", 9).length]).toEqual([5, 0]);
  });
});
