// Zeek's dns.log by example: with its header, with another one, and without.
import { expect, it } from "vitest";
import { entryBy, readBy } from "./test-lines.ts";
import { zeekDns } from "./zeek-dns.ts";

const row = (code: string, name: string) =>
  `1782896455.865716\tCqKst53mF3\t192.0.2.100\t41772\t192.0.2.53\t53\tudp\t36329\t0.000870\twww.example.com\t1\tC_INTERNET\t1\tA\t${code}\t${name}\tF\tF\tT\tT\t0\t192.0.2.7\t2230.000000\tF`;

it("without a header, reads the columns that Zeek writes by default", () => {
  const line = row("3", "NXDOMAIN");
  expect(entryBy(zeekDns, line)).toEqual({
    at: 1_782_896_455_866,
    service: "zeek",
    host: "",
    level: null,
    message: line,
    fields: {
      "event.category": "network",
      "event.action": "query",
      "event.outcome": "failure",
      "dns.question.name": "www.example.com",
      "dns.question.class": "C_INTERNET",
      "dns.question.type": "A",
      "dns.response_code": "NXDOMAIN",
      "dns.id": "36329",
      "dns.resolved": "192.0.2.7",
      "network.protocol": "dns",
      "network.transport": "udp",
      "zeek.session_id": "CqKst53mF3",
      "source.address": "192.0.2.100",
      "source.ip": "192.0.2.100",
      "source.port": 41_772,
      "destination.address": "192.0.2.53",
      "destination.ip": "192.0.2.53",
      "destination.port": 53,
    },
  });
});

it("an answer that says NOERROR went well, and one that never came says nothing", () => {
  expect(entryBy(zeekDns, row("0", "NOERROR")).fields["event.outcome"]).toBe("success");
  const unanswered = entryBy(zeekDns, row("-", "-")).fields;
  expect(unanswered).not.toHaveProperty("event.outcome");
  expect(unanswered).not.toHaveProperty("dns.response_code");
});

it("the header decides columns, separator and the sign for what is unset", () => {
  const lines = [
    "#separator \\x7c",
    "#set_separator|,",
    "#unset_field|?",
    "#path|dns",
    "#fields|query|ts|rcode_name|id.orig_h",
    "#types|string|time|string|addr",
    "www.example.com|1782896455.5|?|192.0.2.1",
    "#close|2026-07-01-09-00-00",
  ];
  const read = readBy(zeekDns, ...lines);
  expect(read.slice(0, 6)).toEqual(new Array(6).fill("header"));
  expect(read[6]).toMatchObject({
    at: 1_782_896_455_500,
    fields: { "dns.question.name": "www.example.com", "source.ip": "192.0.2.1" },
  });
  expect(read[6]).not.toHaveProperty(["fields", "dns.response_code"]);
  expect(read[7]).toBe("header");
});

it.each([
  ["another log of Zeek", ["#path\tconn", row("0", "NOERROR")]],
  ["a row with fewer columns than its header", ["#fields\tts\tquery\trcode_name", "1782896455.5\twww.example.com"]],
  ["a row without a time", [row("0", "NOERROR").replace("1782896455.865716", "-")]],
  ["a table of something else", ["a\tb\tc"]],
])("does not read %s", (_what, lines) => expect(readBy(zeekDns, ...lines).at(-1)).toBeUndefined());
