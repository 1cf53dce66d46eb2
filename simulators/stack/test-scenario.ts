// The scenario that the stack's tests play: four minutes of sign-ins with two attacks, a silence and logs that arrive late.
import type { LogEntry } from "@logwatch/events";
import { openMemory } from "../../functions/sources/memory.ts";
import { memoryLog } from "../../functions/sources/memory-log.ts";
import type { Configuration, DestinationRecord, JobRecord, RuleRecord } from "../../functions/storage/configuration.ts";
import { login } from "../services/auth.ts";

export const second = 1000;
export const minute = 60 * second;
export const start = Date.UTC(2026, 10, 22, 12);
export const end = start + 4 * minute;

/** `count` failures of one address, from this second on, two a second. */
export const attack = (from: number, count: number, address: string): LogEntry[] =>
  Array.from({ length: count }, (_, index) => ({
    ...login("root", address, "invalid_password"),
    at: start + from * second + index * 500,
    service: "auth",
  }));

export const quiet = (from: number, to: number): LogEntry[] =>
  Array.from({ length: (to - from) / 5 }, (_, index) => ({
    ...login(`user${index % 7}`, "10.20.0.5"),
    at: start + (from + index * 5) * second,
    service: "auth",
  }));

/** Two attacks, a silence of a minute and an attack whose logs arrive half a minute late. */
export const logOf = (clock: { now: number }) => {
  const log = memoryLog([
    ...quiet(0, 130),
    ...quiet(200, 300),
    ...attack(12, 30, "203.0.113.7"),
    ...attack(75, 24, "198.51.100.9"),
  ]);
  log.add(attack(41, 20, "192.0.2.77"), start + 83 * second);
  return openMemory(log, () => clock.now);
};

export const rule = (jobId: string, name: string, over: Partial<RuleRecord>): RuleRecord => ({
  id: `${jobId}/${name}`,
  jobId,
  name,
  kind: "threshold",
  params: {},
  severity: "critical",
  holdMs: 0,
  clearAfterMs: 0,
  repeatMs: 0,
  repeatGrowth: 1,
  tellResolved: true,
  onFailure: "keep",
  onNoData: "keep",
  maxExamples: 10,
  maxTracked: 100,
  flappingChanges: 0,
  flappingMs: 0,
  destinationIds: ["mail", "chat"],
  enabled: true,
  ...over,
});

export const job = (id: string, analysis: string, everyMs: number, windowMs: number, params = {}): JobRecord => ({
  id,
  name: id,
  analysis,
  params,
  serviceId: "auth",
  everyMs,
  windowMs,
  delayMs: 2 * second,
  enabled: true,
  ownerId: "test",
  startAt: start,
});

const destination = (id: string, channel: string): DestinationRecord => ({
  id,
  name: id,
  channel,
  address: {},
  secret: "",
  enabled: true,
  maxPerHour: 1000,
  confirmedAt: 0,
});

export const configuration: Configuration = {
  sources: [{ id: "source", name: "source", kind: "memory", params: {}, secret: "" }],
  services: [{ id: "auth", name: "auth", sourceId: "source", filter: "service:auth", colour: "#000000" }],
  jobs: [
    job("logins", "failed-logins", 10 * second, 30 * second),
    job("search", "log-search", 20 * second, 20 * second, { filter: "status:failure" }),
  ],
  rules: [
    rule("logins", "brute force", { params: { measurement: "failed_logins_by_address", op: "ge", limit: 8 } }),
    rule("logins", "quiet", { kind: "absence", params: { measurement: "logins", quietFor: "40s" } }),
    rule("search", "many", { params: { measurement: "matches", op: "gt", limit: 3 }, holdMs: 20 * second }),
  ],
  destinations: [destination("mail", "email"), destination("chat", "slack")],
};
