// Whole logs: which format a line has is found out, the years agree, and what is refused can be counted.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openLog } from "./read-log.ts";

const kinds = (lines: string[], options: Partial<Parameters<typeof openLog>[0]> = {}): string[] => {
  const log = openLog({ year: 2026, ...options });
  return lines.map((line) => {
    const one = log.read(line);
    return "entry" in one ? one.format : "refused" in one ? `refused: ${one.refused}` : `skipped: ${one.skipped}`;
  });
};

it("asks the format that understands most of a line first", () => {
  expect(
    kinds([
      "Jul  1 09:00:55 gate sshd[12]: Failed password for a from 192.0.2.1 port 1 ssh2",
      "Jul  1 09:00:56 gate kernel: IPT-DROP: IN=eth0 OUT= SRC=192.0.2.1 DST=192.0.2.2 PROTO=TCP SPT=1 DPT=2",
      "Jul  1 09:00:57 gate kernel: eth0: link up",
      "Jul  1 09:00:58 ns named[1]: client 192.0.2.1#53 (a.example): query: a.example IN A + (192.0.2.53)",
      "<34>1 2026-07-01T09:00:59Z gate app 8 - - hello",
      '{"time":"2026-07-01T09:01:00Z","msg":"hello"}',
      "#path\tdns",
    ]),
  ).toEqual(["sshd", "iptables", "syslog-3164", "bind-query", "syslog-5424", "json-lines", "skipped: header"]);
});

it("refuses with few reasons, whatever the lines are", () => {
  const lines = [
    "nonsense",
    "more nonsense",
    "Feb 30 00:00:00 gate a: b",
    "Jul 99 00:00:00 gate a: b",
    "{",
    "{}",
    "",
    " \r",
  ];
  expect(kinds(lines)).toEqual([
    "refused: no known format",
    "refused: no known format",
    "refused: a date that does not exist",
    "refused: a date that does not exist",
    "refused: JSON that is broken or not an object",
    "refused: JSON without a time that can be read",
    "skipped: empty",
    "skipped: empty",
  ]);
});

it("a format that was named takes its lines and no others", () => {
  const line = "Jul  1 09:00:55 gate sshd[12]: Failed password for a from 192.0.2.1 port 1 ssh2";
  expect(kinds([line, "nonsense"], { format: "syslog-3164" })).toEqual(["syslog-3164", "refused: not syslog-3164"]);
});

it("says which formats there are when the name is none", () => {
  expect(() => openLog({ year: 2026, format: "nope" })).toThrow(/no format called "nope"; known: .*sshd/);
});

it("a new year in lines of one format is a new year for those of another", () => {
  const log = openLog({ year: 2025 });
  const yearOf = (line: string) => {
    const one = log.read(line);
    return "entry" in one ? `${one.format} ${new Date(one.entry.at).getUTCFullYear()}` : "none";
  };
  expect([
    yearOf("Jun  9 06:06:20 gate app: a"),
    yearOf("Nov  9 06:06:20 gate app: b"),
    yearOf("Jan  9 06:06:20 gate app: c"),
    yearOf("Feb  9 06:06:20 gate sshd[12]: Failed password for a from 192.0.2.1 port 1 ssh2"),
    yearOf("Jul  9 06:06:20 gate kernel: X-DROP IN=a OUT= SRC=192.0.2.1 PROTO=UDP SPT=1 DPT=2"),
  ]).toEqual(["syslog-3164 2025", "syslog-3164 2025", "syslog-3164 2026", "sshd 2026", "iptables 2026"]);
});

it("lines that end in a carriage return or begin with a byte order mark are read like others", () => {
  const line = "\uFEFFJul  1 09:00:55 gate app[7]: hello\r";
  expect(openLog({ year: 2026 }).read(line)).toMatchObject({ entry: { host: "gate", message: "hello" } });
});

it("the host that is given is that of lines which do not say", () => {
  const log = openLog({ year: 2026, host: "db1" });
  expect(log.read('{"time":"2026-07-01T09:01:00Z","msg":"hello"}')).toMatchObject({ entry: { host: "db1" } });
  expect(log.read("17-Feb-2026 23:06:56.326 client 192.0.2.1#53 (a): query: a IN A +")).toMatchObject({
    entry: { host: "db1" },
  });
});

describe("the example logs", () => {
  it.each([
    ["sshd-sample.log", { sshd: 249, "syslog-3164": 1 }],
    ["dns-sample.log", { "bind-query": 484 }],
    ["firewall-sample.log", { iptables: 280 }],
  ])("%s is read to the last line", (name, expected) => {
    const text = readFileSync(join(import.meta.dirname, "../../examples", name), "utf8");
    const counts: Record<string, number> = {};
    for (const kind of kinds(text.trimEnd().split("\n"))) counts[kind] = (counts[kind] ?? 0) + 1;
    expect(counts).toEqual(expected);
  });
});
