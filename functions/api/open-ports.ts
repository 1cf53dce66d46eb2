// Builds the API's outside world, once a process: what the host hands in, and what is made from it.
import { ulid } from "ulid";
import { openSources } from "../analyze/open-sources.ts";
import type { Config } from "../lib/config.ts";
import { guardedFetch } from "../lib/egress.ts";
import { sourcePolicy } from "../lib/egress-policy.ts";
import type { Emit } from "../lib/emit.ts";
import type { Log } from "../lib/log.ts";
import { registry } from "../lib/registry.ts";
import { open as openSecret } from "../lib/secret.ts";
import * as sourcePlugins from "../sources/index.ts";
import type { ApiStorage } from "../storage/api-storage.ts";
import type { RedisClient } from "../storage/redis-client.ts";
import { openCursors } from "./cursor.ts";
import { openLimits } from "./limits.ts";
import { openMail } from "./mail.ts";
import type { ApiPorts, PipelineStatus } from "./ports.ts";

export type Outside = {
  storage: ApiStorage;
  redis: RedisClient;
  emit: Emit;
  now: () => number;
  log: Log;
  config: Config;
  status: PipelineStatus;
};

/** `outside` is what differs between a Lambda, the local stack and a test. */
export const openPorts = ({ storage, redis, emit, now, log, config, status }: Outside): ApiPorts => {
  const unseal = (sealed: string) => openSecret(sealed, config.LOGWATCH_SECRETS_KEY);
  const fetch = guardedFetch(sourcePolicy(config.ALLOWED_SOURCE_HOSTS));
  return {
    storage,
    emit,
    now,
    newId: ulid,
    log,
    config,
    cursors: openCursors(config.LOGWATCH_SECRETS_KEY),
    limits: openLimits(redis, now, {
      userPerMinute: config.LOGWATCH_REQUESTS_PER_USER,
      addressPerMinute: config.LOGWATCH_REQUESTS_PER_ADDRESS,
    }),
    sendMail: openMail(config),
    openSource: openSources(storage.configuration, registry("source", sourcePlugins), unseal, now, { fetch }),
    openSettings: (kind, params) => kind.open(params, { fetch }),
    status,
  };
};
