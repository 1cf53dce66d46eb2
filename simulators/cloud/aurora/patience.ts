// Waiting without holding up the event loop: the driver is synchronous, so a lock is asked for again, and long work lets others in.
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { isBusy } from "./sql-errors.ts";
import { refuseLongWait } from "./turn.ts";

const pauseMs = 10;
const maxBlockMs = 10;

/** Does the work as soon as no other process locks the file. @throws DatabaseErrorException when that takes longer than `waitMs`. */
export const patiently = async <Result>(waitMs: number, work: () => Result): Promise<Result> => {
  const giveUpAt = performance.now() + waitMs;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (performance.now() >= giveUpAt) throw refuseLongWait(error);
    }
    await sleep(pauseMs);
  }
};

/** Does the work for each item in order. */
export const inSmallSteps = async <Item>(items: readonly Item[], work: (item: Item) => void): Promise<void> => {
  let since = performance.now();
  for (const item of items) {
    work(item);
    if (performance.now() - since < maxBlockMs) continue;
    await setImmediate();
    since = performance.now();
  }
};
