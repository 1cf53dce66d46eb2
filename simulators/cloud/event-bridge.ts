// Stand-in for an EventBridge schedule: invokes its target once at the start and then at every full interval, with the same event.
// As there, an invocation does not wait for the one before it, may be lost, and nobody makes up for it: the target catches up itself.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { ScheduledEvent } from "aws-lambda";
import { type Faults, slowMs } from "./faults.ts";

export type EventBridge = { stop: () => Promise<void> };

export type EventBridgeOptions = {
  /** Name of the rule; the event's resource ends with it. */
  name: string;
  everyMs: number;
  target: (event: ScheduledEvent) => Promise<void>;
  /** Hears what the target threw, and of ticks that a fault swallowed. */
  onError: (error: unknown) => void;
  faults: Faults;
};

/** Ends with `stop`, which waits for the invocations under way. */
export const startEventBridge = ({ name, everyMs, target, onError, faults }: EventBridgeOptions): EventBridge => {
  const running = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const deliver = async (event: ScheduledEvent): Promise<void> => {
    const fault = faults.take("eventbridge");
    if (fault && fault.kind !== "slow") throw new Error(`The tick of ${event.time} was lost: asked to fail.`);
    if (fault) await sleep(slowMs(fault));
    if (!stopped) await target(event);
  };
  const invoke = (at: number): void => {
    const run = deliver(scheduledEvent(name, at))
      .catch(onError)
      .finally(() => running.delete(run));
    running.add(run);
  };
  const next = (): void => {
    const now = Date.now();
    const at = (Math.floor(now / everyMs) + 1) * everyMs;
    timer = setTimeout(() => {
      // A timer may fire a little early; then the interval has not begun, and this tick still stands for it.
      invoke(at);
      next();
    }, at - now);
  };

  invoke(Date.now());
  next();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await Promise.all(running);
    },
  };
};

/** As EventBridge writes it: `time` has whole seconds. */
const scheduledEvent = (name: string, at: number): ScheduledEvent => ({
  version: "0",
  id: randomUUID(),
  "detail-type": "Scheduled Event",
  source: "aws.events",
  account: "123456789012",
  time: `${new Date(at).toISOString().slice(0, 19)}Z`,
  region: "us-east-1",
  resources: [`arn:aws:events:us-east-1:123456789012:rule/${name}`],
  detail: {},
});
