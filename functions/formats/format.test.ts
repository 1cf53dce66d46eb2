// One suite over every format: what the contract promises, whatever the line is.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { logEntry } from "@logwatch/events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { registry } from "../lib/registry.ts";
import type { Format } from "./format.ts";
import * as plugins from "./index.ts";
import { openLog } from "./read-log.ts";
import { entryBy } from "./test-lines.ts";

/** A line that each format reads, so that nothing below passes for want of entries. */
const samples: Record<string, string> = {
  "bind-query":
    "17-Feb-2026 23:06:56.326 queries: info: client @0x7f6450 192.0.2.1#12345 (www.example.com): query: www.example.com IN A +E(0)K (192.0.2.53)",
  iptables:
    "Jul  1 09:00:55 gate kernel: [12.5] IPT-DROP: IN=eth0 OUT= MAC= SRC=192.0.2.1 DST=192.0.2.2 LEN=40 PROTO=TCP SPT=4711 DPT=22 SYN",
  "json-lines": '{"time":"2026-07-01T09:00:55Z","level":"warn","msg":"slow","service":"api","took":12}',
  sshd: "Jul  1 09:00:55 gate sshd[12]: Failed password for invalid user admin from 192.0.2.1 port 4711 ssh2",
  "syslog-3164": "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
  "syslog-5424": '<165>1 2026-10-11T22:14:15.003Z host.example.com evntslog 12 ID47 [e@32473 iut="3"] An entry',
  "zeek-dns":
    "1782896455.123456\tCx1\t192.0.2.1\t4711\t192.0.2.53\t53\tudp\t7\t0.01\twww.example.com\t1\tC_INTERNET\t1\tA\t3\tNXDOMAIN\tF\tF\tT\tT\t0\t-\t-\tF",
};

const hostile = [
  "",
  " ",
  "\0",
  "\uFEFF",
  "\uD800",
  "\u001b[31mred\u001b[0m",
  "<",
  "<999>1 ",
  "<34>1 2026-13-45T99:99:99Z a b c d - x",
  `<34>1 2026-10-11T22:14:15Z a b c d ${"[".repeat(50_000)}`,
  `<34>1 2026-10-11T22:14:15Z a b c d [x ${'a="\\"'.repeat(20_000)}`,
  `Jul  1 09:00:55 gate sshd[1]: Failed password for ${" from 192.0.2.1 port 22".repeat(40_000)}`,
  `Jul  1 09:00:55 gate sshd[1]: Connection closed by invalid user ${"a ".repeat(400_000)}`,
  `Jul  1 09:00:55 gate sshd[1]: pam_unix(sshd:auth): authentication failure; ${" rhost= user=".repeat(60_000)}`,
  `Jul  1 09:00:55 gate kernel: ${"IN= OUT= ".repeat(100_000)}SRC=`,
  `client ${"@".repeat(500_000)} resolving '`,
  `17-Feb-2026 23:06:56.326 client 192.0.2.1#1 (${"(".repeat(300_000)}): query: `,
  `{"time":"2026-07-01T09:00:55Z","a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
  `{"time":"2026-07-01T09:00:55Z",${'"a":{'.repeat(20_000)}${"}".repeat(20_000)}}`,
  '{"time":1e400,"__proto__":{"x":1},"constructor":1,"n":1e400}',
  '{"time":1782896455,"":"","_id":"x","message":null}',
  `#fields\t${"\t".repeat(100_000)}`,
  "\t".repeat(1_000_000),
  " ".repeat(1_000_000),
  "a".repeat(1_000_000),
];

/** Reading all of these takes milliseconds each; a pattern that backtracks takes minutes. */
const slowestMs = 1000;

const formats = registry<Format>("format", plugins).all;

describe.each(formats.map((format) => [format.id, format] as const))("%s", (id, format) => {
  const open = () => format.reader({ year: 2026, host: "here" });
  const sample = samples[id] ?? "";

  it("is called like its file, and says what it is", () => {
    expect(existsSync(join(import.meta.dirname, `${id}.ts`))).toBe(true);
    expect(existsSync(join(import.meta.dirname, `${id}.test.ts`))).toBe(true);
    expect(format.title).not.toBe("");
    expect(format.description).toMatch(/\.$/);
  });

  it("reads its sample into an entry that fits the schema", () => {
    const entry = entryBy(format, sample);
    expect(z.decode(logEntry, z.encode(logEntry, entry))).toEqual(entry);
  });

  it("gives the same for the same line, and a reader knows nothing of another", () => {
    const first = open();
    for (const line of hostile.slice(0, 8)) first(line);
    expect(first(sample)).toEqual(open()(sample));
  });

  it("is found out line by line and can be asked for by name", () => {
    expect(openLog({ year: 2026 }).read(sample)).toMatchObject({ format: id });
    expect(openLog({ year: 2026, format: id }).read(sample)).toMatchObject({ format: id });
  });

  it("survives hostile lines, each in less than a second", () => {
    const read = open();
    for (const line of [
      ...hostile,
      ...hostile.map((one) => `${sample}${one}`),
      ...hostile.map((one) => `${one}${sample}`),
    ]) {
      const begun = performance.now();
      const entry = read(line);
      format.refusal?.(line);
      expect(performance.now() - begun, line.slice(0, 80)).toBeLessThan(slowestMs);
      if (entry !== undefined && entry !== "header") z.encode(logEntry, entry);
    }
  });

  it("never throws on random lines, and every entry fits the schema", () => {
    const read = open();
    const mutated = fc
      .tuple(fc.nat(sample.length), fc.nat(20), fc.string({ unit: "binary" }))
      .map(([at, cut, text]) => sample.slice(0, at) + text + sample.slice(at + cut));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), mutated), (line) => {
        const entry = read(line);
        if (entry !== undefined && entry !== "header") z.encode(logEntry, entry);
      }),
      { numRuns: 1000, seed: 7 },
    );
  });
});

it("every format has a sample here", () => {
  expect(Object.keys(samples).sort()).toEqual(formats.map((format) => format.id).sort());
});
