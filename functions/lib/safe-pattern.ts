// Patterns that users write, matched in linear time: a small part of regular expressions, run as a state machine that never goes back
// (Thompson), and never given to RegExp. Anchored at both ends. A pattern that is not understood is refused with its position.
import { fail, ok, type Result } from "./result.ts";
import { type PatternNode, parsePattern } from "./safe-pattern-parse.ts";

export type PatternProblem = { message: string; position: number };
export type SafePattern = (text: string) => boolean;

export const maxPatternLength = 200;

/** True for texts that match as a whole. Cost: length of the text times length of the pattern, whatever both hold. */
export const compilePattern = (text: string): Result<SafePattern, PatternProblem> => {
  if (text.length > maxPatternLength) {
    return fail({ message: `A pattern has at most ${maxPatternLength} characters.`, position: maxPatternLength });
  }
  const parsed = parsePattern(text);
  if (!parsed.ok) return parsed;
  const states: State[] = [{ kind: "end" }];
  const start = build(states, parsed.value, 0);
  return ok((subject) => run(states, start, subject));
};

type State =
  | { kind: "end" }
  | { kind: "one"; test: (codePoint: number) => boolean; next: number }
  | { kind: "split"; nexts: number[] };

/** Adds the states of a node in front of `next`; returns the first of them. */
const build = (states: State[], node: PatternNode, next: number): number => {
  switch (node.kind) {
    case "one":
      return states.push({ kind: "one", test: node.test, next }) - 1;
    case "sequence":
      return node.items.reduceRight((after, item) => build(states, item, after), next);
    case "either":
      return states.push({ kind: "split", nexts: node.items.map((item) => build(states, item, next)) }) - 1;
    case "repeat": {
      const nexts: number[] = [];
      const loop = states.push({ kind: "split", nexts }) - 1;
      const body = build(states, node.item, node.most === 1 ? next : loop);
      nexts.push(body, next);
      return node.least === 0 ? loop : body;
    }
  }
};

const run = (states: readonly State[], start: number, subject: string): boolean => {
  let current = reach(states, [start]);
  for (const character of subject) {
    const codePoint = character.codePointAt(0) ?? 0;
    const nexts: number[] = [];
    for (const index of current) {
      const state = states[index];
      if (state?.kind === "one" && state.test(codePoint)) nexts.push(state.next);
    }
    if (nexts.length === 0) return false;
    current = reach(states, nexts);
  }
  return current.has(0);
};

/** Every state that is reached without reading: each is entered once, so empty loops end. */
const reach = (states: readonly State[], from: readonly number[]): Set<number> => {
  const reached = new Set<number>();
  const open = [...from];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    if (reached.has(index)) continue;
    reached.add(index);
    const state = states[index];
    if (state?.kind === "split") open.push(...state.nexts);
  }
  return reached;
};
