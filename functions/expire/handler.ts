// Expire step, the edge: EventBridge's hour in, old history thinned.
import type { Log } from "../lib/log.ts";
import type { Storage } from "../storage/storage.ts";
import { expireHistory } from "./expire-history.ts";

type Outside = {
  storage: Pick<
    Storage,
    "measurements" | "findings" | "notifications" | "ruleStates" | "alerts" | "silences" | "withheld"
  >;
  now: () => number;
  log: Log;
};

export const expireHandler =
  ({ storage, now, log }: Outside) =>
  async (): Promise<void> => {
    const rows = await expireHistory({ ...storage, now });
    if (rows > 0) log("info", "history was thinned", { rows });
  };
