// The API of a local stack: its Lambda's handler behind the stand-in of API Gateway, over the same stores and bus as the pipeline.
import type { RequestListener } from "node:http";
import { deadLetterTopic } from "@logwatch/events";
import { apiHandler } from "../../functions/api/handler.ts";
import type { Config } from "../../functions/lib/config.ts";
import { emitTo } from "../../functions/lib/emit.ts";
import type { Log } from "../../functions/lib/log.ts";
import { apiGateway } from "../cloud/api-gateway.ts";
import { groupsOf } from "./connect-steps.ts";
import type { Cloud } from "./open-cloud.ts";

export const openApi = ({ storage, redis, kafka }: Cloud, config: Config, log: Log): RequestListener => {
  const status = {
    lag: async () => Object.fromEntries(groupsOf().map(({ group, topic }) => [group, kafka.lag(group, topic)])),
    deadLetters: async () => kafka.read(deadLetterTopic, Number.MAX_SAFE_INTEGER).length,
  };
  const handler = apiHandler({ storage, redis, emit: emitTo(kafka.publish), now: Date.now, log, config, status });
  const gateway = apiGateway(handler);
  return (req, res) => {
    // The caller has gone: nobody is left to be told.
    gateway(req, res).catch(() => res.destroy());
  };
};
