// Deliver step, the edge; one Lambda a channel: `notification.requested` in, the message at its provider.
import { notificationRequested } from "@logwatch/events";
import type { Channel } from "../channels/channel.ts";
import { channelConfig } from "../channels/channel-config.ts";
import type { Config } from "../lib/config.ts";
import { kafkaHandler } from "../lib/lambda.ts";
import { open as openSecret } from "../lib/secret.ts";
import type { DestinationRecord } from "../storage/configuration.ts";
import type { Storage } from "../storage/storage.ts";
import { deliverNotifications } from "./deliver-notifications.ts";

type Outside = { storage: Pick<Storage, "notifications" | "configuration">; now: () => number; config: Config };

export const deliverHandler = (channel: Channel, { storage, now, config }: Outside) => {
  const send = channel.open(channelConfig(config));
  const openAddress = ({ address, secret }: DestinationRecord): unknown =>
    secret === "" ? address : { ...address, ...JSON.parse(openSecret(secret, config.LOGWATCH_SECRETS_KEY)) };
  const ports = {
    channelId: channel.id,
    send,
    openAddress,
    ...storage,
    now,
    timeoutMs: config.LOGWATCH_DELIVERY_TIMEOUT,
  };
  return kafkaHandler(notificationRequested, (events) => deliverNotifications(events, ports));
};
