// The books of what was not told: how many findings of each evaluation ended for which reason, before a message was made.
import type { SuppressReason } from "./notifications.ts";

/** `at`: the end of the judged window, epoch ms. */
export type FindingRecord = { evaluationId: string; ruleId: string; at: number; reason: SuppressReason; count: number };

export type FindingStore = {
  /** Upserts by (evaluation, reason): repeating changes nothing. */
  record: (findings: readonly FindingRecord[]) => Promise<void>;
  /** Totals per reason. */
  totals: () => Promise<Map<string, number>>;
  /** Sums about `limit` of the oldest rows up to `until` (a day's edge) into one a rule, reason and day; totals stay. How many went. */
  sumDays: (until: number, limit: number) => Promise<number>;
};

const dayMs = 86_400_000;

/** The evaluation id of a day's sum. */
const dayIdOf = ({ ruleId, at }: Pick<FindingRecord, "ruleId" | "at">): string =>
  `${dayMark}${new Date(at - 1).toISOString().slice(0, 10)}:${ruleId}`;

/** No rule's id begins so: ids come from names, and a name's mark is never a colon. */
export const dayMark = "day:";

/** One row a rule, reason and day (a window that ends at midnight belongs to the day before). Pure. */
export const sumOfDays = (rows: readonly FindingRecord[]): FindingRecord[] => {
  const sums = new Map<string, FindingRecord>();
  for (const row of rows) {
    const evaluationId = dayIdOf(row);
    const key = `${evaluationId} ${row.reason}`;
    const known = sums.get(key);
    if (known) known.count += row.count;
    else sums.set(key, { ...row, evaluationId, at: Math.ceil(row.at / dayMs) * dayMs });
  }
  return [...sums.values()];
};
