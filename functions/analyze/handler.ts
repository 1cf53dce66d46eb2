// Analyze step, the edge: `analysis.requested` in, sources asked, `analysis.finished` out.
import { analysisRequested, type Failure } from "@logwatch/events";
import * as analysisPlugins from "../analyses/index.ts";
import type { Config } from "../lib/config.ts";
import { guardedFetch } from "../lib/egress.ts";
import { sourcePolicy } from "../lib/egress-policy.ts";
import type { Emit } from "../lib/emit.ts";
import { kafkaHandler } from "../lib/lambda.ts";
import type { Log } from "../lib/log.ts";
import { registry } from "../lib/registry.ts";
import { open as openSecret } from "../lib/secret.ts";
import * as sourcePlugins from "../sources/index.ts";
import type { Storage } from "../storage/storage.ts";
import { openSources } from "./open-sources.ts";
import { runAnalyses } from "./run-analyses.ts";

type Outside = {
  storage: Pick<Storage, "configuration" | "runs">;
  emit: Emit;
  now: () => number;
  log: Log;
  config: Config;
};

export const analyzeHandler = ({ storage, emit, now, log, config }: Outside) => {
  const blind = new Set<string>();
  const unseal = (sealed: string) => openSecret(sealed, config.LOGWATCH_SECRETS_KEY);
  const outside = { fetch: guardedFetch(sourcePolicy(config.ALLOWED_SOURCE_HOSTS)) };
  const ports = {
    openSource: openSources(storage.configuration, registry("source", sourcePlugins), unseal, now, outside),
    findAnalysis: registry("analysis", analysisPlugins).find,
    emit,
    now,
    cancelledRuns: storage.runs.cancelled,
    onBlind: (sourceId: string, { message }: Failure) => {
      // Once a source and cold start: it is a property of the log store, not an event.
      if (!blind.has(sourceId))
        log("warn", "late logs of a source are not noticed", { source: sourceId, reason: message });
      blind.add(sourceId);
    },
    maxConcurrent: config.LOGWATCH_MAX_QUESTIONS,
    timeoutMs: config.LOGWATCH_QUESTION_TIMEOUT,
    latenessMs: config.LOGWATCH_LATENESS,
    searchLagMs: config.LOGWATCH_SEARCH_LAG,
  };
  return kafkaHandler(analysisRequested, (events) => runAnalyses(events, ports));
};
