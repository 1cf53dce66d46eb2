// Turns the rows of a Graylog pivot into groups and buckets. Pure. A row: its keys from the outermost group in, and a count.
import type { Window } from "@logwatch/events";
import type { Part, PartAnswer } from "../lib/question.ts";
import { addToBucket, bucketPoints, buckets, emptyBuckets } from "./buckets.ts";
import { graylogInterval } from "./graylog-interval.ts";
import { defaultSeries, type Group, merged, ranked } from "./ranked.ts";

/** `total` is how many messages matched: more than the rows hold means that Graylog cut some off. */
export type Rows = { groups: Group[]; total: number };

type Asked<Kind extends Part["kind"]> = Extract<Part, { kind: Kind }>;
type Given<Kind extends Part["kind"]> = Extract<PartAnswer, { kind: Kind }>;

/** Each of the answers holds some of the groups, counted to the last. */
export const termsAnswer = ({ limit }: Asked<"terms">, answers: readonly Rows[]): Given<"terms"> => {
  const groups = together(answers.map((answer) => merged(withAbsent(answer.groups))));
  const { rows, cut } = ranked(groups, limit);
  const total = Math.max(...answers.map((answer) => answer.total));
  return { kind: "terms", rows, truncated: cut || sum(groups) < total };
};

/** Every group once: with the higher count, since logs may have come between two answers. */
const together = ([first = [], ...others]: readonly Group[][]): Group[] => {
  if (others.length === 0) return first;
  const byKeys = new Map<string, Group>();
  for (const group of [first, ...others].flat()) {
    const key = JSON.stringify(group.keys);
    const known = byKeys.get(key);
    if (!known || known.count < group.count) byKeys.set(key, group);
  }
  return [...byKeys.values()];
};

/** Undefined when the server cut its buckets elsewhere than on the epoch's multiples: a sum of them would lie. */
export const histogramAnswer = (
  part: Asked<"histogram">,
  { groups, total }: Rows,
  window: Window,
): Given<"histogram"> | undefined => {
  const { by, everyMs, limit = defaultSeries } = part;
  const unitMs = graylogInterval(everyMs)?.ms ?? everyMs;
  const layout = buckets(window, everyMs);
  const timed = groups.map(({ keys, count }) => ({
    key: by === undefined ? null : orAbsent(keys[0] ?? ""),
    at: Date.parse(keys.at(-1) ?? ""),
    count,
  }));
  if (timed.some(({ at }) => !Number.isFinite(at) || at % unitMs !== 0)) return undefined;
  const seen = merged(timed.map(({ key, count }) => ({ keys: key === null ? [] : [key], count })));
  const { rows, cut } = ranked(seen, limit);
  const totals = new Map<string | null, number[]>(
    by === undefined ? [[null, emptyBuckets(layout)]] : rows.map(({ keys }) => [keys[0] ?? "", emptyBuckets(layout)]),
  );
  for (const { key, at, count } of timed) {
    const own = totals.get(key);
    // The first bucket may start before the window; ours then does too.
    if (own) addToBucket(own, layout, at, count);
  }
  const series = [...totals].map(([key, own]) => ({ key, points: bucketPoints(own, layout) }));
  return { kind: "histogram", series, truncated: cut || sum(groups) < total };
};

/** How Graylog names the group of those that lack the field. */
const emptyValue = "(Empty Value)";

/**
 * An absent field is "". Graylog's own row for it comes last, so of two rows with that name the first is a field that really
 * says "(Empty Value)". A single such row cannot be told apart, nor can those of inner groups: they count as absent.
 */
const withAbsent = (groups: readonly Group[]): Group[] => {
  const named = groups.filter(({ keys }) => keys.length === 1 && keys[0] === emptyValue);
  const literal = named.length > 1 ? named[0] : undefined;
  return groups.map((group) => (group === literal ? group : { ...group, keys: group.keys.map(orAbsent) }));
};

const orAbsent = (key: string): string => (key === emptyValue ? "" : key);

const sum = (groups: readonly Group[]): number => groups.reduce((all, { count }) => all + count, 0);
