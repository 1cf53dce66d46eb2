// Reads the parts of an answer. A part that is not there, or is of another kind, is a fault of the source and never a zero.

import { cut } from "../lib/message-text.ts";
import type { Answer, PartAnswer } from "../lib/question.ts";
import { cutToBytes } from "./cut-to-bytes.ts";

type Given<Kind extends PartAnswer["kind"]> = Extract<PartAnswer, { kind: Kind }>;
export type Groups = Omit<Given<"terms">, "kind">;
export type Group = Groups["rows"][number];
export type SeriesGroups = Omit<Given<"histogram">, "kind">;
export type TimeSeries = SeriesGroups["series"][number];

export const countIn = (answer: Answer, name: string): number => {
  const part = partOf(answer, name);
  return part.kind === "count" ? part.count : otherKind(name, part);
};

/** Most frequent first. */
export const groupsIn = (answer: Answer, name: string): Groups => {
  const part = partOf(answer, name);
  return part.kind === "terms" ? part : otherKind(name, part);
};

export const seriesIn = (answer: Answer, name: string): SeriesGroups => {
  const part = partOf(answer, name);
  return part.kind === "histogram" ? part : otherKind(name, part);
};

/** A log line may be a megabyte, and an example travels in every event and message about it. */
const longestExample = 1000;
/** A line of Chinese is whole; one of control characters is cut sooner. */
const mostExampleBytes = 3000;

/** Log lines, newest first, each at most 1,000 characters. */
export const examplesIn = (answer: Answer, name: string): string[] => {
  const part = partOf(answer, name);
  return part.kind === "messages"
    ? part.entries.map(({ message }) => cutToBytes(cut(message, longestExample), mostExampleBytes))
    : otherKind(name, part);
};

/**
 * Names of the measurements whose label sets the source cut, by the part each is read from. Only these are not complete: a part
 * that feeds a picture alone says nothing of any measurement.
 */
export const cutIn = (answer: Answer, measured: Readonly<Record<string, string>>): string[] =>
  Object.entries(measured).flatMap(([name, measurement]) => {
    const part = partOf(answer, name);
    return "truncated" in part && part.truncated ? [measurement] : [];
  });

const partOf = ({ parts }: Answer, name: string): PartAnswer => {
  const part = Object.hasOwn(parts, name) ? parts[name] : undefined;
  if (!part) throw new Error(`The answer has no part "${name}"; it has: ${Object.keys(parts).join(", ") || "none"}.`);
  return part;
};

const otherKind = (name: string, { kind }: PartAnswer): never => {
  throw new Error(`The part "${name}" of the answer is of another kind than was asked: ${kind}.`);
};
