// Schedule step, the edge: EventBridge's minute. Publishes each slot at its second, and between them what is owed.
import type { ScheduledEvent } from "aws-lambda";
import { ulid } from "ulid";
import type { Emit } from "../lib/emit.ts";
import type { Log } from "../lib/log.ts";
import type { Storage } from "../storage/storage.ts";
import { requestOwed, retryFailedSlots } from "./sweep.ts";
import { tellUnsilenced } from "./tell-unsilenced.ts";
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
    const failures: unknown[] = [];
    // Neither ends the other, nor the next sweep: a hiccup of the one is told when all are through.
    const attempt = (work: Promise<unknown>) => work.catch((error: unknown) => failures.push(error));
    const sweep = async () => {
      for (let at = now(); at < end && (await waitUntil(at)); at += sweepEveryMs) {
        await attempt(retryFailedSlots(ports));
        await attempt(requestOwed(ports));
        await attempt(tellUnsilenced(ports));
      }
    };
    const limits = { ...tickLimits, leaseMs: leaseMs ?? tickLimits.leaseMs };
    await Promise.all([attempt(runTick(tickAt, ports, limits)), attempt(sweep())]);
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, `${failures.length} parts of this tick failed.`);
  };
};
