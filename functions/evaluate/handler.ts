// Evaluate step, the edge: `analysis.finished` in, rules judged, `alert.updated` out.
import { analysisFinished } from "@logwatch/events";
import type { Emit } from "../lib/emit.ts";
import { kafkaHandler } from "../lib/lambda.ts";
import type { Log } from "../lib/log.ts";
import { registry } from "../lib/registry.ts";
import * as ruleKindPlugins from "../rule-kinds/index.ts";
import type { Storage } from "../storage/storage.ts";
import { evaluateResults } from "./evaluate-results.ts";
import { markAlerts } from "./mark-alerts.ts";

type Outside = {
  storage: Pick<Storage, "ruleStates" | "findings" | "changes">;
  emit: Emit;
  now: () => number;
  log: Log;
};

export const evaluateHandler = ({ storage, emit, now, log }: Outside) => {
  const getRuleKind = registry("rule kind", ruleKindPlugins).get;
  const ports = { ...storage, getRuleKind, emit, now, markAlerts: markAlerts({ ...storage, log, now }) };
  return kafkaHandler(analysisFinished, async (events) => {
    await evaluateResults(events, ports);
  });
};
