// Counting every request in Redis would make each wait for it. So a process takes several at once and spends them itself, for a short
// while; what it does not spend is lost to the caller, which makes the limit a little stricter, never looser.
import type { Counter } from "./limits-counter.ts";

type Lease = { left: number; until: number };

const leaseMs = 5_000;
/** Callers remembered; beyond that it starts anew. Bounds memory, not correctness. */
const maxLeases = 10_000;

/** ms to wait by key; 0 when the request may go on. */
export const openLease = (counter: Counter, size: number, now: () => number): ((key: string) => Promise<number>) => {
  const leases = new Map<string, Lease>();
  /** Callers that are shut out, until when: asking Redis again would tell the same. */
  const shut = new Map<string, number>();
  return async (key) => {
    const at = now();
    const shutUntil = shut.get(key) ?? 0;
    if (shutUntil > at) return shutUntil - at;
    const lease = leases.get(key);
    if (lease && lease.left > 0 && lease.until > at) {
      lease.left -= 1;
      return 0;
    }
    if (leases.size >= maxLeases) leases.clear();
    if (shut.size >= maxLeases) shut.clear();
    const waitMs = await counter.take(key, size);
    if (waitMs > 0) shut.set(key, at + waitMs);
    else leases.set(key, { left: size - 1, until: at + leaseMs });
    return waitMs;
  };
};
