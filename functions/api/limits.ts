// Rate limits. Counted in Redis; when it is gone, in this process, which is weaker by the number of processes, and never nothing.
// Accounts and addresses are counted under digests, so Redis holds neither.
import type { Caller } from "./authenticate.ts";
import { createCounter } from "./limits-counter.ts";
import { digestOf, networkOf, tooMany } from "./limits-keys.ts";
import { openLease } from "./limits-lease.ts";
import { openSignInLimits, type SignInLimits } from "./limits-sign-in.ts";
import type { Refusal } from "./refusal.ts";

/** What is limited beside sign-in, and by what its key stands for. */
export const limited = {
  registerFromAddress: { most: 20, inSeconds: 3_600 },
  forgotFromAddress: { most: 20, inSeconds: 3_600 },
  /** By account: one more is not told, it just sends no mail. */
  forgotForAccount: { most: 3, inSeconds: 3_600 },
  /** Tokens of mails that are tried out. */
  mailTokenFromAddress: { most: 60, inSeconds: 3_600 },
  passwordOfUser: { most: 10, inSeconds: 900 },
  inviteByAdmin: { most: 100, inSeconds: 3_600 },
  /** Whoever asks: a stranger's mailbox is not flooded with questions. */
  confirmToAddress: { most: 5, inSeconds: 86_400 },
  confirmByUser: { most: 100, inSeconds: 3_600 },
  testOfDestination: { most: 10, inSeconds: 3_600 },
  resendByUser: { most: 100, inSeconds: 3_600 },
  watchByUser: { most: 120, inSeconds: 600 },
  memberByUser: { most: 100, inSeconds: 3_600 },
} as const;
export type Limited = keyof typeof limited;

export type Limits = {
  /** Requests of all kinds: by user, or by address for those who are nobody. */
  checkCaller: (caller: Caller | undefined, address: string) => Promise<Refusal | undefined>;
  /** Counts one; a refusal when there were too many. Of a key that is an address, its whole network is counted. */
  take: (what: Limited, key: string) => Promise<Refusal | undefined>;
  signIn: SignInLimits;
};

export type LimitSettings = { userPerMinute: number; addressPerMinute: number };
const defaults: LimitSettings = { userPerMinute: 1_200, addressPerMinute: 300 };
/** Requests a process takes from Redis at once, a second's worth and so many at least: then most requests wait for no Redis. */
const leaseSize = (perMinute: number): number => Math.min(perMinute, Math.max(20, Math.floor(perMinute / 60)));

/** `redis`: the ioredis client. */
export const openLimits = (redis: object, now: () => number, settings: LimitSettings = defaults): Limits => {
  const counters = Object.fromEntries(
    Object.entries(limited).map(([what, rule]) => [what, createCounter(redis, what, rule)]),
  );
  const perMinute = (name: string, most: number) =>
    openLease(createCounter(redis, name, { most, inSeconds: 60 }), leaseSize(most), now);
  const users = perMinute("requestsOfUser", settings.userPerMinute);
  const addresses = perMinute("requestsFromAddress", settings.addressPerMinute);
  return {
    checkCaller: async (caller, address) =>
      tooMany(caller ? await users(caller.user.id) : await addresses(digestOf(networkOf(address)))),
    take: async (what, key) => {
      const waitMs = await counters[what]?.take(digestOf(networkOf(key)));
      return tooMany(waitMs ?? 0);
    },
    signIn: openSignInLimits(redis),
  };
};
