import { describe, expect, it } from "vitest";
import { mappingTests, named, numbered, pause, type Seen, until } from "./test-mapping.ts";

const { openTopic, start } = mappingTests();

describe("a poison record", () => {
  it.each([
    [
      "named by the handler",
      (records: Seen[]) => ({
        batchItemFailures: records.filter(({ value }) => value === "137").map((one) => named(one)),
      }),
    ],
    [
      "that makes the handler throw",
      (records: Seen[]) => {
        if (records.some(({ value }) => value === "137")) throw new TypeError("x is not a function");
        return { batchItemFailures: [] };
      },
    ],
  ])("%s reaches the dead-letter topic within a second, and its neighbours go on", async (_what, handle) => {
    const kafka = openTopic();
    const handled = new Set<string>();
    await kafka.publish(numbered(500));
    start(
      kafka,
      async (records) => {
        await pause(2);
        const answer = handle(records);
        const bad = answer?.batchItemFailures[0]?.itemIdentifier.offset ?? Number.POSITIVE_INFINITY;
        for (const { value, offset } of records) if (offset < bad) handled.add(value);
        return answer;
      },
      { batchSize: 500 },
    );
    expect(await until(() => kafka.lag("g", "t") === 0)).toBeLessThan(1000);
    expect(handled.size).toBe(499);
    expect(kafka.read("dead", 9)).toMatchObject([{ key: "k137", value: 137 }]);
  });

  it("is tried alone, `retries` times after the first, before it is given up with the handler's reason", async () => {
    const kafka = openTopic();
    const batches: string[][] = [];
    await kafka.publish(numbered(4));
    start(
      kafka,
      (records) => {
        batches.push(records.map(({ value }) => value));
        return {
          batchItemFailures: records.filter(({ value }) => value === "1").map((one) => named(one, "no such job")),
        };
      },
      { retries: 3 },
    );
    await until(() => kafka.lag("g", "t") === 0);
    expect(batches).toEqual([["0", "1", "2", "3"], ["2", "3"], ["1"], ["1"], ["1"]]);
    expect(kafka.read("dead", 9)[0]?.headers).toMatchObject({ reason: "no such job", attempts: "4" });
  });

  it("does not let later records of its key overtake it while it is still tried", async () => {
    const kafka = openTopic();
    const handled: string[] = [];
    let failures = 2;
    await kafka.publish(numbered(9, 0, (n) => `k${n % 3}`));
    start(kafka, (records) => {
      const bad = records.find(({ value }) => value === "1");
      if (bad && failures-- > 0) throw new Error("not yet");
      handled.push(...records.map(({ value }) => value));
    });
    await until(() => kafka.lag("g", "t") === 0);
    expect(handled.filter((value) => Number(value) % 3 === 1)).toEqual(["1", "4", "7"]);
    expect(kafka.read("dead", 9)).toEqual([]);
  });

  it("is found among many: ten that throw in 300, none of the others lost", async () => {
    const kafka = openTopic();
    const handled = new Set<string>();
    const isPoison = (value: string) => Number(value) % 30 === 7;
    await kafka.publish(numbered(300));
    start(
      kafka,
      (records) => {
        if (records.some(({ value }) => isPoison(value))) throw new Error("bad one inside");
        for (const { value } of records) handled.add(value);
      },
      { batchSize: 300 },
    );
    await until(() => kafka.lag("g", "t") === 0);
    expect(handled.size).toBe(290);
    expect(kafka.read("dead", 99).map(({ value }) => Number(value) % 30)).toEqual(Array(10).fill(7));
  });
});

describe("an outage", () => {
  it("sends nothing to the dead-letter topic, and all is handled once it is over, in order per key", async () => {
    const kafka = openTopic(2);
    const handled: Seen[] = [];
    let isDown = true;
    let calls = 0;
    start(kafka, (records) => {
      calls += 1;
      if (isDown) throw new Error("the store is down");
      handled.push(...records);
    });
    await kafka.publish(numbered(120, 0, (n) => `k${n % 10}`));
    for (let n = 0; n < 8; n += 1) {
      await pause(100);
      await kafka.publish(numbered(10, 120 + n * 10, (key) => `k${key % 10}`));
    }
    expect(calls).toBeLessThan(60);
    isDown = false;
    await until(() => kafka.lag("g", "t") === 0, 2500);
    expect(kafka.read("dead", 9)).toEqual([]);
    expect(handled).toHaveLength(200);
    for (let key = 0; key < 10; key += 1) {
      const mine = handled.filter((one) => one.key === `k${key}`).map(({ value }) => Number(value));
      expect(mine).toEqual([...mine].sort((one, other) => one - other));
    }
  });

  it("with a poison record in it: only that one is given up", async () => {
    const kafka = openTopic();
    const handled = new Set<string>();
    let isDown = true;
    start(kafka, (records) => {
      if (isDown) throw new Error("the store is down");
      if (records.some(({ value }) => value === "3")) throw new Error("poison");
      for (const { value } of records) handled.add(value);
    });
    await kafka.publish(numbered(40));
    await pause(400);
    isDown = false;
    await until(() => kafka.lag("g", "t") === 0, 3000);
    expect(handled.size).toBe(39);
    expect(kafka.read("dead", 9)).toMatchObject([{ value: 3 }]);
  });

  it("a lone failing record is held, and given up as soon as a later one shows that the handler works", async () => {
    const kafka = openTopic();
    start(kafka, (records) => {
      if (records.some(({ value }) => value === "0")) throw new Error("poison, or an outage?");
    });
    await kafka.publish(numbered(1));
    await pause(300);
    expect(kafka.read("dead", 9)).toEqual([]);
    await kafka.publish(numbered(1, 1));
    await until(() => kafka.lag("g", "t") === 0);
    expect(kafka.read("dead", 9)).toMatchObject([{ value: 0 }]);
  });

  it("that does not end gives records up one by one, so that nothing is held for ever", async () => {
    const kafka = openTopic();
    await kafka.publish(numbered(3));
    start(kafka, () => Promise.reject(new Error("gone for good")), { outageMs: 200 });
    await until(() => kafka.read("dead", 9).length === 1, 3000);
    expect(kafka.lag("g", "t")).toBe(2);
    await until(() => kafka.lag("g", "t") === 0, 6000);
    expect(kafka.read("dead", 9).map(({ headers }) => headers.reason)).toEqual(Array(3).fill("Error: gone for good"));
  });
});
