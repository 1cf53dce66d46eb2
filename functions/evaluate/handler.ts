// Evaluate step, the edge: `analysis.finished` in, rules judged, `alert.updated` out.
import { analysisFinished } from "@logwatch/events";
import type { Emit } from "../lib/emit.ts";
import { kafkaHandler } from "../lib/lambda.ts";
import { registry } from "../lib/registry.ts";
import * as ruleKindPlugins from "../rule-kinds/index.ts";
import type { Storage } from "../storage/storage.ts";
import { evaluateResults } from "./evaluate-results.ts";

type Outside = { storage: Pick<Storage, "ruleStates" | "findings">; emit: Emit; now: () => number };

export const evaluateHandler = ({ storage, emit, now }: Outside) => {
  const ports = { ...storage, getRuleKind: registry("rule kind", ruleKindPlugins).get, emit, now };
  return kafkaHandler(analysisFinished, async (events) => {
    await evaluateResults(events, ports);
  });
};
