// Schedule step: the claims that one tick holds. They are renewed while it lives, confirmed when their slots are published, and
// given back when it ends before that, so that the next tick need not wait for the lease.
import type { JobStore } from "../storage/jobs.ts";

export type HoldPorts = { jobs: Pick<JobStore, "renew" | "confirm">; newId: () => string; now: () => number };

export type HeldClaims = {
  /** The id of a new claim. It is held from now on: its write may succeed although its answer is lost. */
  open: () => string;
  ids: () => readonly string[];
  /** Renews what is held, when it is time. */
  renew: () => Promise<void>;
  confirm: (claimIds: readonly string[]) => Promise<void>;
  giveBack: () => Promise<void>;
};

export const holdClaims = ({ jobs, newId, now }: HoldPorts, renewEveryMs: number): HeldClaims => {
  let held: string[] = [];
  let renewedAt = now();
  return {
    open: () => {
      const claimId = newId();
      held.push(claimId);
      return claimId;
    },
    ids: () => held,
    renew: async () => {
      if (held.length === 0 || now() - renewedAt < renewEveryMs) return;
      renewedAt = now();
      await jobs.renew(held, renewedAt);
    },
    confirm: async (claimIds) => {
      for (const claimId of claimIds) await jobs.confirm(claimId);
      const confirmed = new Set(claimIds);
      held = held.filter((claimId) => !confirmed.has(claimId));
    },
    // As if never renewed: any lease is over.
    giveBack: async () => {
      if (held.length > 0) await jobs.renew(held, 0);
    },
  };
};
