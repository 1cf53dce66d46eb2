// BIND by example: its own files, syslog, and queries that are written more than once.
import { describe, expect, it } from "vitest";
import { bindQuery } from "./bind-query.ts";
import { entryBy, readBy } from "./test-lines.ts";

const fieldsOf = (text: string) => entryBy(bindQuery, `17-Feb-2026 23:06:56.326 ${text}`).fields;

it("reads the query log", () => {
  const line =
    "17-Feb-2026 23:06:56.326 queries: info: client @0x7f6450 192.0.2.1#12345 (www.example.com): view in: query: www.example.com IN AAAA +E(0)K (192.0.2.53)";
  expect(entryBy(bindQuery, line)).toMatchObject({
    at: Date.UTC(2026, 1, 17, 23, 6, 56, 326),
    service: "named",
    level: 6,
    fields: {
      "event.category": "network",
      "event.action": "query",
      "dns.question.name": "www.example.com",
      "dns.question.class": "IN",
      "dns.question.type": "AAAA",
      "log.level": "info",
      "network.protocol": "dns",
      "source.address": "192.0.2.1",
      "source.ip": "192.0.2.1",
      "source.port": 12_345,
      "destination.ip": "192.0.2.53",
    },
  });
});

it.each([
  ["query: a.example IN A +", undefined, undefined],
  ["response: a.example IN A NXDOMAIN + (192.0.2.53) 1 0 1", "NXDOMAIN", "failure"],
  ["response: a.example IN A NOERROR + (192.0.2.53) 1 0 1", "NOERROR", "success"],
  ["query failed (SERVFAIL) for a.example/IN/A at query.c:7094", "SERVFAIL", "failure"],
  ["query failed (operation canceled) for a.example/IN/A at query.c:7094", "SERVFAIL", "failure"],
  ["query (cache) 'a.example/A/IN' denied", "REFUSED", "failure"],
  ["query (cache) 'a.example/A/IN' denied (allow-query-cache did not match)", "REFUSED", "failure"],
  ["query 'a.example/A/IN' denied", "REFUSED", "failure"],
  ["zone transfer 'a.example/AXFR/IN' denied", "REFUSED", "failure"],
  ["bad zone transfer request: 'a.example/IN': non-authoritative zone (NOTAUTH)", "NOTAUTH", "failure"],
])("%s: %s, %s", (text, code, outcome) => {
  const fields = fieldsOf(`client @0x7f 2001:db8::1#53 (a.example): ${text}`);
  expect([
    fields["dns.question.name"],
    fields["dns.response_code"],
    fields["event.outcome"],
    fields["source.ip"],
  ]).toEqual(["a.example", code, outcome, "2001:db8::1"]);
});

it.each([
  ["timed out resolving 'a.example/A/IN': 198.51.100.1#53", "SERVFAIL"],
  ["REFUSED unexpected RCODE resolving 'a.example/A/IN': 198.51.100.1#53", "REFUSED"],
  ["lame-servers: info: connection refused resolving 'a.example/A/IN': 198.51.100.1#53", "SERVFAIL"],
])("a name that BIND itself cannot resolve: %s", (text, code) => {
  expect(fieldsOf(text)).toMatchObject({ "dns.response_code": code, "destination.ip": "198.51.100.1" });
});

it.each([
  "Nov 13 10:59:46 ns named[12]: client 192.0.2.1#53 (a.example): query: a.example IN A + (192.0.2.53)",
  "2026-11-13T10:59:46.000Z ns named[12]: client 192.0.2.1#53 (a.example): query: a.example IN A + (192.0.2.53)",
  "Nov 13 10:59:50 ns named[12]: 13-Nov-2026 10:59:46.000 client 192.0.2.1#53 (a.example): query: a.example IN A + (192.0.2.53)",
])("reads %j, by BIND's own time where there is one", (line) => {
  expect(entryBy(bindQuery, line)).toMatchObject({
    at: Date.UTC(2026, 10, 13, 10, 59, 46),
    host: "ns",
    service: "named",
    fields: { "dns.question.name": "a.example", "process.pid": 12 },
  });
});

it("does not read a line without a time, and says why", () => {
  const line = "client @0x7f 192.0.2.1#53 (a.example): query: a.example IN A + (192.0.2.53)";
  expect(readBy(bindQuery, line)).toEqual([undefined]);
  expect(bindQuery.refusal?.(line)).toBe("a line of BIND without a time (print-time is off)");
});

it.each([
  "Nov 13 10:59:46 ns named[12]: client 192.0.2.1#53: error sending response",
  "Nov 13 10:59:46 ns dhcpd: client xyz has duplicate leases",
  "17-Feb-2026 23:06:56.326 general: info: zone a.example/IN: loaded serial 1",
])("%j is about no query", (line) => expect(readBy(bindQuery, line)).toEqual([undefined]));

/** Failures that the lines stand for; `at` counts seconds. */
const failuresIn = (...lines: [second: number, text: string][]): number =>
  readBy(
    bindQuery,
    ...lines.map(([second, text]) => `17-Feb-2026 23:06:${String(second).padStart(2, "0")}.000 ${text}`),
  ).filter((entry) => entry !== undefined && entry !== "header" && entry.fields["event.outcome"] === "failure").length;

describe("what is written more than once", () => {
  const denied = "client 192.0.2.1#4711 (a.example): query (cache) 'a.example/A/IN' denied";
  const refused = "client 192.0.2.1#4711 (A.example): query failed (REFUSED) for A.example/IN/A at query.c:5445";
  const failed = (port: number) =>
    `client 192.0.2.1#${port} (a.example): query failed (SERVFAIL) for a.example/IN/A at query.c:7094`;
  const resolving = (server: number) => `timed out resolving 'a.example/A/IN': 198.51.100.${server}#53`;

  it("a query that is denied and failed counts once, in either order", () => {
    expect(failuresIn([1, denied], [1, refused])).toBe(1);
    expect(failuresIn([1, refused], [1, denied])).toBe(1);
  });

  it("the same query of another client or a minute later counts again", () => {
    expect(failuresIn([1, denied], [1, denied.replace("4711", "4712")])).toBe(2);
    expect(failuresIn([1, denied], [50, denied])).toBe(2);
  });

  it("servers that were asked in vain and the answer that said so are one failure", () => {
    expect(failuresIn([1, resolving(1)], [4, resolving(2)], [9, failed(4711)])).toBe(1);
    expect(failuresIn([1, resolving(1)], [4, resolving(2)])).toBe(1);
  });

  it("each client that gets no answer counts", () => {
    expect(failuresIn([1, resolving(1)], [4, failed(1)], [5, failed(2)], [6, failed(3)])).toBe(3);
  });
});
