// Notify step, the edge: `alert.updated` in, who hears decided, `notification.requested` out.
import { alertUpdated } from "@logwatch/events";
import type { Config } from "../lib/config.ts";
import type { Emit } from "../lib/emit.ts";
import { kafkaHandler } from "../lib/lambda.ts";
import type { Storage } from "../storage/storage.ts";
import { decideNotifications } from "./decide-notifications.ts";

type Outside = {
  storage: Pick<Storage, "configuration" | "notifications" | "findings" | "withheld">;
  emit: Emit;
  now: () => number;
  config: Pick<Config, "LOGWATCH_DASHBOARD_URL">;
};

export const notifyHandler = ({ storage, emit, now, config }: Outside) => {
  const dashboard = config.LOGWATCH_DASHBOARD_URL;
  const linksFor = () => (dashboard ? [{ title: "Open LogWatch", url: dashboard }] : []);
  return kafkaHandler(alertUpdated, (events) => decideNotifications(events, { ...storage, emit, now, linksFor }));
};
