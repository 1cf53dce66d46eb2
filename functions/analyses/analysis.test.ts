// One suite for every analysis: its form, an empty log, purity, and that hostile values are only data to it.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { parseFilter } from "../lib/lucene.ts";
import type { Answer, Part, PartAnswer } from "../lib/question.ts";
import { registry } from "../lib/registry.ts";
import { openMemory } from "../sources/memory.ts";
import * as analyses from "./index.ts";
import { counted } from "./measured.ts";
import { answerTo, outcomeOf, testWindow } from "./test-answer.ts";

const nobody = openMemory([]).ask;
const hostile = [
  "__proto__",
  "constructor",
  "<script>alert(1)</script>",
  "\ud800",
  "x".repeat(10_000),
  "\u0000\r\n",
  "",
];

/** As measurements hold them: long ones are cut. */
const asLabels = hostile.map((text) => counted("n", 1, { text }).labels.text ?? "");

/** What a source could say to a part when every value in its log is hostile. */
const hostileAnswer = (part: Part): PartAnswer => {
  switch (part.kind) {
    case "count":
      return { kind: "count", count: hostile.length };
    case "terms":
      return {
        kind: "terms",
        rows: hostile.map((value) => ({ keys: part.by.map(() => value), count: 1 })),
        truncated: true,
      };
    case "histogram": {
      const keys = part.by === undefined ? [null] : hostile;
      return {
        kind: "histogram",
        series: keys.map((key) => ({ key, points: [{ at: testWindow.from, value: 1 }] })),
        truncated: true,
      };
    }
    case "stats":
      return { kind: "stats", values: {} };
    case "messages": {
      const entry = { at: testWindow.from, service: "", host: "", level: null, fields: {} };
      return { kind: "messages", entries: hostile.map((message) => ({ ...entry, message })), next: null };
    }
  }
};

it("every file that defines an analysis is in the registry", () => {
  const defining = readdirSync(import.meta.dirname).filter(
    (name) =>
      /(?<!\.test)\.ts$/.test(name) &&
      readFileSync(`${import.meta.dirname}/${name}`, "utf8").includes("= defineAnalysis({"),
  );
  expect(defining.map((name) => name.replace(".ts", ""))).toEqual(
    Object.values(analyses)
      .map(({ id }) => id)
      .sort(),
  );
});

