// Every store a step can be given, by name. Two ways to open them: `open-storage.ts`.
import type { ConfigurationStore } from "./configuration.ts";
import type { CoverageStore } from "./coverage.ts";
import type { FindingStore } from "./findings.ts";
import type { JobStore } from "./jobs.ts";
import type { MeasurementStore } from "./measurements.ts";
import type { NotificationStore } from "./notifications.ts";
import type { RuleStateStore } from "./rule-states.ts";
import type { RunStore } from "./runs.ts";
import type { SnapshotStore } from "./snapshots.ts";

export type Storage = {
  jobs: JobStore;
  coverage: CoverageStore;
  measurements: MeasurementStore;
  ruleStates: RuleStateStore;
  notifications: NotificationStore;
  findings: FindingStore;
  snapshots: SnapshotStore;
  runs: RunStore;
  configuration: ConfigurationStore;
};
