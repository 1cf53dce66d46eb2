// Cuts a span into seconds and writes each from its own key, so that [a,b) and [b,c) together are [a,c).
import type { LogEntry } from "@logwatch/events";
import { type Random, random } from "./random.ts";

/** `scale` multiplies the traffic; 1 is a small office. */
export type ServiceOptions = { seed: string | number; from: number; to: number; scale?: number };
export type Service = (options: ServiceOptions) => LogEntry[];

const secondMs = 1000;
const dayMs = 86_400_000;

/** `perSecond` is the rate at noon of a working day. */
export const service =
  (name: string, perSecond: number, write: (at: number, random: Random) => Omit<LogEntry, "at" | "service">): Service =>
  ({ seed, from, to, scale = 1 }) => {
    const entries: LogEntry[] = [];
    for (let second = Math.floor(from / secondMs) * secondMs; second < to; second += secondMs) {
      const numbers = random(seed, name, second);
      const count = arrivals(perSecond * scale * activity(second), numbers);
      const times = Array.from({ length: count }, () => second + numbers.whole(secondMs)).sort((a, b) => a - b);
      for (const at of times) {
        const fields = write(at, numbers);
        if (at >= from && at < to) entries.push({ at, service: name, ...fields });
      }
    }
    return entries;
  };

/** Share of the noon rate: lowest at night, and less on a weekend. UTC. */
export const activity = (at: number): number => {
  const hour = (at % dayMs) / 3_600_000;
  const day = new Date(at).getUTCDay();
  const curve = 0.35 + 0.65 * (0.5 + 0.5 * Math.cos(((hour - 13) / 12) * Math.PI));
  return curve * (day === 0 || day === 6 ? 0.5 : 1);
};

/** Poisson, by Knuth; a large mean is cut into small ones, whose product does not vanish. */
const arrivals = (mean: number, numbers: Random): number => {
  let count = 0;
  for (let left = mean; left > 0; left -= 20) {
    const limit = Math.exp(-Math.min(left, 20));
    for (let product = numbers.next(); product > limit; product *= numbers.next()) count += 1;
  }
  return count;
};
