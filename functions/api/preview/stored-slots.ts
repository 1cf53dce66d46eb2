// Rule preview: a job's slots of a span of time, oldest first, each with the result that history holds of it. In: the stored
// windows and the coverage ledger. Out: parts of about equal weight, so that a week of large results never is in memory at once.
import { type AnalysisResult, type Failure, failureKind, unit } from "@logwatch/events";
import { slotId } from "../../lib/slots.ts";
import type { JobRecord } from "../../storage/configuration.ts";
import type { CoverageRange, CoverageStore } from "../../storage/coverage.ts";
import type { MeasurementStore, StoredMeasurement } from "../../storage/measurements.ts";

/** What the preview needs of a job. */
export type PreviewJob = Pick<
  JobRecord,
  "id" | "name" | "analysis" | "serviceId" | "everyMs" | "windowMs" | "delayMs" | "startAt"
> & { serviceName: string };

export type HistoryPorts = {
  measurements: Pick<MeasurementStore, "read">;
  coverage: Pick<CoverageStore, "read">;
};

/**
 * One slot by its end. Without a result it was never asked, or its answer was lost: rules saw nothing then, as they do live, and
 * evaluate takes it for a gap.
 */
export type StoredSlot = { to: number; result: AnalysisResult | undefined };

/** The ends of the slots there are, first and last included; null when history holds nothing of the span. */
export type SlotSpan = { first: number; last: number; ranges: CoverageRange[] } | null;

/** Slots that end in `(from, until]`, from the first to the last that the ledger knows. */
export const findSlots = async (
  job: PreviewJob,
  from: number,
  until: number,
  ports: Pick<HistoryPorts, "coverage">,
): Promise<SlotSpan> => {
  const ranges = from < until ? await ports.coverage.read(job.id, from, until) : [];
  const [oldest, newest] = [ranges[0], ranges.at(-1)];
  if (!oldest || !newest) return null;
  const endAt = (at: number, round: (slots: number) => number) =>
    job.startAt + round((at - job.startAt) / job.everyMs) * job.everyMs;
  const first = Math.max(endAt(from, Math.floor), endAt(oldest.from, Math.ceil)) + job.everyMs;
  const last = endAt(Math.min(until, newest.to), Math.floor);
  return first <= last ? { first, last, ranges } : null;
};

/** How many slots a span holds. */
export const countSlots = (job: Pick<PreviewJob, "everyMs">, first: number, last: number): number =>
  Math.max(0, Math.round((last - first) / job.everyMs) + 1);

/** Measurements read at once, about: what an answer of a log store holds at most, some times over. */
const readMeasurements = 20_000;
const firstRead = 256;
const longestRead = 4096;

/** The slots of a span, as they are read. */
export async function* readSlots(
  job: PreviewJob,
  { first, last, ranges }: NonNullable<SlotSpan>,
  { measurements }: HistoryPorts,
): AsyncGenerator<StoredSlot[]> {
  const rangeAt = openRanges(ranges);
  let size = firstRead;
  for (let open = first; open <= last; ) {
    const end = Math.min(last, open + (size - 1) * job.everyMs);
    const rows = await measurements.read({ jobId: job.id, from: open - job.everyMs, until: end });
    const windows = groupByEnd(rows);
    const slots: StoredSlot[] = [];
    for (let to = open; to <= end; to += job.everyMs) {
      slots.push({ to, result: resultOf(job, to, windows.get(to), rangeAt(to - job.everyMs)) });
    }
    yield slots;
    size = Math.max(1, Math.min(longestRead, Math.floor((readMeasurements * slots.length) / Math.max(1, rows.length))));
    open = end + job.everyMs;
  }
}

/** Which range holds a moment; asked for moments that only grow. */
const openRanges = (ranges: readonly CoverageRange[]) => {
  let index = 0;
  return (at: number): CoverageRange | undefined => {
    while ((ranges[index]?.to ?? Number.POSITIVE_INFINITY) <= at) index += 1;
    const range = ranges[index];
    return range && range.from <= at ? range : undefined;
  };
};

const groupByEnd = (rows: readonly StoredMeasurement[]): Map<number, StoredMeasurement[]> => {
  const groups = new Map<number, StoredMeasurement[]>();
  for (const row of rows) {
    const group = groups.get(row.to);
    if (group) group.push(row);
    else groups.set(row.to, [row]);
  }
  return groups;
};

/**
 * Values are there before the ledger says so; a complete answer without any leaves no values. Before its start the job was off, or
 * asked at another interval: of that time only values of equal windows are of use, and no values are no answer without any.
 */
const resultOf = (
  job: PreviewJob,
  to: number,
  rows: readonly StoredMeasurement[] | undefined,
  range: CoverageRange | undefined,
): AnalysisResult | undefined => {
  const [row] = rows ?? [];
  if (!row && (!range || range.state === "missing")) return undefined;
  if (to <= job.startAt && (row ? row.from !== to - job.windowMs : range?.state !== "failed")) return undefined;
  const failure = !row && range?.state === "failed" ? failureOf(range.reason) : null;
  return {
    slotId: slotId(job.id, to),
    jobId: job.id,
    jobName: job.name,
    analysis: job.analysis,
    serviceId: job.serviceId,
    serviceName: job.serviceName,
    window: { from: row?.from ?? to - job.windowMs, to },
    everyMs: job.everyMs,
    delayMs: job.delayMs,
    revision: row?.revision ?? range?.revision ?? 0,
    reason: "due",
    outcome: failure ? "failed" : "complete",
    failure,
    measurements: (rows ?? []).map((one) => ({
      name: one.name,
      labels: one.labels,
      value: one.value,
      unit: unit.parse(one.unit),
    })),
    views: [],
    examples: [],
    truncated: [],
    finishedAt: to + job.delayMs,
  };
};

/** The ledger writes `kind: message`. */
const failureOf = (reason: string): Failure => {
  const [, kind, message] = /^([^:]*): ?([\s\S]*)$/.exec(reason) ?? [];
  const known = failureKind.safeParse(kind);
  return { kind: known.success ? known.data : "unreachable", message: message ?? reason, retryable: true };
};
