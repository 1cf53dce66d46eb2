// One thing that is counted by key: in Redis, atomically by a script, and in this process when Redis fails.
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";

/** At most 24 days: the count in this process is dropped by a timer, which holds no more. */
export type Rule = { most: number; inSeconds: number };

export type Counter = {
  /** Counts `points`; ms to wait when that is too many, 0 when it is not. */
  take: (key: string, points?: number) => Promise<number>;
  /** Takes one back. */
  giveBack: (key: string) => Promise<void>;
  /** ms to wait, without counting; 0 when the next would be taken. */
  look: (key: string) => Promise<number>;
  /** Starts anew. */
  clear: (key: string) => Promise<void>;
};

/** Some milliseconds must pass even when a window is just ending: 0 means that nothing has to. */
const atLeastMs = 1;

/** `name` keeps its keys apart from those of other counters in the same Redis. */
export const createCounter = (redis: object, name: string, { most, inSeconds }: Rule): Counter => {
  const shared = { points: most, duration: inSeconds, keyPrefix: `limit:${name}` };
  const limiter = new RateLimiterRedis({
    ...shared,
    storeClient: redis,
    // Who is far over the limit is remembered here until the window ends: a flood does not reach Redis.
    inMemoryBlockOnConsumed: most + 1,
    insuranceLimiter: new RateLimiterMemory(shared),
  });
  return {
    take: (key, points = 1) => limiter.consume(key, points).then(() => 0, waitOf),
    giveBack: async (key) => {
      await limiter.reward(key, 1);
    },
    look: async (key) => {
      const state = await limiter.get(key);
      return state && state.consumedPoints >= most ? Math.max(atLeastMs, state.msBeforeNext) : 0;
    },
    clear: async (key) => {
      await limiter.delete(key);
    },
  };
};

/** The library rejects with its own state when a limit is reached; anything else is an error. */
const waitOf = (state: unknown): number => {
  if (state instanceof RateLimiterRes) return Math.max(atLeastMs, state.msBeforeNext);
  throw state;
};
