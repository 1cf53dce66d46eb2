// Analyze step: keeps a result within what one record of the bus may hold. Whoever writes logs chooses how many values there are and
// how long they are; a result that could not be published would silence the very alert about him. Pure.
import type { Measurement } from "@logwatch/events";
import type { AnalysisOutcome } from "../analyses/analysis.ts";

/** Kafka takes 1 MiB a record; the envelope and what JSON escapes need room. */
const maxBytes = 800_000;
/** With label values as long as analyses make them, so few measurements and their views always fit. */
const alwaysFits = 200;

/** The outcome, or as many label sets of each measurement as fit, the largest values first; those that were cut are named. */
export const fitEvent = (outcome: AnalysisOutcome): AnalysisOutcome => {
  if (outcome.measurements.length <= alwaysFits) return outcome;
  let fitted = outcome;
  for (let most = largestGroup(outcome); bytesOf(fitted) > maxBytes && most > 1; ) {
    most = Math.floor(most / 2);
    fitted = keepLargest(outcome, most);
  }
  return fitted;
};

const bytesOf = (outcome: AnalysisOutcome): number => Buffer.byteLength(JSON.stringify(outcome));

const byName = (measurements: readonly Measurement[]): Map<string, Measurement[]> => {
  const groups = new Map<string, Measurement[]>();
  for (const one of measurements) {
    const group = groups.get(one.name);
    if (group) group.push(one);
    else groups.set(one.name, [one]);
  }
  return groups;
};

const largestGroup = ({ measurements }: AnalysisOutcome): number =>
  Math.max(...[...byName(measurements).values()].map((group) => group.length));

const keepLargest = (outcome: AnalysisOutcome, most: number): AnalysisOutcome => {
  const truncated = new Set(outcome.truncated);
  const measurements = [...byName(outcome.measurements)].flatMap(([name, group]) => {
    if (group.length <= most) return group;
    truncated.add(name);
    return [...group].sort((left, right) => right.value - left.value).slice(0, most);
  });
  return { ...outcome, measurements, truncated: [...truncated] };
};
