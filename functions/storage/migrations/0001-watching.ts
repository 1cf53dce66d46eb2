// The first tables: what people configure, what jobs found, what rules remember, what was told.
// Portable SQL (MySQL 8, MariaDB, SQLite). Moments are epoch ms; ids are made in TypeScript; a column called `body` holds JSON.

/** How often a configured thing was changed, and when (epoch ms). */
const changes = "version BIGINT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL";

const configured = [
  `CREATE TABLE sources (
    id VARCHAR(255) NOT NULL PRIMARY KEY, managed_by VARCHAR(255) NOT NULL, ${changes}, name VARCHAR(255) NOT NULL,
    kind VARCHAR(100) NOT NULL, params TEXT NOT NULL, secret TEXT NOT NULL)`,
  "CREATE INDEX sources_by_owner ON sources (managed_by, id)",
  `CREATE TABLE services (
    id VARCHAR(255) NOT NULL PRIMARY KEY, managed_by VARCHAR(255) NOT NULL, ${changes}, name VARCHAR(255) NOT NULL,
    source_id VARCHAR(255) NOT NULL, filter_text TEXT NOT NULL, colour VARCHAR(50) NOT NULL)`,
  "CREATE INDEX services_by_owner ON services (managed_by, id)",
  "CREATE INDEX services_by_source ON services (source_id)",
  `CREATE TABLE destinations (
    id VARCHAR(255) NOT NULL PRIMARY KEY, managed_by VARCHAR(255) NOT NULL, ${changes}, name VARCHAR(255) NOT NULL,
    channel VARCHAR(100) NOT NULL, address TEXT NOT NULL, secret TEXT NOT NULL, enabled INT NOT NULL,
    max_per_hour BIGINT NOT NULL, confirmed_at BIGINT, agreed TEXT)`,
  "CREATE INDEX destinations_by_owner ON destinations (managed_by, id)",
  `CREATE TABLE rules (
    id VARCHAR(255) NOT NULL PRIMARY KEY, managed_by VARCHAR(255) NOT NULL, ${changes}, job_id VARCHAR(255) NOT NULL,
    name VARCHAR(255) NOT NULL, enabled INT NOT NULL, body TEXT NOT NULL)`,
  "CREATE INDEX rules_by_owner ON rules (managed_by, id)",
  "CREATE INDEX rules_by_job ON rules (job_id)",
  `CREATE TABLE rule_destinations (
    rule_id VARCHAR(255) NOT NULL, destination_id VARCHAR(255) NOT NULL, PRIMARY KEY (rule_id, destination_id))`,
  "CREATE INDEX rule_destinations_by_destination ON rule_destinations (destination_id, rule_id)",
];

/** `next_due` is `cursor_at + every_ms + delay_ms`, stored because it is what ticks search by. */
const scheduled = [
  `CREATE TABLE jobs (
    id VARCHAR(255) NOT NULL PRIMARY KEY, managed_by VARCHAR(255) NOT NULL, ${changes}, owner_id VARCHAR(255) NOT NULL,
    name VARCHAR(255) NOT NULL, enabled INT NOT NULL, analysis VARCHAR(100) NOT NULL, params TEXT NOT NULL,
    service_id VARCHAR(255) NOT NULL, every_ms BIGINT NOT NULL, window_ms BIGINT NOT NULL, delay_ms BIGINT NOT NULL,
    start_at BIGINT NOT NULL, cursor_at BIGINT NOT NULL, next_due BIGINT NOT NULL,
    claim_id VARCHAR(64), claim_from BIGINT)`,
  "CREATE INDEX jobs_by_owner ON jobs (managed_by, id)",
  "CREATE INDEX jobs_by_due ON jobs (enabled, next_due, id)",
  "CREATE INDEX jobs_by_claim ON jobs (claim_id)",
  "CREATE INDEX jobs_by_service ON jobs (service_id)",
  `CREATE TABLE claims (
    job_id VARCHAR(255) NOT NULL, from_at BIGINT NOT NULL, to_at BIGINT NOT NULL, claim_id VARCHAR(64) NOT NULL,
    claimed_at BIGINT NOT NULL, PRIMARY KEY (job_id, from_at))`,
  "CREATE INDEX claims_by_claim ON claims (claim_id)",
  "CREATE INDEX claims_by_time ON claims (claimed_at)",
];

/** Measurements: one row holds the values of one window (`part` 0 of `parts`, unless they are very many). */
const history = [
  `CREATE TABLE coverage (
    job_id VARCHAR(255) NOT NULL, from_at BIGINT NOT NULL, to_at BIGINT NOT NULL, state VARCHAR(10) NOT NULL,
    revision BIGINT NOT NULL, reason VARCHAR(600) NOT NULL, retry_at BIGINT,
    retry_claim VARCHAR(64), PRIMARY KEY (job_id, from_at))`,
  "CREATE INDEX coverage_by_end ON coverage (job_id, to_at)",
  "CREATE INDEX coverage_by_retry ON coverage (retry_at)",
  `CREATE TABLE measurements (
    job_id VARCHAR(255) NOT NULL, to_at BIGINT NOT NULL, revision BIGINT NOT NULL, part INT NOT NULL,
    parts INT NOT NULL, from_at BIGINT NOT NULL, tier INT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (job_id, to_at, revision, part))`,
  "CREATE INDEX measurements_by_tier ON measurements (tier, to_at)",
  `CREATE TABLE runs (
    id VARCHAR(255) NOT NULL PRIMARY KEY, user_id VARCHAR(255) NOT NULL, service_id VARCHAR(255) NOT NULL,
    job_id VARCHAR(255), analysis VARCHAR(100) NOT NULL, params TEXT NOT NULL, from_at BIGINT NOT NULL,
    to_at BIGINT NOT NULL, state VARCHAR(10) NOT NULL, failure TEXT, requested_at BIGINT NOT NULL, finished_at BIGINT,
    cancelled_at BIGINT)`,
  "CREATE INDEX runs_by_user ON runs (user_id, id)",
  "CREATE INDEX runs_by_time ON runs (requested_at)",
];

