// Every store a step can be given, by name. Two ways to open them: `open-storage.ts`.
import type { AlertStore } from "./alerts.ts";
import type { ChangeStore } from "./changes.ts";
import type { ConfigurationStore } from "./configuration.ts";
import type { CoverageStore } from "./coverage.ts";
import type { FindingStore } from "./findings.ts";
import type { JobStore } from "./jobs.ts";
import type { MeasurementStore } from "./measurements.ts";
import type { NotificationStore } from "./notifications.ts";
import type { RuleStateStore } from "./rule-states.ts";
import type { RunStore } from "./runs.ts";
import type { SilenceStore } from "./silences.ts";
import type { SnapshotStore } from "./snapshots.ts";
import type { WithheldStore } from "./withheld.ts";

export type Storage = {
  jobs: JobStore;
  coverage: CoverageStore;
  measurements: MeasurementStore;
  ruleStates: RuleStateStore;
  alerts: AlertStore;
  silences: SilenceStore;
  withheld: WithheldStore;
  notifications: NotificationStore;
  findings: FindingStore;
  snapshots: SnapshotStore;
  runs: RunStore;
  changes: ChangeStore;
  configuration: ConfigurationStore;
};
