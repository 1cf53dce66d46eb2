// What the storage suites put in: small, whole records with one field or two that matter to a test.
import type { AnalysisResult, Measurement } from "@logwatch/events";
import type { Configuration, DestinationRecord, JobRecord, RuleRecord } from "./configuration.ts";
import type { CoverageRange } from "./coverage.ts";
import type { NotificationRecord } from "./notifications.ts";
import type { AlertEvent, RuleCommit, TrackedSeries } from "./rule-states.ts";
import type { Storage } from "./storage.ts";

/** Opens an empty storage; every test has its own. */
export type OpenStorage = () => Promise<Storage>;

export const source = {
  id: "graylog",
  name: "Graylog",
  kind: "graylog",
  params: { url: "http://192.0.2.1" },
  secret: "s",
};
export const service = { id: "auth", name: "Sign-in", sourceId: "graylog", filter: "service:auth", colour: "#c00" };

export const job = (id: string, over: Partial<JobRecord> = {}): JobRecord => ({
  id,
  name: `Job ${id}`,
  analysis: "failed-logins",
  params: { limit: 5 },
  serviceId: "auth",
  everyMs: 1000,
  windowMs: 5000,
  delayMs: 200,
  enabled: true,
  ownerId: "team",
  startAt: 10_000,
  ...over,
});

export const rule = (id: string, jobId: string, over: Partial<RuleRecord> = {}): RuleRecord => ({
  id,
  jobId,
  name: `Rule ${id}`,
  kind: "threshold",
  params: { above: 10, measurement: "failed_logins" },
  severity: "warning",
  holdMs: 0,
  clearAfterMs: 0,
  repeatMs: 0,
  repeatGrowth: 1,
  tellResolved: true,
  onFailure: "keep",
  onNoData: "keep",
  maxExamples: 5,
  maxTracked: 100,
  flappingChanges: 0,
  flappingMs: 0,
  destinationIds: ["mail"],
  enabled: true,
  ...over,
});

export const destination = (id: string, over: Partial<DestinationRecord> = {}): DestinationRecord => ({
  id,
  name: `To ${id}`,
  channel: "email",
  address: { to: "team@example.com" },
  secret: "",
  enabled: true,
  maxPerHour: 60,
  confirmedAt: 1000,
  ...over,
});

export const configuration = (over: Partial<Configuration> = {}): Configuration => ({
  sources: [source],
  services: [service],
  jobs: [],
  rules: [],
  destinations: [],
  ...over,
});

export const count = (value: number, labels: Record<string, string> = {}): Measurement => ({
  name: "failed_logins",
  labels,
  value,
  unit: "count",
});

/** The result of the window that ends at `to`, one second long. */
export const result = (jobId: string, to: number, over: Partial<AnalysisResult> = {}): AnalysisResult => ({
  slotId: `${jobId}@${to}`,
  jobId,
  jobName: `Job ${jobId}`,
  analysis: "failed-logins",
  serviceId: "auth",
  serviceName: "Sign-in",
  window: { from: to - 1000, to },
  everyMs: 1000,
  delayMs: 0,
  revision: 0,
  reason: "due",
  outcome: "complete",
  failure: null,
  measurements: [count(1)],
  views: [],
  examples: [],
  truncated: [],
  finishedAt: to + 100,
  ...over,
});

export const span = (jobId: string, from: number, to: number, over: Partial<CoverageRange> = {}): CoverageRange => ({
  jobId,
  from,
  to,
  state: "complete",
  revision: 0,
  reason: "",
  retryAt: null,
  ...over,
});

export const series = (fingerprint: string, ruleId: string, over: Partial<TrackedSeries> = {}): TrackedSeries => ({
  fingerprint,
  ruleId,
  labels: { user: "root" },
  state: "firing",
  alertId: `${fingerprint}@1000`,
  since: 1000,
  lastBreachAt: 1000,
  lastToldAt: null,
  repeats: 0,
  sequence: 1,
  turns: [1000],
  value: 12.5,
  why: "12.5 > 10",
  firstSeenAt: 1000,
  lastSeenAt: null,
  points: [
    [1000, 12.5],
    [2000, null],
  ],
  ...over,
});

export const alertEvent = (ruleId: string, at: number, over: Partial<AlertEvent> = {}): AlertEvent => ({
  alertId: `f@${at}`,
  fingerprint: "f",
  ruleId,
  jobId: "a",
  labels: { user: "root" },
  at,
  sequence: 1,
  from: "ok",
  to: "firing",
  value: 12,
  why: "12 > 10",
  evaluationId: `${ruleId}@${at}.0`,
  told: "opened",
  late: false,
  ...over,
});

export const commit = (ruleId: string, evaluatedTo: number, over: Partial<RuleCommit> = {}): RuleCommit => ({
  ruleId,
  evaluationId: `${ruleId}@${evaluatedTo}.0`,
  evaluatedTo,
  upserts: [],
  removals: [],
  events: [],
  episodes: [],
  unfired: [],
  ...over,
});

export const notification = (id: string, over: Partial<NotificationRecord> = {}): NotificationRecord => ({
  notificationId: id,
  destinationId: "mail",
  channel: "email",
  evaluationId: "r@1000.0",
  ruleId: "r",
  jobId: "a",
  message: {
    title: "12 failed sign-ins for 'root' – \"é\" 😀",
    severity: "critical",
    status: "firing",
    lines: ["More than 10 in 5 s."],
    fields: [{ name: "user", value: "root" }],
    examples: ["sshd: Failed password for root from 192.0.2.7 -- :id"],
    links: [{ title: "Open", url: "https://example.com/?a=:b" }],
  },
  state: "owed",
  reason: "",
  findings: 1,
  attempts: 0,
  createdAt: 1000,
  nextAttemptAt: 1000,
  sentAt: null,
  providerId: null,
  ...over,
});
