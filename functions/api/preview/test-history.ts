// For tests: history as a row of minutes, and the preview of rules over it.
import type { AnalysisResult, Measurement } from "@logwatch/events";
import { slotId } from "../../lib/slots.ts";
import type { DestinationRecord } from "../../storage/configuration.ts";
import type { CoverageRange } from "../../storage/coverage.ts";
import { openMemoryStorage } from "../../storage/open-storage.ts";
import type { Storage } from "../../storage/storage.ts";
import { type PreviewLimits, previewLimits, previewRules, type RuleDraft } from "./preview-rules.ts";
import type { PreviewJob } from "./stored-slots.ts";

export const minute = 60_000;
export const hour = 60 * minute;
export const start = Date.UTC(2026, 10, 22, 12);

export const job = {
  id: "job",
  name: "failures",
  analysis: "failed-logins",
  serviceId: "auth",
  serviceName: "auth",
  everyMs: minute,
  windowMs: minute,
  delayMs: 30_000,
  startAt: start,
};

export const draft = (over: Partial<RuleDraft> = {}): RuleDraft => ({
  name: "many",
  kind: "threshold",
  params: { measurement: "failures", op: "ge", limit: 10 },
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
  destinationIds: [],
  ...over,
});

export const mail: DestinationRecord = {
  id: "mail",
  name: "mail",
  channel: "email",
  address: {},
  secret: "",
  enabled: true,
  maxPerHour: 1000,
  confirmedAt: 0,
};

const failures = (value: number): Measurement => ({ name: "failures", labels: {}, value, unit: "count" });

/** A number: that many failures; `f`: the source failed; `m`: never asked; `e`: answered without a measurement; ` `: not recorded. */
export type Seen = number | "f" | "m" | "e" | " ";

export const fill = async (
  storage: Pick<Storage, "measurements" | "coverage">,
  seen: readonly Seen[],
): Promise<void> => {
  const results: AnalysisResult[] = [];
  const missing: CoverageRange[] = [];
  for (const [index, one] of seen.entries()) {
    const to = start + (index + 1) * minute;
    const span = { jobId: "job", from: to - minute, to, revision: 0, reason: "catch-up", retryAt: null };
    if (one === "m") missing.push({ ...span, state: "missing" });
    else if (one !== " ") results.push(resultOf(to, one));
  }
  await storage.measurements.append(results.filter(({ measurements }) => measurements.length > 0));
  await storage.coverage.record([...missing, ...results.map(spanOf)]);
};

/** As archive writes it. */
const spanOf = ({ jobId, window: { to }, revision, outcome, failure }: AnalysisResult): CoverageRange => {
  const span = { jobId, from: to - minute, to, revision, retryAt: null };
  return { ...span, state: outcome, reason: failure ? `${failure.kind}: ${failure.message}` : "" };
};

const resultOf = (to: number, seen: number | "f" | "e"): AnalysisResult => ({
  slotId: slotId("job", to),
  jobId: "job",
  jobName: "failures",
  analysis: "failed-logins",
  serviceId: "auth",
  serviceName: "auth",
  window: { from: to - minute, to },
  everyMs: minute,
  delayMs: 30_000,
  revision: 0,
  reason: "due",
  outcome: seen === "f" ? "failed" : "complete",
  failure: seen === "f" ? { kind: "timeout", message: "after 10 s: no answer", retryable: true } : null,
  measurements: typeof seen === "number" ? [failures(seen)] : [],
  views: [],
  examples: [],
  truncated: [],
  finishedAt: to,
});

export type Asked = {
  job?: PreviewJob;
  rules?: RuleDraft[];
  destinations?: DestinationRecord[];
  limits?: Partial<PreviewLimits>;
  from?: number;
  until?: number;
  clockMs?: () => number;
};

export const previewOver = async (storage: Pick<Storage, "measurements" | "coverage">, asked: Asked = {}) => {
  const { rules = [draft()], destinations = [], limits, from = start, until = start + 24 * hour } = asked;
  return previewRules(
    { job: asked.job ?? job, rules, destinations, from, until },
    { ...storage, clockMs: asked.clockMs ?? (() => 0), pause: async () => undefined },
    { ...previewLimits, ...limits },
  );
};

export const preview = async (seen: readonly Seen[], asked: Asked = {}) => {
  const storage = openMemoryStorage();
  await fill(storage, seen);
  return previewOver(storage, asked);
};

/** The end of the slot with this number; the first is 1. */
export const at = (slot: number) => start + slot * minute;
