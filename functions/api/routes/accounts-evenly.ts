// Work whose duration would tell what it found: whoever waits for it waits as long either way.
import { setTimeout as sleep } from "node:timers/promises";

/** At least `evenMs`. An error comes as late as success would. */
export const evenly = async <Value>(evenMs: number, work: () => Promise<Value>): Promise<Value> => {
  const [done] = await Promise.allSettled([work(), sleep(evenMs)]);
  if (done.status === "rejected") throw done.reason;
  return done.value;
};
