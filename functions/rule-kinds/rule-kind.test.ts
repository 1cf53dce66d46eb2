// One suite for every rule kind: its form, its purity, and that hostile labels are only data to it.
import { readdirSync } from "node:fs";
import type { Labels } from "@logwatch/events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { labelsKey } from "../lib/labels.ts";
import { registry } from "../lib/registry.ts";
import * as ruleKinds from "./index.ts";
import { isWatched, type Point, type Series } from "./rule-kind.ts";

const minute = 60_000;

/** Parameters that each kind takes; a new kind adds a line. */
const samples: Record<string, Record<string, unknown>> = {
  absence: { measurement: "logins", quietFor: "3m", where: { service: "auth" }, expected: [{ user: "backup" }] },
  threshold: { measurement: "logins", limit: 10, recovery: 5, where: { service: "auth" } },
};

const seriesOf = (values: readonly (number | null)[], labels: Labels = {}): Series => {
  const points: Point[] = values.map((value, at) => ({ window: { from: at * minute, to: (at + 1) * minute }, value }));
  const heard = points.findLast(({ value }) => value !== null && value > 0);
  return { labels, points, firstSeenAt: minute, lastSeenAt: heard?.window.to ?? null };
};

const frozen = <Value>(value: Value): Value => {
  if (value !== null && typeof value === "object") Object.values(Object.freeze(value)).forEach(frozen);
  return value;
};

it("every file that defines a rule kind is in the registry", () => {
  const files = readdirSync(import.meta.dirname).filter((name) =>
    /^(?!index|rule-kind|watched-params).*(?<!\.test)\.ts$/.test(name),
  );
  expect(files.map((name) => name.replace(".ts", "")).sort()).toEqual(
    Object.values(ruleKinds)
      .map(({ id }) => id)
      .sort(),
  );
});

describe.each(Object.entries(ruleKinds))("the rule kind %s", (name, kind) => {
  const sample = samples[kind.id] ?? {};
  const now = 5 * minute;

  it("has its export's name as id, and a title and a description", () => {
    expect(registry("rule kind", ruleKinds).get(kind.id)).toBe(kind);
    expect(kind.id.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())).toBe(name);
    expect(kind.title).not.toBe("");
    expect(kind.description).not.toBe("");
  });

  it("describes every parameter in a JSON Schema", () => {
    const form = z.toJSONSchema(kind.params, { io: "input", unrepresentable: "throw" });
    const properties = Object.values(form.properties ?? {});
    expect(properties.length).toBeGreaterThan(0);
    for (const schema of properties) {
      expect(schema).toMatchObject({ title: expect.stringMatching(/./), description: expect.stringMatching(/./) });
    }
  });

  it("takes its sample, and refuses a parameter that it does not know or a limit without a measurement", () => {
    expect(kind.params.safeParse(sample).success).toBe(true);
    expect(kind.params.safeParse({ ...sample, limti: 3 }).success).toBe(false);
    expect(kind.params.safeParse({}).success).toBe(false);
    expect(() => kind.judge({}, [], now)).toThrow();
  });

  it("watches what its parameters name, in the label sets they name", () => {
    const watches = kind.watches(sample);
    const measured = (name: string, labels: Labels) => isWatched(watches, { name, labels, value: 1, unit: "count" });
    expect(measured("logins", { service: "auth", user: "root" })).toBe(true);
    expect(measured("logins", { service: "dns" })).toBe(false);
    expect(measured("logins", {})).toBe(false);
    expect(measured("failed_logins", { service: "auth" })).toBe(false);
  });

  it("asks for a bounded memory", () => {
    const { points, quietMs } = kind.memory(sample);
    expect(Number.isInteger(points) && points >= 0 && points <= 1000).toBe(true);
    expect(Number.isFinite(quietMs) && quietMs >= 0).toBe(true);
  });

  it("gives each series one verdict at most, the same one every time, and changes nothing it is given", () => {
    const value = fc.option(fc.integer({ min: 0, max: 30 }), { nil: null });
    fc.assert(
      fc.property(fc.array(fc.array(value, { minLength: 1, maxLength: 6 }), { maxLength: 5 }), (lives) => {
        const series = frozen(lives.map((values, at) => seriesOf(values, { user: `u${at}` })));
        const verdicts = kind.judge(frozen(sample), series, now);
        expect(kind.judge(sample, series, now)).toEqual(verdicts);
        const keys = verdicts.map(({ labels }) => labelsKey(labels));
        expect(new Set(keys).size).toBe(keys.length);
        for (const { breached, cleared, reason } of verdicts) {
          expect(breached && cleared).toBe(false);
          expect(reason).not.toBe("");
        }
      }),
    );
  });

  it("a window without a value neither breaches nor clears", () => {
    for (const life of [[null], [0, 0, 0, 0, null], [99, null], [99, 99, 99, null]]) {
      const verdicts = kind
        .judge(sample, [seriesOf(life)], life.length * minute)
        .filter(({ labels }) => labelsKey(labels) === "{}");
      expect(verdicts.every(({ breached, cleared }) => !breached && !cleared)).toBe(true);
    }
  });

  it.each(["__proto__", "constructor", "<script>alert(1)</script>", "\ud800", "x".repeat(10_000), ""])(
    "gives hostile label values back as they were (%#)",
    (text) => {
      const [verdict] = kind.judge(sample, [seriesOf([0, 3], { user: text })], now);
      expect(verdict?.labels).toEqual({ user: text });
      expect(verdict?.reason.length).toBeLessThan(200);
    },
  );
});
