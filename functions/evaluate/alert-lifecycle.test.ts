// Stories: a whole alert life is a string. In: x breached, . clear, - between, ? gap. Out: o ok, p pending, f firing, r resolved.
// Capital letters mark the ticks in which somebody was told.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { TrackedSeries } from "../storage/rule-states.ts";
import { advance, forgetEpisode, hasEnded, type Manners, type Signal } from "./alert-lifecycle.ts";

const minute = 60_000;
const signals: Record<string, Signal> = { x: "breached", ".": "clear", "-": "between", "?": "gap" };
const letters = { ok: "o", pending: "p", firing: "f", resolved: "r" } as const;

const manners: Manners = {
  holdMs: 0,
  clearAfterMs: 0,
  repeatMs: 0,
  repeatGrowth: 1,
  tellResolved: true,
  flappingChanges: 0,
  flappingMs: 60 * minute,
};

const fresh: TrackedSeries = {
  fingerprint: "f",
  ruleId: "r",
  labels: {},
  state: "ok",
  alertId: null,
  since: null,
  lastBreachAt: null,
  lastToldAt: null,
  repeats: 0,
  sequence: 0,
  turns: [],
  value: null,
  why: "",
  firstSeenAt: 0,
  lastSeenAt: null,
  points: [],
};

/** Plays a story of one-minute windows. */
const play = (story: string, own: Partial<Manners> = {}): string => {
  let series = fresh;
  let told = "";
  [...story].forEach((letter, index) => {
    const signal = signals[letter] ?? "gap";
    const step = advance(
      series,
      { to: (index + 1) * minute, everyMs: minute, signal, value: 1, why: "" },
      { ...manners, ...own },
    );
    const state = letters[step.next.state];
    told += step.told ? state.toUpperCase() : state;
    series = hasEnded(step.next) ? forgetEpisode(step.next) : step.next;
  });
  return told;
};

test.each([
  [
    "a whole life: held twice, cleared twice",
    "xxx...xxx",
    "ppFfRoppF",
    { holdMs: 2 * minute, clearAfterMs: 2 * minute },
  ],
  ["without hold it fires at the first breach", "x.", "FR", {}],
  ["a blip never fires", "x.x.x.xx.", "popopoppo", { holdMs: 2 * minute }],
  ["a short calm never resolves", "x.x.x..", "FfffffR", { clearAfterMs: 2 * minute }],
  ["a gap resolves nothing, however long", "x????????.", "FffffffffR", {}],
  ["a gap does not count as time it was clear", "x.?..", "FfffR", { clearAfterMs: 3 * minute }],
  ["a gap does not count as time it held", "x?xx", "pppF", { holdMs: 2 * minute }],
  ["a gap begins nothing", "????", "oooo", {}],
  ["between the limits nothing begins and nothing ends", "--x--.", "ooFffR", {}],
  ["it is told again after the repeat interval", "xxxxxxx", "FffFffF", { repeatMs: 3 * minute }],
  ["each repeat gap grows", "xxxxxxxxxxxxxxx", "FFfFfffFfffffff", { repeatMs: minute, repeatGrowth: 2 }],
  ["without a repeat interval it is told once", "xxxxxxxxxxxxxxx", "Fffffffffffffff", {}],
  ["a rule may not want the resolved message", "xx.", "Ffr", { tellResolved: false }],
  [
    "flapping is told once, and resolved once it is steady",
    "x.x.x.x.......",
    "FRFrfrfrrrRooo",
    { flappingChanges: 3, flappingMs: 5 * minute },
  ],
] as const)("%s", (_guarantee, story, life, own) => {
  expect(play(story, own)).toBe(life);
});

test("whatever happens, told changes alternate: never resolved before opened, never opened twice", () => {
  const story = fc.array(fc.constantFrom("x", ".", "-", "?"), { maxLength: 60 });
  const limits = fc.record({
    holdMs: fc.constantFrom(0, minute, 3 * minute),
    clearAfterMs: fc.constantFrom(0, minute, 3 * minute),
    flappingChanges: fc.constantFrom(0, 2, 4),
    flappingMs: fc.constantFrom(5 * minute, 20 * minute),
  });
  fc.assert(
    fc.property(story, limits, (ticks, own) => {
      const told = play(ticks.join(""), own).replace(/[a-z]/g, "");
      expect(told).toMatch(/^(FR)*F?$/);
    }),
  );
});

test("an episode keeps its id and counts what was told of it", () => {
  const opened = advance(fresh, { to: minute, everyMs: minute, signal: "breached", value: 3, why: "3 > 2" }, manners);
  const resolved = advance(
    opened.next,
    { to: 2 * minute, everyMs: minute, signal: "clear", value: 0, why: "0" },
    manners,
  );
  expect([opened.next.alertId, opened.next.sequence]).toEqual(["a-f@1970-01-01T00:01:00.000Z", 1]);
  expect([resolved.next.alertId, resolved.next.sequence]).toEqual(["a-f@1970-01-01T00:01:00.000Z", 2]);
});
