// The books of what was not told, in memory.
import { dayMark, type FindingRecord, type FindingStore, sumOfDays } from "./findings.ts";
import type { SuppressReason } from "./notifications.ts";

export const memoryFindings = (): FindingStore => {
  const records = new Map<string, FindingRecord>();
  const keyOf = ({ evaluationId, reason }: FindingRecord): string => `${evaluationId} ${reason}`;
  return {
    record: async (findings) => {
      for (const one of findings) records.set(keyOf(one), { ...one });
    },
    totals: async () => {
      const totals = new Map<SuppressReason, number>();
      for (const one of records.values()) totals.set(one.reason, (totals.get(one.reason) ?? 0) + one.count);
      return totals;
    },
    sumDays: async (until, limit) => {
      const old = [...records.values()]
        .filter((one) => one.at <= until && !one.evaluationId.startsWith(dayMark))
        .sort((left, right) => left.at - right.at)
        .slice(0, limit);
      for (const one of old) records.delete(keyOf(one));
      for (const sum of sumOfDays(old)) {
        records.set(keyOf(sum), { ...sum, count: sum.count + (records.get(keyOf(sum))?.count ?? 0) });
      }
      return old.length;
    },
  };
};
