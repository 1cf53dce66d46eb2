// What channels need of the configuration, picked in one place for everybody who opens one.
import type { Config } from "../lib/config.ts";
import type { ChannelConfig } from "./channel.ts";

export const channelConfig = (config: Config): ChannelConfig => ({
  emailFrom: config.LOGWATCH_EMAIL_FROM,
  awsRegion: config.AWS_REGION,
  sesEndpoint: config.AWS_ENDPOINT_URL_SES,
  slackHosts: config.LOGWATCH_SLACK_HOSTS,
  timeoutMs: config.LOGWATCH_DELIVERY_TIMEOUT,
});
