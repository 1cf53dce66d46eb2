// Snapshot step, the edge: `analysis.finished` in, Redis written.
import { analysisFinished } from "@logwatch/events";
import { kafkaHandler } from "../lib/lambda.ts";
import type { Log } from "../lib/log.ts";
import type { Storage } from "../storage/storage.ts";
import { keepSnapshots } from "./keep-snapshots.ts";

export const snapshotHandler = ({ storage, log }: { storage: Pick<Storage, "snapshots">; log: Log }) =>
  kafkaHandler(analysisFinished, (events) => keepSnapshots(events, { ...storage, log }));
