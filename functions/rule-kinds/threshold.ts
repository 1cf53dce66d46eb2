// Rule kind: the newest value against a limit, with a recovery limit so that a value near the limit does not fire and resolve in turns.
import * as z from "zod";
import { defineRuleKind, type Point, type Series, type Verdict } from "./rule-kind.ts";
import { measurementName, whereLabels } from "./watched-params.ts";

const ops = {
  gt: { sign: ">", opposite: "≤", holds: (value: number, limit: number) => value > limit },
  ge: { sign: "≥", opposite: "<", holds: (value: number, limit: number) => value >= limit },
  lt: { sign: "<", opposite: "≥", holds: (value: number, limit: number) => value < limit },
  le: { sign: "≤", opposite: ">", holds: (value: number, limit: number) => value <= limit },
} as const;

const params = z
  .strictObject({
    measurement: measurementName,
    where: whereLabels,
    op: z.enum(["gt", "ge", "lt", "le"]).default("gt").meta({
      title: "Comparison",
      description:
        "When it breaches: the value is above (gt), at or above (ge), below (lt), at or below (le) the limit.",
    }),
    limit: z.number().meta({ title: "Limit", description: "In the measurement's unit, per window." }),
    recovery: z.number().optional().meta({
      title: "Recovery limit",
      description: "It is over only once the value is past this one too; the limit itself when absent.",
    }),
  })
  .superRefine(({ op, limit, recovery }, ctx) => {
    if (recovery === undefined) return;
    const isAbove = op === "gt" || op === "ge";
    if (isAbove ? recovery <= limit : recovery >= limit) return;
    const side = isAbove ? "above" : "below";
    const message = `must not be ${side} the limit ${limit}: a value between the two would breach and be over at once`;
    ctx.addIssue({ code: "custom", path: ["recovery"], message });
  });
type Params = z.output<typeof params>;

export const threshold = defineRuleKind({
  id: "threshold",
  title: "Threshold",
  description: "Breaches while the newest value of a measurement is past a limit.",
  params,
  watches: ({ measurement, where }) => ({ name: measurement, where }),
  memory: () => ({ points: 0, quietMs: 0 }),
  // Late logs only add to a count: above a limit it stays above, below one it may not stay below.
  monotone: ({ op }) => op === "gt" || op === "ge",
  judge: (limits, series) => series.flatMap((one) => judgeOne(limits, one)),
});

/** A gap has no verdict: what it means is the rule's own policy. */
const judgeOne = (limits: Params, { labels, points }: Series): Verdict[] => {
  const newest: Point | undefined = points.at(-1);
  if (!newest || newest.value === null) return [];
  const { value } = newest;
  const { sign, opposite, holds } = ops[limits.op];
  const { limit, recovery = limit } = limits;
  if (holds(value, limit)) {
    const reason = `${value} ${sign} ${limit}`;
    return [{ labels, breached: true, cleared: false, value, reason, excess: Math.abs(value - limit) }];
  }
  const cleared = !holds(value, recovery);
  const reason = `${value} ${opposite} ${limit}`;
  return [
    {
      labels,
      breached: false,
      cleared,
      value,
      reason: cleared ? reason : `${reason}, not yet ${opposite} ${recovery}`,
    },
  ];
};
