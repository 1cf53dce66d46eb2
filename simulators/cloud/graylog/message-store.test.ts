import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type MessageStore, openMessageStore, type StoreOptions } from "./message-store.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "graylog-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (options: Partial<StoreOptions> = {}): MessageStore =>
  openMessageStore({
    dataDir: ":memory:",
    retention: { maxMessages: 1000, maxAgeMs: 1e12 },
    overlong: "cut",
    keepsReceipt: true,
    now: () => 1_000_000,
    ...options,
  });
const gelf = (fields: Record<string, unknown>): string => JSON.stringify({ host: "h", short_message: "m", ...fields });
const all = { from: 0, to: 8e15 };
const seen = (store: MessageStore, field: string) => store.within(all).map(({ fields }) => fields.get(field));

describe("openMessageStore", () => {
  it("keeps messages, field types and failures over a restart", () => {
    const first = open({ dataDir: folder });
    first.accept(gelf({ timestamp: 2, _n: 1 }), "GELF UDP", "192.0.2.1");
    first.accept(gelf({ timestamp: 1, _n: 2.5 }), "GELF TCP", "192.0.2.1");
    first.accept(gelf({ timestamp: 3, _n: "text" }), "GELF TCP", "192.0.2.1");
    const before = first.within(all);
    first.close();
    const second = open({ dataDir: folder });
    expect(second.within(all)).toEqual(before);
    expect(second.failures()).toHaveLength(1);
    second.accept(gelf({ timestamp: 4, _n: 3.5 }), "GELF UDP", "192.0.2.1");
    expect(seen(second, "n")).toEqual([2, 1, 3]);
    second.close();
  });

  it("sorts late messages in by time, and equal times by arrival", () => {
    const store = open();
    for (const [timestamp, n] of [
      [5, 1],
      [3, 2],
      [5, 3],
      [4, 4],
      [3, 5],
    ]) {
      store.accept(gelf({ timestamp, _n: n }), "GELF UDP", "");
    }
    expect(seen(store, "n")).toEqual([2, 5, 4, 1, 3]);
    store.accept(gelf({ timestamp: 4, _n: 6 }), "GELF UDP", "");
    expect(store.within({ from: 4000, to: 5000 }).map(({ fields }) => fields.get("n"))).toEqual([4, 6]);
    store.close();
  });

  it("lets the oldest by arrival go, by number and by age, on disk too", () => {
    let now = 0;
    const options = { dataDir: folder, retention: { maxMessages: 3, maxAgeMs: 1000 }, now: () => now };
    const first = open(options);
    for (let n = 0; n < 5; n += 1) first.accept(gelf({ timestamp: 9 - n, _n: n }), "GELF UDP", "");
    first.close();
    const second = open(options);
    expect(seen(second, "n")).toEqual([4, 3, 2]);
    second.close();
    now = 2000;
    const third = open(options);
    expect(third.count()).toBe(0);
    third.close();
  });

  it("cuts a value that no index could hold between characters, and marks the message", () => {
    const store = open();
    store.accept(gelf({ _long: "ü".repeat(20_000), full_message: "x".repeat(50_000) }), "GELF UDP", "");
    const [message] = store.within(all);
    expect(message?.fields.get("long")).toBe("ü".repeat(16_383));
    expect(message?.fields.get("gl2_processing_error")).toBe("long was cut from 40000 to 32766 bytes");
    expect(message?.fields.get("full_message")).toHaveLength(50_000);
    store.close();
  });

  it("loses what the real server loses, and says so among the failures", () => {
    const store = open({ overlong: "lose" });
    store.accept(gelf({ _long: "x".repeat(40_000) }), "GELF UDP", "");
    store.accept(gelf({ _status: 200 }), "GELF UDP", "");
    store.accept(gelf({ _status: "n/a", _other: 1 }), "GELF UDP", "");
    store.accept(gelf({ timestamp: 1_795_366_800_000 }), "GELF UDP", "");
    store.accept(gelf({ _status: "404", _other: "a lost message decides no type" }), "GELF UDP", "");
    expect(seen(store, "status")).toEqual([200, 404]);
    expect(seen(store, "other")[1]).toBe("a lost message decides no type");
    expect(store.failures().map(({ message }) => /year 9999|\[status\]|"long"/.exec(message)?.[0])).toEqual([
      "year 9999",
      "[status]",
      '"long"',
    ]);
    store.close();
  });

  it("lets the first value decide the type of a field", () => {
    const store = open();
    store.accept(gelf({ timestamp: 1, _whole: 1, _decimal: 2.5, _text: "x" }), "GELF UDP", "");
    store.accept(gelf({ timestamp: 2, _whole: 2.5, _decimal: 1, _text: 7 }), "GELF UDP", "");
    expect([seen(store, "whole"), seen(store, "decimal"), seen(store, "text")]).toEqual([
      [1, 2],
      [2.5, 1],
      ["x", "7"],
    ]);
    expect(store.within(all)[1]?.shown).toEqual(
      new Map<string, unknown>([
        ["whole", 2.5],
        ["text", 7],
      ]),
    );
    store.close();
  });
});
