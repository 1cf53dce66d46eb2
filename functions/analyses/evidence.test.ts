// From a measurement back to its lines: the source, asked with the evidence, finds as many as were counted, and no line twice.
import type { FieldValue } from "@logwatch/events";
import { describe, expect, it } from "vitest";
import { parseFilter } from "../lib/lucene.ts";
import { openMemory } from "../sources/memory.ts";
import * as analyses from "./index.ts";
import { logged, outcomeOf, testWindow } from "./test-answer.ts";

const long = "x".repeat(500);
const values = [
  "root",
  "Root",
  "ro",
  'with "quotes" and \\ and *',
  "a b AND c",
  ") OR (streams:other",
  "语言😀",
  "",
  "-",
  "1000",
  "TRUE",
  "line\nbreak\u0000",
  "*",
  `${long}a`,
  `${"\u0001 ?*".repeat(200)}`,
  "y".repeat(199),
];

/** Sign-ins, queries and traffic that hold every value in every field; some of each went well. */
const entries = values.flatMap((value, index) =>
  [value, values[(index + 1) % values.length] ?? ""].flatMap((other, twice) => {
    const fields: Record<string, FieldValue>[] = [
      {
        event_type: "authentication_attempt",
        status: index % 3 === 2 ? "success" : "failed",
        username: value,
        source_ip: other,
        failure_reason: value,
      },
      {
        queried_domain: value === "" ? "example.com" : value,
        status: index % 4 === 3 ? "success" : "failed",
        reason: other,
      },
      { threat_level: ["high", "Critical", "low", value][index % 4] ?? "", protocol: value, action_taken: other },
    ];
    return fields.map((own, kind) => ({
      ...logged(index * 2 + twice, "any", own, `line ${index}.${twice}.${kind}`),
      host: `Host-${index % 5}.example.com`,
    }));
  }),
);
const { ask } = openMemory(entries);

const linesBehind = async (filters: readonly string[]): Promise<string[]> => {
  const parts = { lines: { kind: "messages" as const, limit: 1000, fields: [] } };
  const answer = await ask({ filters, window: testWindow, parts }, new AbortController().signal);
  if (!answer.ok) throw new Error(answer.error.message);
  const { lines } = answer.value.parts;
  return lines?.kind === "messages" ? lines.entries.map(({ message }) => message) : [];
};

/** No filter tells these apart. */
const selectsMore = new Set(["failed_logins_peak", "failed_logins_by_country"]);

const variants: Partial<Record<string, Record<string, unknown>[]>> = {
  "failed-logins": [{}, { byUserAndAddress: true }],
  "failed-login-timeseries": [{}, { by: "username" }],
  "log-patterns": [{}, { field: "username" }, { field: "reason", filter: "_exists_:reason" }],
  "log-search": [{}, { filter: "status:failed" }],
};
const cases = Object.values(analyses).flatMap((analysis) =>
  (variants[analysis.id] ?? [{}]).map((params) => [analysis.id, params, analysis] as const),
);

describe.each(cases)("the evidence of %s with %j", (_, params, analysis) => {
  it("is the lines that were counted, of every measurement and label set", async () => {
    const { measurements } = await outcomeOf(ask, analysis, params);
    expect(measurements.some(({ value }) => value > 0)).toBe(true);
    const taken = new Map<string, Set<string>>();
    for (const { name, labels, value } of measurements) {
      const clauses = analysis.evidence(params, { name, labels });
      expect(clauses.filter((clause) => !parseFilter(clause).ok)).toEqual([]);
      const lines = await linesBehind(clauses);
      if (selectsMore.has(name)) expect(lines.length).toBeGreaterThanOrEqual(value);
      else expect([name, labels, lines.length]).toEqual([name, labels, value]);
      if (selectsMore.has(name) || Object.keys(labels).length === 0) continue;
      const others = taken.get(name) ?? new Set();
      expect(lines.filter((line) => others.has(line))).toEqual([]);
      taken.set(name, new Set([...others, ...lines]));
    }
  });

  it("of a label set that it does not measure is never more than what it looks at", async () => {
    const [name = ""] = Object.keys(analysis.measures(params));
    const whole = await linesBehind(analysis.evidence(params, { name, labels: {} }));
    expect(await linesBehind(analysis.evidence(params, { name, labels: { nothing: "like it" } }))).toEqual(whole);
  });
});

it("of a label that was cut, it is every value that begins so", async () => {
  const { measurements } = await outcomeOf(ask, analyses.failedLogins);
  const cut = measurements.find(({ labels }) => labels.user?.startsWith("xxx"));
  if (!cut) throw new Error("There is no long user.");
  const [, clause = ""] = analyses.failedLogins.evidence({}, cut);
  expect(clause).toMatch(/^username:\(".*" OR x{100,}\*\)$/);
  expect((await linesBehind([clause])).length).toBeGreaterThanOrEqual(cut.value);
});
