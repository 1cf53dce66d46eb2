// Expire step, core. In: a tick, once an hour. Out: history thinned, in bounded batches, so that one run never outlasts its Lambda.
// Measurements thin out by their own tiers; books become sums of days; what ended long ago goes.
import type { AlertStore } from "../storage/alerts.ts";
import type { FindingStore } from "../storage/findings.ts";
import type { MeasurementStore } from "../storage/measurements.ts";
import type { NotificationStore } from "../storage/notifications.ts";
import type { RuleStateStore } from "../storage/rule-states.ts";
import type { SilenceStore } from "../storage/silences.ts";
import type { WithheldStore } from "../storage/withheld.ts";
import { type Batch, inBatches } from "./in-batches.ts";

export type ExpirePorts = {
  measurements: Pick<MeasurementStore, "thin">;
  findings: Pick<FindingStore, "sumDays">;
  notifications: Pick<NotificationStore, "forget">;
  ruleStates: Pick<RuleStateStore, "forgetEvents">;
  alerts: Pick<AlertStore, "endGone" | "forget">;
  silences: Pick<SilenceStore, "forget">;
  withheld: Pick<WithheldStore, "forget">;
  now: () => number;
};

const dayMs = 86_400_000;
/** Rows in one delete: small enough for a short transaction. */
const batchRows = 5000;
/** Reasons for silence are looked up by evaluation this long, and by day for ever. */
const booksKeptMs = 7 * dayMs;
/** Alerts whose rule is gone, ended in one transaction. */
const endedRows = 500;
/** Alerts, silences, messages and timelines are kept 13 months, as long as the oldest measurements. */
const alertsKeptMs = 396 * dayMs;

/** How many rows went. */
export const expireHistory = async (ports: ExpirePorts, maxBatches = 100): Promise<number> => {
  const now = ports.now();
  const booksUntil = Math.floor((now - booksKeptMs) / dayMs) * dayMs;
  const kinds: Batch[] = [
    () => ports.measurements.thin(now, batchRows),
    () => ports.findings.sumDays(booksUntil, batchRows),
    () => ports.notifications.forget(now - alertsKeptMs, batchRows),
    () => ports.ruleStates.forgetEvents(now - alertsKeptMs, batchRows),
    () => ports.alerts.endGone(now, endedRows),
    () => ports.alerts.forget(now - alertsKeptMs, batchRows),
    () => ports.silences.forget(now - alertsKeptMs, batchRows),
    () => ports.withheld.forget(now - alertsKeptMs, batchRows),
  ];
  return inBatches(kinds, maxBatches);
};
