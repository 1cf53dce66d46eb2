import { describe, expect, it } from "vitest";
import { gelfChunks } from "./gelf-chunks.ts";
import { decodeGelf } from "./gelf-decode.ts";

const decoded = (gelf: Record<string, unknown>) =>
  decodeGelf(JSON.stringify({ version: "1.1", host: "a.example.com", short_message: "m", ...gelf }), "192.0.2.1");
const fieldsOf = (gelf: Record<string, unknown>) => Object.fromEntries(decoded(gelf)?.fields ?? []);

describe("decodeGelf", () => {
  it("drops what is no message", () => {
    const texts = ["", "hello", "[]", "null", "7", '{"host":"a"}', '{"short_message":" "}', '{"short_message":7}'];
    for (const text of texts) expect([text, decodeGelf(text, "192.0.2.1")]).toEqual([text, undefined]);
    expect(decoded({ host: "" })).toBeUndefined();
    expect(decoded({ host: 7 })).toBeUndefined();
  });

  it("takes the sender's address where no host is named, and `message` where there is no short one", () => {
    const gelf = decodeGelf('{"message":"m"}', "192.0.2.1");
    expect(Object.fromEntries(gelf?.fields ?? [])).toEqual({ source: "192.0.2.1", message: "m" });
  });

  it("keeps the millisecond of every time, and lets odd times be the time of receipt", () => {
    for (let ms = 0; ms < 1000; ms += 1)
      expect(decoded({ timestamp: 1795366800 + ms / 1000 })?.at).toBe(1795366800000 + ms);
    expect(decoded({ timestamp: "1795366800.5" })?.at).toBe(1795366800500);
    for (const timestamp of [undefined, null, 0, -5, "2026-11-22T12:00:00Z", "", true, {}]) {
      expect([timestamp, decoded({ timestamp })?.at]).toEqual([timestamp, null]);
    }
  });

  it("keeps unknown fields, drops booleans, nulls and empty texts, and writes structures as JSON", () => {
    expect(
      fieldsOf({
        _a: "x",
        b: "no underscore",
        _flag: true,
        _none: null,
        _empty: " ",
        _o: { a: 1 },
        _l: [1],
        "_d.e": 2,
      }),
    ).toEqual({ source: "a.example.com", message: "m", a: "x", b: "no underscore", o: '{"a":1}', l: "[1]", d_e: 2 });
  });

  it("drops names that Graylog does not know how to keep", () => {
    expect(fieldsOf({ "_with space": "x", _Ümlaut: "y", _: "z", "_ok-1": 1 })).toEqual({
      source: "a.example.com",
      message: "m",
      "ok-1": 1,
    });
  });

  it("lets no additional field stand for what the message or the server says", () => {
    const fields = { _message: "y", _source: "z", _timestamp: "x", _gl2_receive_timestamp: "w", _streams: "v" };
    expect(fieldsOf(fields)).toEqual({ source: "a.example.com", message: "m" });
  });

  it("keeps only the first of several messages in one body", () => {
    const one = (name: string) => JSON.stringify({ host: "h", short_message: name });
    expect(decodeGelf(`${one("first")}\n${one("second")}`, "")?.fields.get("message")).toBe("first");
    expect(decodeGelf(JSON.stringify({ host: "h", short_message: "m" }, null, 2), "")?.fields.get("message")).toBe("m");
  });
});

const chunk = (id: string, sequence: number, count: number, text: string): Buffer =>
  Buffer.concat([
    Buffer.from([0x1e, 0x0f]),
    Buffer.from(id.padEnd(8)),
    Buffer.from([sequence, count]),
    Buffer.from(text),
  ]);

describe("gelfChunks", () => {
  it("puts chunks together in any order, each once", () => {
    const chunks = gelfChunks();
    expect(chunks.add(chunk("a", 1, 3, "2"), 0)).toBeUndefined();
    expect(chunks.add(chunk("a", 1, 3, "X"), 0)).toBeUndefined();
    expect(chunks.add(chunk("b", 0, 2, "other"), 0)).toBeUndefined();
    expect(chunks.add(chunk("a", 2, 3, "3"), 0)).toBeUndefined();
    expect(chunks.add(chunk("a", 0, 3, "1"), 0)?.toString()).toBe("123");
    expect(chunks.waiting()).toBe(1);
  });

  it("forgets a message whose chunks do not come within five seconds", () => {
    const chunks = gelfChunks();
    chunks.add(chunk("a", 0, 2, "1"), 0);
    expect(chunks.add(chunk("a", 1, 2, "2"), 5000)).toBeUndefined();
    expect(chunks.add(chunk("b", 0, 1, "b"), 9999)?.toString()).toBe("b");
    expect(chunks.add(chunk("a", 0, 2, "1"), 9999)?.toString()).toBe("12");
  });

  it("refuses more than 128 chunks, impossible numbers and cut headers", () => {
    const chunks = gelfChunks();
    const bad = [chunk("a", 0, 129, "x"), chunk("a", 2, 2, "x"), chunk("a", 0, 0, "x"), Buffer.from([0x1e, 0x0f, 1])];
    for (const datagram of bad) expect(chunks.add(datagram, 0)).toBeUndefined();
    expect(chunks.waiting()).toBe(0);
    const all = Array.from({ length: 128 }, (_, index) => chunks.add(chunk("a", index, 128, "x"), 0));
    expect(all.at(-1)?.length).toBe(128);
  });

  it("stays bounded when nobody ever sends the rest", () => {
    const chunks = gelfChunks();
    for (let index = 0; index < 20_000; index += 1) chunks.add(chunk(String(index), 0, 2, "x"), 0);
    expect(chunks.waiting()).toBeLessThan(10_100);
  });
});
