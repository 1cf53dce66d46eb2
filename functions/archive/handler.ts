// Archive step, the edge: `analysis.finished` in, Aurora written.
import { analysisFinished } from "@logwatch/events";
import { kafkaHandler } from "../lib/lambda.ts";
import type { Storage } from "../storage/storage.ts";
import { archiveResults } from "./archive-results.ts";

type Outside = { storage: Pick<Storage, "measurements" | "coverage" | "runs">; now: () => number };

export const archiveHandler = ({ storage, now }: Outside) =>
  kafkaHandler(analysisFinished, (events) => archiveResults(events, { ...storage, now }));
