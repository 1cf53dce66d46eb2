// Figures of several rounds, and how they are written: the median, and between what it lay.

export type Figure = { min: number; median: number; max: number };

/** @throws when there is no round to speak of. */
export const figureOf = (rounds: readonly number[]): Figure => {
  const sorted = [...rounds].sort((left, right) => left - right);
  const [min, median, max] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  if (min === undefined || median === undefined || max === undefined) throw new Error("There was no round.");
  return { min, median, max };
};

export const writeFigure = ({ min, median, max }: Figure): string => `${whole(median)} (${whole(min)}–${whole(max)})`;

/** Of sorted values: the least that at least `percent` of a hundred do not exceed. */
export const percentile = (sorted: readonly number[], percent: number): number =>
  sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? 0;

const whole = (value: number): string => Math.round(value).toLocaleString("en");
