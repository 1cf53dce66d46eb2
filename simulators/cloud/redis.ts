// Stand-in for Redis: ioredis-mock, in process, behind the client's own type, with faults played as that client would meet them.
// Only commands that both do alike are used (no blocking, no streams with groups); the one script is the rate limiter's `rlflxIncr`.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import RedisMock from "ioredis-mock";
import { type Fault, type Faults, slowMs } from "./faults.ts";

/** The client's own `commandTimeout` in production. */
const commandTimeoutMs = 1_000;

/** A fresh, empty Redis: what it holds is gone with the process, and may be. */
export const openRedis = (faults: Faults): Redis =>
  // The mock keeps one set of data a host name.
  withFaults(new RedisMock({ host: `stand-in-${randomUUID()}` }), faults);

type Call = (...args: unknown[]) => unknown;

/** Every command, and every `exec` of a transaction or pipeline, first takes the fault it has to play. */
const withFaults = (redis: Redis, faults: Faults): Redis =>
  new Proxy(redis, {
    get: (target, name, receiver) => {
      const value: unknown = Reflect.get(target, name, receiver);
      if (typeof name !== "string" || !isCall(value)) return value;
      if (name === "multi" || name === "pipeline") {
        return (...args: unknown[]) => withFaultyExec(value.apply(target, args), faults);
      }
      return commands.has(name)
        ? (...args: unknown[]) => play(faults.take("redis"), () => value.apply(target, args))
        : value.bind(target);
    },
  });

const withFaultyExec = (chain: unknown, faults: Faults): unknown => {
  if (chain === null || typeof chain !== "object") return chain;
  const proxy: object = new Proxy(chain, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (!isCall(value)) return value;
      if (name === "exec") return (...args: unknown[]) => play(faults.take("redis"), () => value.apply(target, args));
      return (...args: unknown[]) => {
        const result = value.apply(target, args);
        // The chain returns itself: so does what stands before it, or `exec` would be reached past the fault.
        return result === target ? proxy : result;
      };
    },
  });
  return proxy;
};

const isCall = (value: unknown): value is Call => typeof value === "function";

/** What the application uses; everything else (`disconnect`, `on`, …) never leaves the client. */
const commands = new Set(
  "get set del hget hset hmget hgetall hdel incr incrby expire pexpire ttl pttl exists ping zadd zrem zrange rlflxIncr".split(
    " ",
  ),
);

const play = async (fault: Fault | undefined, command: () => unknown): Promise<unknown> => {
  switch (fault?.kind) {
    case undefined:
      return command();
    case "slow":
      if (slowMs(fault) >= commandTimeoutMs) return timeOut();
      await sleep(slowMs(fault));
      return command();
    case "timeout":
      return timeOut();
    case "refuse":
      throw new Error("Connection is closed.");
    case "throttle":
      throw new Error("ERR max number of clients reached");
    case "error":
      throw new Error("OOM command not allowed when used memory > 'maxmemory'.");
    case "partial":
      // Carried out, but the answer is lost: the client cannot know which.
      await command();
      throw new Error("Connection is closed.");
  }
};

const timeOut = async (): Promise<never> => {
  await sleep(commandTimeoutMs);
  throw new Error("Command timed out");
};