describe.each(Object.entries(analyses))("the analysis %s", (name, analysis) => {
  const properties = z.toJSONSchema(analysis.params, { io: "input", unrepresentable: "throw" }).properties ?? {};
  const { filter, parts } = analysis.question({}, testWindow);
  // As it is when nothing is said, and with everything that may be measured besides.
  const besides = Object.entries({ by: "username", byUserAndAddress: true }).filter(([param]) => param in properties);
  const variants = besides.length === 0 ? [{}] : [{}, Object.fromEntries(besides)];

  it("has its export's name as id, and a title and a description", () => {
    expect(registry("analysis", analyses).get(analysis.id)).toBe(analysis);
    expect(analysis.id.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())).toBe(name);
    expect(analysis.title).not.toBe("");
    expect(analysis.description).not.toBe("");
  });

  it("describes every parameter in a JSON Schema, and needs none of them", () => {
    expect(Object.keys(properties).length).toBeGreaterThan(0);
    for (const schema of Object.values(properties)) {
      expect(schema).toMatchObject({ title: expect.stringMatching(/./), description: expect.stringMatching(/./) });
      expect(schema).toHaveProperty("default");
    }
    expect(analysis.params.safeParse({}).success).toBe(true);
  });

  it("refuses a parameter that it does not know, a filter that does not parse and a field that is none or free text, by their paths", () => {
    expect(analysis.params.safeParse({ fliter: "*" }).success).toBe(false);
    for (const param of Object.keys(properties)) {
      const isFilter = param === "filter";
      for (const bad of /field$|^by$/i.test(param) ? ["a:b OR *", "message"] : isFilter ? ["x) OR (streams:other"] : [])
        expect(analysis.params.safeParse({ [param]: bad }).error?.issues).toMatchObject([{ path: [param] }]);
    }
  });

  it("asks only what parses alone", () => {
    const filters = [filter, ...Object.values(parts).map((part) => part.filter)];
    expect(filters.filter((text) => text !== undefined && !parseFilter(text).ok)).toEqual([]);
  });

  it("reads every part that it asks, and no other", async () => {
    const answer = await answerTo(nobody, analysis, {});
    expect(Object.keys(answer.parts).sort()).toEqual(Object.keys(parts).sort());
    for (const part of Object.keys(parts)) {
      const { [part]: _left, ...others } = answer.parts;
      expect(() => analysis.measure({ ...answer, parts: others }, {}, testWindow)).toThrow(`no part "${part}"`);
    }
  });

  it("an empty log gives zeros", async () => {
    const { measurements, views, examples } = await outcomeOf(nobody, analysis);
    expect(measurements.length).toBeGreaterThan(0);
    expect(measurements.every(({ value, labels }) => value === 0 && Object.keys(labels).length === 0)).toBe(true);
    expect(views.length).toBeGreaterThan(0);
    expect(examples).toEqual([]);
  });

  it.each(variants)("hostile values pass through as data, and the same answer gives the same outcome: %j", (params) => {
    const { parts } = analysis.question(params, testWindow);
    const given = Object.entries(parts).map(([part, asked]): [string, PartAnswer] => [part, hostileAnswer(asked)]);
    const answer: Answer = { parts: Object.fromEntries(given), truncated: true };
    const before = structuredClone(answer);
    const outcome = analysis.measure(answer, params, testWindow);
    expect(analysis.measure(answer, params, testWindow)).toEqual(outcome);
    expect(answer).toEqual(before);
    for (const { labels } of outcome.measurements) {
      for (const value of Object.values(labels)) expect([...asLabels, "unknown"]).toContain(value);
    }
    const isByValue = Object.values(parts).some(
      (part) => part.kind === "terms" || (part.kind === "histogram" && part.by),
    );
    if (isByValue && analysis.id !== "failed-login-map") {
      const values = outcome.measurements.flatMap(({ labels }) => Object.values(labels));
      expect([...new Set(values)].sort()).toEqual([...asLabels].sort());
    }
    // Every list by value was cut in this answer, and each names its measurement.
    const names = new Set(outcome.measurements.map(({ name }) => name));
    expect(outcome.truncated.every((name) => names.has(name))).toBe(true);
    expect(outcome.truncated.length > 0).toBe(isByValue);
    // What is declared is measured, and nothing else: rules are checked against it.
    const declared = analysis.measures(params);
    const made = new Map(outcome.measurements.map(({ name, labels }) => [name, Object.keys(labels).sort()]));
    expect(Object.fromEntries(made)).toEqual(
      Object.fromEntries(Object.entries(declared).map(([name, labels]) => [name, [...labels].sort()])),
    );
    expect(outcome.examples.every((line) => line.length <= 1000)).toBe(true);
  });

  it("a week in one-second buckets is asked in longer ones, and answered", async () => {
    const week = { from: 0, to: 7 * 86_400_000 };
    const params = "every" in properties ? { every: "1s" } : {};
    await expect(outcomeOf(nobody, analysis, params, week)).resolves.toBeDefined();
  });
});

it("two long values that differ only at their end stay two, and neither is long", () => {
  const [one, other] = ["a", "b"].map(
    (end) => counted("n", 1, { user: `${"x".repeat(5000)}${end}` }).labels.user ?? "",
  );
  expect(one).not.toBe(other);
  expect(one?.length).toBeLessThanOrEqual(200);
  expect(counted("n", 1, { user: "short" }).labels.user).toBe("short");
});
