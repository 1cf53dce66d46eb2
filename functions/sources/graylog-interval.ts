// The longest bucket that Graylog can cut on the epoch's multiples and of which ours is a whole number: 7m → 1m, 90s → 30s.
// Units that divide the next larger one start on it, whichever way a server rounds.

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

const steps = (unitMs: number, sign: string, counts: readonly number[]) =>
  counts.map((count) => ({ unit: `${count}${sign}`, ms: count * unitMs }));

const sixty = [30, 20, 15, 12, 10, 6, 5, 4, 3, 2, 1];
const intervals = [
  ...steps(24 * hourMs, "d", [1]),
  ...steps(hourMs, "h", [12, 8, 6, 4, 3, 2, 1]),
  ...steps(minuteMs, "m", sixty),
  ...steps(secondMs, "s", sixty),
];

/** Undefined below a second and for parts of one. */
export const graylogInterval = (everyMs: number): { unit: string; ms: number } | undefined =>
  intervals.find(({ ms }) => everyMs % ms === 0);
