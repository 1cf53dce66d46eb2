// Lines and expected fields that others published: where the reference data lies beside the repository, all that is ours must be right.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { openLog } from "./read-log.ts";

const folder = join(import.meta.dirname, "../../../shared/data/formats/permissive");
const isThere = existsSync(folder);

/** Those of the formats that exist here; the others are read as far as their syslog header goes. */
const ours = [
  "auth/crowdsec__opnsense-sshd",
  "auth/crowdsec__pam-logs",
  "dns/crowdsec__bind9-logs",
  "dns/crowdsec__bind9-syslog",
  "dns/logstash__bind",
  "firewall/crowdsec__iptables-logs",
  "syslog/rfc__syslog-examples",
];

const expectedLine = z.object({ line: z.number(), canon: z.record(z.string(), z.union([z.string(), z.number()])) });

type Score = { expected: number; right: number; missing: string[]; wrong: string[] };

const score = (fixture: string): Score => {
  const lines = readFileSync(join(folder, fixture, "input.log"), "utf8").split("\n");
  const log = openLog({ year: 2023 });
  const read = lines.map((line) => fieldsOf(log.read(line)));
  const result: Score = { expected: 0, right: 0, missing: [], wrong: [] };
  const rows = readFileSync(join(folder, fixture, "expected.jsonl"), "utf8")
    .split("\n")
    .filter(Boolean);
  for (const row of rows) {
    const { line, canon } = expectedLine.parse(JSON.parse(row));
    for (const [name, value] of Object.entries(canon)) {
      if (name.startsWith("label.") || name === "message") continue;
      const found = read[line - 1]?.[name];
      const what = `${fixture}:${line} ${name}: ${found} for ${value}`;
      result.expected += 1;
      if (found === undefined || found === "") result.missing.push(what);
      else if (String(found).toLowerCase() === String(value).toLowerCase()) result.right += 1;
      else result.wrong.push(what);
    }
  }
  return result;
};

/** Under the names of the reference data. */
const fieldsOf = (read: ReturnType<ReturnType<typeof openLog>["read"]>): Record<string, unknown> => {
  if (!("entry" in read)) return {};
  const { at, host, fields } = read.entry;
  const named = Object.entries(fields).map(([name, value]) => [
    name.replace("log.syslog.structured_data", "sd"),
    value,
  ]);
  return {
    ...Object.fromEntries(named),
    "host.hostname": host,
    "time.mdhms": new Date(at).toISOString().slice(5, 19),
    "client.ip": fields["source.ip"],
    "client.port": fields["source.port"],
    "server.ip": fields["destination.ip"],
  };
};

describe.skipIf(!isThere)("published lines (skipped where the reference data is not there)", () => {
  it.each(ours)("%s: every expected field is there and right", (fixture) => {
    const { expected, right, missing, wrong } = score(fixture);
    expect(expected).toBeGreaterThan(0);
    expect(wrong).toEqual([]);
    // Two lines of BIND have no time at all, so nobody can say in which window they fall.
    const timeless = fixture.endsWith("bind9-logs")
      ? ["source.ip: undefined for ::1", "source.ip: undefined for ::1"]
      : [];
    expect(missing.map((what) => what.replace(/^\S+ /, ""))).toEqual(timeless);
    expect(right).toBe(expected - timeless.length);
  });

  it("of all fixtures, known formats or not, no field is read wrongly", () => {
    const fixtures = isThere
      ? readdirSync(folder).flatMap((kind) => readdirSync(join(folder, kind)).map((name) => `${kind}/${name}`))
      : [];
    expect(fixtures.length).toBeGreaterThan(40);
    expect(fixtures.flatMap((fixture) => score(fixture).wrong)).toEqual([]);
  });
});
