// Schedule step, the edge: EventBridge's minute. Publishes each slot at its second, and between them what is owed.
import type { ScheduledEvent } from "aws-lambda";
import { ulid } from "ulid";
import type { Emit } from "../lib/emit.ts";
import type { Log } from "../lib/log.ts";
import type { Storage } from "../storage/storage.ts";
import { requestOwed, retryFailedSlots } from "./sweep.ts";
import { runTick, tickLimits } from "./tick.ts";

type Outside = {
  storage: Storage;
  emit: Emit;
  now: () => number;
  log: Log;
  waitUntil: (at: number) => Promise<boolean>;
  /** Overrides for a host that knows better: a laptop has one scheduler, so its dead claims need no lease. */
  leaseMs?: number;
};

/** How often, within its minute, a tick looks for what is owed. */
const sweepEveryMs = 5_000;

export const scheduleHandler = ({ storage, emit, now, log, waitUntil, leaseMs }: Outside) => {
  const ports = { ...storage, emit, now, log, waitUntil, newId: ulid };
  return async (event: Pick<ScheduledEvent, "time">): Promise<void> => {
    const tickAt = Math.min(now(), Date.parse(event.time) || now());
    const end = tickAt + tickLimits.aheadMs;
    const sweep = async () => {
      for (let at = now(); at < end && (await waitUntil(at)); at += sweepEveryMs) {
        await retryFailedSlots(ports);
        await requestOwed(ports);
      }
    };
    const limits = { ...tickLimits, leaseMs: leaseMs ?? tickLimits.leaseMs };
    // Neither ends the other: a hiccup of the one is told when both are through.
    for (const ended of await Promise.allSettled([runTick(tickAt, ports, limits), sweep()]))
      if (ended.status === "rejected") throw ended.reason;
  };
};
