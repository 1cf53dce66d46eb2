// Opens all stores at once: over a database and Redis, or in memory.
import type { Cluster, Redis } from "ioredis";
import { memoryAlerts, openAlertTables } from "./alerts.memory.ts";
import { sqlAlerts } from "./alerts.sql.ts";
import { memoryChanges } from "./changes.memory.ts";
import { redisChanges } from "./changes.redis.ts";
import { memoryConfiguration } from "./configuration.memory.ts";
import { sqlConfiguration } from "./configuration.sql.ts";
import { memoryCoverage } from "./coverage.memory.ts";
import { sqlCoverage } from "./coverage.sql.ts";
import type { Db } from "./db.ts";
import { memoryFindings } from "./findings.memory.ts";
import { sqlFindings } from "./findings.sql.ts";
import { memoryJobs } from "./jobs.memory.ts";
import { sqlJobs } from "./jobs.sql.ts";
import { memoryMeasurements } from "./measurements.memory.ts";
import { sqlMeasurements } from "./measurements.sql.ts";
import { openTables } from "./memory-tables.ts";
import { memoryNotifications } from "./notifications.memory.ts";
import { sqlNotifications } from "./notifications.sql.ts";
import { memoryRuleStates } from "./rule-states.memory.ts";
import { sqlRuleStates } from "./rule-states.sql.ts";
import { memoryRuns } from "./runs.memory.ts";
import { sqlRuns } from "./runs.sql.ts";
import { memorySilences } from "./silences.memory.ts";
import { sqlSilences } from "./silences.sql.ts";
import { memorySnapshots } from "./snapshots.memory.ts";
import { redisSnapshots } from "./snapshots.redis.ts";
import type { Storage } from "./storage.ts";
import { memoryWithheld } from "./withheld.memory.ts";
import { sqlWithheld } from "./withheld.sql.ts";

/** Over a migrated database. */
export const openSqlStorage = (db: Db, redis: Redis | Cluster): Storage => ({
  jobs: sqlJobs(db),
  coverage: sqlCoverage(db),
  measurements: sqlMeasurements(db),
  ruleStates: sqlRuleStates(db),
  alerts: sqlAlerts(db),
  silences: sqlSilences(db),
  withheld: sqlWithheld(db),
  notifications: sqlNotifications(db),
  findings: sqlFindings(db),
  snapshots: redisSnapshots(redis),
  runs: sqlRuns(db, sqlMeasurements(db)),
  changes: redisChanges(redis),
  configuration: sqlConfiguration(db),
});

/** Empty, and gone with the process. Applying a configuration is what fills its jobs and rules. */
export const openMemoryStorage = (): Storage => {
  const tables = openTables();
  const alerts = openAlertTables();
  const measurements = memoryMeasurements();
  return {
    jobs: memoryJobs(tables),
    coverage: memoryCoverage(tables),
    measurements,
    ruleStates: memoryRuleStates(tables, alerts),
    alerts: memoryAlerts(tables, alerts),
    silences: memorySilences(alerts),
    withheld: memoryWithheld(tables, alerts),
    notifications: memoryNotifications(),
    findings: memoryFindings(),
    snapshots: memorySnapshots(),
    runs: memoryRuns(measurements),
    changes: memoryChanges(),
    configuration: memoryConfiguration(tables),
  };
};