const judged = [
  "CREATE TABLE rule_progress (rule_id VARCHAR(255) NOT NULL PRIMARY KEY, evaluated_to BIGINT NOT NULL)",
  `CREATE TABLE alerts (
    fingerprint VARCHAR(64) NOT NULL PRIMARY KEY, rule_id VARCHAR(255) NOT NULL, state VARCHAR(10) NOT NULL,
    body TEXT NOT NULL)`,
  "CREATE INDEX alerts_by_rule ON alerts (rule_id, fingerprint)",
  `CREATE TABLE alert_events (
    id VARCHAR(64) NOT NULL PRIMARY KEY, alert_id VARCHAR(64) NOT NULL, rule_id VARCHAR(255) NOT NULL,
    evaluation_id VARCHAR(320) NOT NULL, happened_at BIGINT NOT NULL, body TEXT NOT NULL)`,
  "CREATE INDEX alert_events_by_alert ON alert_events (alert_id, happened_at, id)",
  "CREATE INDEX alert_events_by_rule ON alert_events (rule_id, happened_at, id)",
  "CREATE INDEX alert_events_by_time ON alert_events (happened_at, id)",
  `CREATE TABLE episodes (
    alert_id VARCHAR(64) NOT NULL PRIMARY KEY, rule_id VARCHAR(255) NOT NULL, job_id VARCHAR(255) NOT NULL,
    service_id VARCHAR(255) NOT NULL, severity VARCHAR(10) NOT NULL, state VARCHAR(10) NOT NULL,
    opened_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, body TEXT NOT NULL)`,
  "CREATE INDEX episodes_by_service ON episodes (service_id, updated_at, alert_id)",
  "CREATE INDEX episodes_by_state ON episodes (state, updated_at, alert_id)",
  "CREATE INDEX episodes_by_job ON episodes (job_id, updated_at)",
  "CREATE INDEX episodes_by_rule ON episodes (rule_id, updated_at)",
];

/** What people say of alerts, and what was not told because of it. */
const hushed = [
  `CREATE TABLE acknowledgements (
    alert_id VARCHAR(64) NOT NULL PRIMARY KEY, acknowledged_at BIGINT NOT NULL, acknowledged_by VARCHAR(255) NOT NULL,
    note TEXT NOT NULL)`,
  `CREATE TABLE silences (
    id VARCHAR(255) NOT NULL PRIMARY KEY, service_id VARCHAR(255) NOT NULL, starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL, created_at BIGINT NOT NULL, version BIGINT NOT NULL, body TEXT NOT NULL)`,
  "CREATE INDEX silences_by_end ON silences (service_id, ends_at)",
  "CREATE INDEX silences_by_service ON silences (service_id, created_at, id)",
  "CREATE INDEX silences_by_time ON silences (ends_at)",
  `CREATE TABLE withheld (
    evaluation_id VARCHAR(320) NOT NULL, alert_id VARCHAR(64) NOT NULL, kind VARCHAR(10) NOT NULL,
    reason VARCHAR(20) NOT NULL, silence_id VARCHAR(255), withheld_at BIGINT NOT NULL,
    PRIMARY KEY (evaluation_id, alert_id))`,
  "CREATE INDEX withheld_by_time ON withheld (withheld_at)",
  `CREATE TABLE untold (
    alert_id VARCHAR(64) NOT NULL PRIMARY KEY, service_id VARCHAR(255) NOT NULL, evaluation_id VARCHAR(320) NOT NULL,
    look_at BIGINT NOT NULL)`,
  "CREATE INDEX untold_by_look ON untold (look_at, alert_id)",
  "CREATE INDEX untold_by_service ON untold (service_id)",
];

const told = [
  `CREATE TABLE notifications (
    id VARCHAR(640) NOT NULL PRIMARY KEY, destination_id VARCHAR(255) NOT NULL, channel VARCHAR(100) NOT NULL,
    evaluation_id VARCHAR(320) NOT NULL, rule_id VARCHAR(255) NOT NULL, job_id VARCHAR(255) NOT NULL,
    message TEXT NOT NULL, state VARCHAR(10) NOT NULL, reason VARCHAR(600) NOT NULL, findings BIGINT NOT NULL,
    attempts INT NOT NULL, created_at BIGINT NOT NULL, next_attempt_at BIGINT NOT NULL, sent_at BIGINT,
    provider_id VARCHAR(255), resent_at BIGINT, earlier VARCHAR(1000))`,
  "CREATE INDEX notifications_by_attempt ON notifications (state, next_attempt_at)",
  "CREATE INDEX notifications_by_destination ON notifications (destination_id, created_at)",
  "CREATE INDEX notifications_by_evaluation ON notifications (evaluation_id)",
  "CREATE INDEX notifications_by_job ON notifications (job_id, created_at)",
  "CREATE INDEX notifications_by_time ON notifications (created_at)",
  `CREATE TABLE findings (
    evaluation_id VARCHAR(320) NOT NULL, reason VARCHAR(50) NOT NULL, rule_id VARCHAR(255) NOT NULL,
    found_at BIGINT NOT NULL, found BIGINT NOT NULL, PRIMARY KEY (evaluation_id, reason))`,
  "CREATE INDEX findings_by_time ON findings (found_at)",
];

export const watching = {
  id: "0001-watching",
  statements: [...configured, ...scheduled, ...history, ...judged, ...hushed, ...told],
};
