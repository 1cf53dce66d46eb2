import { expect, it } from "vitest";
import { kafkaTests, record } from "./test-kafka.ts";

const { file: newFile, open } = kafkaTests();

it("stops at the limits, but gives one record however large", async () => {
  const file = newFile();
  const first = open({ file });
  first.createTopic("t", 1);
  await first.publish(Array.from({ length: 30 }, (_one, n) => record("k", `${n}`.padStart(100, "0"))));
  for (const kafka of [first, open({ file })]) {
    const lengths = async (maxRecords: number, maxBytes: number) =>
      (await kafka.fetch({ topic: "t", partition: 0, offset: 5 }, { maxRecords, maxBytes })).map((one) => one.offset);
    expect(await lengths(3, 1e9)).toEqual([5, 6, 7]);
    expect(await lengths(100, 210)).toEqual([5, 6]);
    expect(await lengths(100, 1)).toEqual([5]);
    expect((await lengths(100, 1e9)).length).toBe(25);
  }
});

it("reads across what is in memory and what is only in the file", async () => {
  const kafka = open({ file: newFile() });
  kafka.createTopic("t", 1);
  for (let batch = 0; batch < 12; batch += 1) {
    await kafka.publish(Array.from({ length: 1000 }, (_one, n) => record("k", String(batch * 1000 + n))));
  }
  const records = await kafka.fetch({ topic: "t", partition: 0, offset: 0 }, { maxRecords: 20_000, maxBytes: 1e9 });
  expect(records.map(({ value }) => Number(value))).toEqual(Array.from({ length: 12_000 }, (_one, n) => n));
});

it("read shows the newest records first, as a person reads them", async () => {
  let now = Date.UTC(2025, 0, 1);
  const kafka = open({ now: () => now });
  kafka.createTopic("t", 2);
  for (const value of ['{"a":1}', "{", Uint8Array.from([255]), null]) {
    await kafka.publish([{ ...record(`key-${String(value)}`, value), headers: { reason: "because" } }]);
    now += 1000;
  }
  expect(kafka.read("t", 3).map(({ value, at }) => [value, at])).toEqual([
    [null, "2025-01-01T00:00:03.000Z"],
    [{ base64: "/w==" }, "2025-01-01T00:00:02.000Z"],
    ["{", "2025-01-01T00:00:01.000Z"],
  ]);
  expect(kafka.read("t", 9)[3]).toMatchObject({
    topic: "t",
    offset: 0,
    value: { a: 1 },
    headers: { reason: "because" },
  });
});
