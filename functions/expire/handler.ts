// Expire step, the edge: EventBridge's hour in, what is old goes.
import type { Log } from "../lib/log.ts";
import type { ApiStorage } from "../storage/api-storage.ts";
import { expireAccounts } from "./expire-accounts.ts";
import { expireHistory } from "./expire-history.ts";

type Outside = { storage: ApiStorage; now: () => number; log: Log };

export const expireHandler =
  ({ storage, now, log }: Outside) =>
  async (): Promise<void> => {
    const rows = (await expireHistory({ ...storage, now })) + (await expireAccounts({ ...storage, now }));
    if (rows > 0) log("info", "history was thinned", { rows });
  };
