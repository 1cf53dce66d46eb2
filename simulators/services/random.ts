// Numbers that look random and are a function of their key: the same key gives the same row, whatever was asked before.
import { createHash } from "node:crypto";

export type Random = {
  next: () => number;
  /** From 0 to `below`, whole. */
  whole: (below: number) => number;
  pick: <T>(list: readonly [T, ...T[]]) => T;
  /** Rank 0 is the most frequent, as in Zipf's law. */
  zipf: (count: number) => number;
  chance: (share: number) => boolean;
};

export const random = (...key: (string | number)[]): Random => {
  let state = createHash("sha256").update(JSON.stringify(key)).digest().readUInt32LE(0);
  // mulberry32
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const whole = (below: number) => Math.floor(next() * below);
  return {
    next,
    whole,
    pick: (list) => list[whole(list.length)] ?? list[0],
    zipf: (count) => Math.min(count - 1, Math.floor((count + 1) ** next()) - 1),
    chance: (share) => next() < share,
  };
};
