// Faults by name: makes any stand-in refuse, time out, throttle, err, answer in part or slowly, for n calls or t seconds.
// Every stand-in calls `take` with its own name at the start of each call and plays what it gets.
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";

export const faultTarget = z.enum(["graylog", "gelf", "kafka", "redis", "aurora", "ses", "slack", "eventbridge"]);
export type FaultTarget = z.infer<typeof faultTarget>;

export const fault = z
  .strictObject({
    target: faultTarget.meta({ description: "The stand-in that fails." }),
    kind: z.enum(["refuse", "timeout", "throttle", "error", "partial", "slow"]),
    calls: z
      .number()
      .int()
      .min(1)
      .max(1_000_000)
      .optional()
      .meta({ description: "How many calls; all of them when absent." }),
    seconds: z.number().positive().max(86_400).optional().meta({ description: "For how long; for ever when absent." }),
    status: z
      .number()
      .int()
      .min(400)
      .max(599)
      .optional()
      .meta({ description: "HTTP status of `error`; 503 when absent." }),
    retryAfterSeconds: z.number().min(0).max(3600).optional().meta({ description: "Retry-After of `throttle`." }),
    delayMs: z
      .number()
      .int()
      .min(1)
      .max(600_000)
      .optional()
      .meta({ description: "How slow `slow` is; 2000 when absent." }),
  })
  .meta({ title: "Fault" });
export type Fault = z.infer<typeof fault>;

export type Faults = {
  add: (fault: Fault) => void;
  /** The fault this call must play, if any; counts the call. */
  take: (target: FaultTarget) => Fault | undefined;
  list: () => Fault[];
  clear: () => void;
};

export const createFaults = (now: () => number = Date.now): Faults => {
  let active: (Fault & { until: number; left: number })[] = [];
  const drop = () => {
    active = active.filter((one) => one.left > 0 && one.until > now());
  };
  return {
    add: (one) => {
      active.push({
        ...one,
        until: now() + (one.seconds ?? Number.POSITIVE_INFINITY) * 1000,
        left: one.calls ?? Number.POSITIVE_INFINITY,
      });
    },
    take: (target) => {
      drop();
      const hit = active.find((one) => one.target === target);
      if (hit) hit.left -= 1;
      return hit;
    },
    list: () => {
      drop();
      return active.map(({ until: _until, left: _left, ...one }) => one);
    },
    clear: () => {
      active = [];
    },
  };
};

/** How long a `slow` call is held back. */
export const slowMs = ({ delayMs }: Fault): number => delayMs ?? 2000;

/**
 * Plays a fault on an HTTP call. True when the call is over; false when the stand-in should go on and answer (after `slow`,
 * and for `partial`, whose cut only the stand-in can make). `throttled` writes the protocol's own 429.
 */
export const playHttpFault = async (
  one: Fault | undefined,
  req: IncomingMessage,
  res: ServerResponse,
  throttled?: (res: ServerResponse, retryAfterSeconds: number | undefined) => void,
): Promise<boolean> => {
  switch (one?.kind) {
    case undefined:
    case "partial":
      return false;
    case "slow":
      await sleep(slowMs(one));
      return false;
    case "refuse":
      req.socket.destroy();
      return true;
    case "timeout":
      // Never answered; the client's own time-out has to end it.
      return true;
    case "throttle": {
      if (throttled) throttled(res, one.retryAfterSeconds);
      else {
        if (one.retryAfterSeconds !== undefined) res.setHeader("retry-after", String(one.retryAfterSeconds));
        res.writeHead(429).end();
      }
      return true;
    }
    case "error":
      res.writeHead(one.status ?? 503).end();
      return true;
  }
};
