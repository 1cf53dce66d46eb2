// What a user can see of a stack, in words: the ledger, the messages, the books. Seconds count from a start.
import { balanceBooks } from "../../../functions/notify/balance-books.ts";
import type { Storage } from "../../../functions/storage/storage.ts";
import { second, start } from "../test-scenario.ts";

/** Where a job has answers and where not, in seconds, oldest first: `from–to answered | failed | missing`. Neighbours are one. */
export const ledgerOf = async (storage: Storage, jobId: string): Promise<string[]> => {
  const spans: { from: number; to: number; says: string }[] = [];
  for (const { from, to, state } of await storage.coverage.read(jobId, 0, Number.MAX_SAFE_INTEGER)) {
    const says = state === "complete" || state === "revised" ? "answered" : state;
    const last = spans.at(-1);
    if (last?.to === from && last.says === says) last.to = to;
    else spans.push({ from, to, says });
  }
  return spans.map(({ from, to, says }) => `${(from - start) / second}–${(to - start) / second} ${says}`);
};

/** The value of one measurement without labels in each window, by the window's end in seconds. */
export const valuesOf = async (storage: Storage, jobId: string, name: string): Promise<Map<number, number>> => {
  const stored = await storage.measurements.read({ jobId, from: 0, until: Number.MAX_SAFE_INTEGER });
  return new Map(stored.filter((one) => one.name === name).map(({ to, value }) => [(to - start) / second, value]));
};

/** The books, and whether they add up by the stores' own figures. */
export const booksOf = async (storage: Storage) => {
  const notifications = await storage.notifications.list(1_000_000);
  return { ...balanceBooks(await storage.findings.totals(), notifications), notifications };
};
