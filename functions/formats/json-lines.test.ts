// JSON lines by example: how loggers write them.
import { expect, it } from "vitest";
import { jsonLines } from "./json-lines.ts";
import { entryBy, readBy } from "./test-lines.ts";

const entry = (value: unknown) => entryBy(jsonLines, JSON.stringify(value));
const at = Date.UTC(2026, 6, 1, 9, 0, 55, 250);
const iso = "2026-07-01T09:00:55.250Z";

it("reads a log of our own back as it was written", () => {
  const own = {
    at: iso,
    service: "auth",
    host: "a1",
    level: 4,
    message: "slow",
    fields: { "user.name": "x" },
    repeats: 3,
  };
  expect(entry(own)).toEqual({
    at,
    service: "auth",
    host: "a1",
    level: 4,
    message: "slow",
    fields: { "user.name": "x" },
    repeats: 3,
  });
});

it.each([
  [
    "Elastic",
    { "@timestamp": iso, "log.level": "warn", message: "slow", service: { name: "api" }, host: { name: "h1" } },
  ],
  ["GELF", { version: "1.1", timestamp: at / 1000, level: 4, short_message: "slow", host: "h1", _service: "api" }],
  ["pino", { time: at, level: 40, msg: "slow", name: "api", hostname: "h1" }],
  ["zap", { ts: at / 1000, level: "WARN", msg: "slow", logger: "api", hostname: "h1" }],
  [
    "journald",
    { __REALTIME_TIMESTAMP: `${at}000`, PRIORITY: "4", MESSAGE: "slow", SYSLOG_IDENTIFIER: "api", _HOSTNAME: "h1" },
  ],
  ["Docker", { log: "slow", level: "Warning", service: "api", host: "h1", time: "2026-07-01T09:00:55.25000000Z" }],
])("reads the names of %s", (_who, value) => {
  expect(entry(value)).toMatchObject({ at, level: 4, message: "slow", service: "api", host: "h1" });
});

it.each([
  ["ISO with an offset", "2026-07-01T11:00:55.250+02:00"],
  ["a space for the T", "2026-07-01 09:00:55.250"],
  ["seconds", at / 1000],
  ["ms", at],
  ["ms as text", String(at)],
  ["µs", at * 1000],
  ["ns as text", `${at}000000`],
])("knows a time in %s", (_what, time) => expect(entry({ time, msg: "x" }).at).toBe(at));

it("keeps everything else as fields, flat, with dotted names", () => {
  const { fields } = entry({
    time: iso,
    msg: "x",
    user: { name: "a", roles: ["b", "c"] },
    ok: true,
    none: null,
    n: 1.5,
  });
  expect(fields).toEqual({ "user.name": "a", "user.roles": '["b","c"]', ok: "true", n: 1.5 });
});

it("gives names of other schemas their common ones, and addresses their IP", () => {
  const zeek = {
    ts: at / 1000,
    "id.orig_h": "192.0.2.1",
    "id.orig_p": 4711,
    query: "www.example.com",
    rcode_name: "NXDOMAIN",
  };
  expect(entry(zeek).fields).toMatchObject({
    "source.address": "192.0.2.1",
    "source.ip": "192.0.2.1",
    "source.port": 4711,
    "dns.response_code": "NXDOMAIN",
  });
});

it("a message that is not there is the line itself", () => {
  expect(entry({ time: iso, took: 12 }).message).toBe(`{"time":"${iso}","took":12}`);
});

it.each([
  ["JSON without a time that can be read", '{"msg":"x"}'],
  ["JSON without a time that can be read", '{"time":"yesterday","msg":"x"}'],
  ["JSON without a time that can be read", '{"time":1e300,"msg":"x"}'],
  ["JSON that is broken or not an object", '{"time":'],
])("refuses with %j: %s", (reason, line) => {
  expect(readBy(jsonLines, line)).toEqual([undefined]);
  expect(jsonLines.refusal?.(line)).toBe(reason);
});

it("a field called __proto__ changes nothing, and a huge number is text", () => {
  const read = entryBy(jsonLines, `{"time":"${iso}","__proto__":{"polluted":1},"n":1e400}`);
  expect(read.fields).toEqual({ n: "Infinity" });
  expect("polluted" in {}).toBe(false);
});
