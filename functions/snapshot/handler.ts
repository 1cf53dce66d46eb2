// Snapshot step, the edge: `analysis.finished` in, Redis written.
import { analysisFinished } from "@logwatch/events";
import { kafkaHandler } from "../lib/lambda.ts";
import type { Log } from "../lib/log.ts";
import type { Storage } from "../storage/storage.ts";
import { keepSnapshots } from "./keep-snapshots.ts";

type Outside = { storage: Pick<Storage, "snapshots" | "changes">; now: () => number; log: Log };

export const snapshotHandler = ({ storage, now, log }: Outside) =>
  kafkaHandler(analysisFinished, (events) => keepSnapshots(events, { ...storage, now, log }));
