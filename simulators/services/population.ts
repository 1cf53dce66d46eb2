// Who and where: users, addresses and names that the simulated services speak of. All are reserved or well known.
import type { Random } from "./random.ts";

export const userCount = 300;
export const userName = (rank: number): string => `user${String(rank + 1).padStart(3, "0")}`;

/** Public resolvers, anycast: they give a map some places. */
const wellKnown = ["1.1.1.1", "8.8.8.8", "9.9.9.9", "208.67.222.222", "77.88.8.8", "114.114.114.114"] as const;
const documentation = ["192.0.2", "198.51.100", "203.0.113"] as const;

export const privateAddress = (numbers: Random): string => `10.20.${numbers.whole(8)}.${1 + numbers.whole(250)}`;

export const publicAddress = (numbers: Random): string => {
  const kind = numbers.next();
  if (kind < 0.25) return numbers.pick(wellKnown);
  if (kind < 0.3) return `2001:db8::${(1 + numbers.whole(4000)).toString(16)}`;
  return `${numbers.pick(documentation)}.${1 + numbers.whole(250)}`;
};
