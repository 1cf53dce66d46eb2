// Rule kind: something that used to be heard, or should be, has been quiet for too long. Time in which nothing is known (a gap)
// is not quiet: while one lies in the quiet span, it neither breaches nor clears.
import { type Labels, labels } from "@logwatch/events";
import * as z from "zod";
import { duration, formatDuration } from "../lib/duration.ts";
import { labelsKey } from "../lib/labels.ts";
import { defineRuleKind, type Point, type Series, type Verdict } from "./rule-kind.ts";
import { measurementName, whereLabels } from "./watched-params.ts";

const secondMs = 1000;
const dayMs = 86_400_000;
/**
 * How many earlier windows are searched for gaps. The interval is not known here, and every point is stored for every label
 * set, so the number is bounded: a gap more than 64 windows ago is forgotten, even when `quietFor` reaches farther back.
 */
const gapPoints = 64;
/** A label set is forgotten after this many times `quietFor`: a gap must not outlast the memory of what went quiet. */
const rememberedSpans = 3;
const maxExpected = 1000;

const params = z
  .strictObject({
    measurement: measurementName,
    where: whereLabels,
    quietFor: duration(secondMs, 7 * dayMs)
      .prefault("5m")
      .meta({ title: "Quiet for", description: "Breaches when nothing was heard for this long, e.g. `5m`." }),
    expected: z.array(labels).max(maxExpected).default([]).meta({
      title: "Expected",
      description: 'Label sets that must be heard even if they never were, e.g. `[{"user": "backup"}]`.',
    }),
  })
  .superRefine(({ where, expected }, ctx) => {
    expected.forEach((one, index) => {
      for (const [label, value] of Object.entries(where)) {
        if (!Object.hasOwn(one, label) || one[label] === value) continue;
        const message = "contradicts `where`: it would never be heard";
        ctx.addIssue({ code: "custom", path: ["expected", index, label], message });
      }
    });
  });
type Params = z.output<typeof params>;

export const absence = defineRuleKind({
  id: "absence",
  title: "Absence",
  description: "Breaches when a measurement, or one of its label sets, has been zero for too long.",
  params,
  watches: ({ measurement, where }) => ({ name: measurement, where }),
  memory: ({ quietFor }) => ({ points: gapPoints, quietMs: rememberedSpans * quietFor }),
  // Late logs may say that it was not quiet after all.
  monotone: () => false,
  judge: (limits, series, now) => [
    ...series.map((one) => judgeOne(limits, one, now)),
    ...neverHeard(limits, series).map(awaited),
  ],
});

const judgeOne = ({ quietFor }: Params, series: Series, now: number): Verdict => {
  const { labels, points, lastSeenAt } = series;
  const newest = points.at(-1);
  const value = newest?.value ?? null;
  // A window without it says that nothing was heard since it began, however long it is.
  const lastHeard = lastSeenAt !== null && newest?.value === 0 ? Math.min(lastSeenAt, newest.window.from) : lastSeenAt;
  const since = lastHeard ?? series.firstSeenAt;
  const quietMs = Math.max(0, now - since);
  // What came before it was last heard says nothing about the quiet since, and the newest window speaks for all it spans.
  const spanFrom = Math.max(since, now - quietFor);
  const spanTo = newest?.window.from ?? now;
  const isGap = ({ value, window }: Point) => value === null && window.to > spanFrom && window.to <= spanTo;
  if (newest?.value === null || points.some(isGap)) {
    const reason = "not known: a window in the quiet span has no data";
    return { labels, breached: false, cleared: false, value, reason };
  }
  const breached = quietMs >= quietFor;
  const reason = reasonOf(quietMs, quietFor, breached, lastSeenAt);
  return { labels, breached, cleared: !breached, value, reason, excess: breached ? quietMs - quietFor : 0 };
};

const reasonOf = (quietMs: number, quietFor: number, breached: boolean, lastSeenAt: number | null): string => {
  if (quietMs === 0 && lastSeenAt !== null) return "heard";
  const heard = lastSeenAt === null ? "never heard, waited" : "quiet";
  return `${heard} for ${formatDuration(quietMs)} ${breached ? "≥" : "<"} ${formatDuration(quietFor)}`;
};

/** Expected label sets of which nothing is known yet. */
const neverHeard = ({ where, expected }: Params, series: readonly Series[]): Labels[] => {
  const known = new Set(series.map((one) => labelsKey(one.labels)));
  const missing = new Map<string, Labels>();
  for (const one of expected) {
    const whole = { ...where, ...one };
    const key = labelsKey(whole);
    if (!known.has(key)) missing.set(key, whole);
  }
  return [...missing.values()];
};

/** The first verdict starts the wait: from then on evaluate remembers the label set, and it has a series. */
const awaited = (labels: Labels): Verdict => ({
  labels,
  breached: false,
  cleared: false,
  value: null,
  reason: "expected, not heard yet",
});
