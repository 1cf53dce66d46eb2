// How often a password may be tried. Strictly by account and address together; loosely by account alone and by address alone, so that
// neither one address can try many accounts nor many addresses one account. Whoever tries from everywhere shuts strangers out of an
// account, never its user: a device that signed in before has a count of its own, and so has an address that did.

import { createCounter } from "./limits-counter.ts";
import { digestOf, networkOf, tooMany } from "./limits-keys.ts";
import type { Refusal } from "./refusal.ts";
import type { Device } from "./session-cookie.ts";

export type SignInAttempt = {
  /** The address that was typed, in its stored form. */
  email: string;
  /** Where it comes from. */
  address: string;
  /** Undefined unless its sealed cookie is for this very account. */
  device: Device | undefined;
};

export type SignInLimits = {
  /** Counts an attempt before its password is compared; a refusal when there were too many. */
  take: (attempt: SignInAttempt) => Promise<Refusal | undefined>;
  /** The password was right: this attempt counts no more, and the address is one of the account's. */
  succeeded: (attempt: SignInAttempt) => Promise<void>;
};

const quarterHour = 900;
const hour = 3_600;
const twentyDays = 20 * 86_400;

/** The counters of tries, and what they say of the next one. */
export const openSignInLimits = (redis: object): SignInLimits => {
  const both = createCounter(redis, "signInBoth", { most: 5, inSeconds: quarterHour });
  const fromAddress = createCounter(redis, "signInFromAddress", { most: 50, inSeconds: hour });
  const forAccount = createCounter(redis, "signInForAccount", { most: 50, inSeconds: hour });
  const ofDevice = createCounter(redis, "signInOfDevice", { most: 10, inSeconds: quarterHour });
  /** Reached once somebody signed in: a flag with a time to live. */
  const known = createCounter(redis, "signInKnown", { most: 1, inSeconds: twentyDays });

  const keysOf = ({ email, address }: SignInAttempt) => {
    const network = networkOf(address);
    return { account: digestOf(email), network: digestOf(network), both: digestOf(`${email} ${network}`) };
  };
  return {
    take: async (attempt) => {
      // A device is trusted with its own few tries, whatever others do to the account or from its address.
      if (attempt.device) return tooMany(await ofDevice.take(digestOf(attempt.device.id)));
      const keys = keysOf(attempt);
      const pairWaitMs = await both.take(keys.both);
      if (pairWaitMs > 0) return tooMany(pairWaitMs);
      const [addressWaitMs, isKnown] = await Promise.all([fromAddress.take(keys.network), known.look(keys.both)]);
      if (addressWaitMs > 0) return tooMany(addressWaitMs);
      return isKnown > 0 ? undefined : tooMany(await forAccount.take(keys.account));
    },
    succeeded: async (attempt) => {
      const keys = keysOf(attempt);
      if (attempt.device) await ofDevice.clear(digestOf(attempt.device.id));
      else {
        const wasKnown = (await known.look(keys.both)) > 0;
        if (!wasKnown) await forAccount.giveBack(keys.account);
        await Promise.all([both.clear(keys.both), fromAddress.giveBack(keys.network)]);
      }
      // Cleared first, so that its time begins anew.
      await known.clear(keys.both);
      await known.take(keys.both);
    },
  };
};
