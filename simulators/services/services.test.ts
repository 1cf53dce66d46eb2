// What the simulated services promise: repeatable, tiling, believable; and that the truth is what was sent.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type AttackName, attackEntries, attackNames } from "./attacks.ts";
import { auth } from "./auth.ts";
import { dns } from "./dns.ts";
import { firewall } from "./firewall.ts";
import { truthMinutes } from "./truth.ts";

const start = Date.UTC(2026, 2, 4, 12);
const names = Object.keys(attackNames).filter((name): name is AttackName => name in attackNames);

test.each([auth, dns, firewall])("a span generated in two parts equals the span generated at once", (service) => {
  const cuts = fc.tuple(fc.integer(), fc.nat(90_000), fc.nat(90_000), fc.nat(90_000));
  fc.assert(
    fc.property(cuts, ([seed, a, b, c]) => {
      const [from = 0, cut = 0, to = 0] = [start + a, start + b, start + c].sort((x, y) => x - y);
      const parts = [...service({ seed, from, to: cut }), ...service({ seed, from: cut, to })];
      expect(parts).toEqual(service({ seed, from, to }));
    }),
    { numRuns: 30 },
  );
});

test.each([auth, dns])("normal failures are a few per cent, and warn", (service) => {
  const entries = service({ seed: 1, from: start, to: start + 3_600_000, scale: 5 });
  const failed = entries.filter((entry) => entry.fields.status === "failure");
  expect(failed.length / entries.length).toBeGreaterThan(0.015);
  expect(failed.length / entries.length).toBeLessThan(0.07);
  expect(failed.every((entry) => entry.level === 4)).toBe(true);
});

test("a Sunday night is quieter than a working noon", () => {
  const count = (from: number) => auth({ seed: 1, from, to: from + 3_600_000 }).length;
  expect(count(Date.UTC(2026, 2, 8, 1))).toBeLessThan(count(start) / 2);
});

test.each(names)("attack %s tiles, and its truth counts what it sent", (name) => {
  const attack = { name, service: attackNames[name], from: start + 250, to: start + 100_250 };
  const all = attackEntries(attack, 7, start, start + 200_000);
  const parts = [
    attackEntries(attack, 7, start, start + 33_333),
    attackEntries(attack, 7, start + 33_333, start + 200_000),
  ];
  expect(parts.flat()).toEqual(all);
  expect(all.length > 0).toBe(name !== "silence");
  const minutes = truthMinutes(attack, all);
  expect(minutes.reduce((sum, { sent }) => sum + sent, 0)).toBe(all.length);
  const users = minutes.reduce((sum, minute) => sum + (minute.users.admin ?? 0), 0);
  expect(users).toBe(all.filter((entry) => entry.fields.username === "admin").length);
});
