// Analyze step: which earlier slots have logs that arrived only after they were asked (DESIGN §5.5).
// Each slot looks at what arrived during its own interval, shifted by the delay less the time that a log store takes until what it
// received is found, and happened before it: looking tiles as slots do, and sees all that arrived.
import type { AnalysisRequest, AnalysisRequested, Failure } from "@logwatch/events";
import type { Keyed } from "../lib/emit.ts";
import { ok, type Result } from "../lib/result.ts";
import { questionKey, revisionAt, slotId } from "../lib/slots.ts";
import type { AnalyzePorts } from "./run-analyses.ts";

type LookPorts = Pick<
  AnalyzePorts,
  "openSource" | "findAnalysis" | "now" | "timeoutMs" | "latenessMs" | "searchLagMs" | "onBlind"
>;

/**
 * Requests for the slots of these (equal) requests that have to be asked again, or why that could not be found out.
 * Slots that are themselves asked for late logs look no further: the slots after them did.
 */
export const lookForLateLogs = async (
  group: readonly AnalysisRequested[],
  ports: LookPorts,
): Promise<Result<Keyed<AnalysisRequested>[], Failure>> => {
  const looking = group.filter((request) => request.data.reason !== "late-logs" && request.data.reason !== "manual");
  const again: Keyed<AnalysisRequested>[] = [];
  for (const alike of byInterval(looking)) {
    const late = await lateBuckets(alike[0].data, ports);
    if (!late.ok) return late;
    for (const request of alike) {
      again.push(...touchedSlots(request.data, late.value).map((to) => askAgain(request, to, ports.now())));
    }
  }
  return ok(again);
};

/** Equal questions can still have other intervals or delays. */
const byInterval = (requests: readonly AnalysisRequested[]): [AnalysisRequested, ...AnalysisRequested[]][] => {
  const groups = new Map<string, [AnalysisRequested, ...AnalysisRequested[]]>();
  for (const request of requests) {
    const key = `${request.data.everyMs}/${request.data.delayMs}`;
    const group = groups.get(key);
    if (group) group.push(request);
    else groups.set(key, [request]);
  }
  return [...groups.values()];
};

/** Starts of the buckets into which late logs fell, and how long each is. */
type LateBuckets = { starts: number[]; bucketMs: number };

/** A look far back is cut into no more buckets than any log store answers; longer ones only ask a few slots more again. */
const maxBuckets = 4000;

/**
 * Where late logs fell. What arrives while a job watches is looked at though it happened before the job's first slot: a log that is
 * replayed into a new installation is news to it.
 */
const lateBuckets = async (request: AnalysisRequest, ports: LookPorts): Promise<Result<LateBuckets, Failure>> => {
  const none = ok({ starts: [], bucketMs: request.everyMs });
  const { to } = request.window;
  const happened = { from: to - ports.latenessMs, to: to - request.everyMs };
  if (happened.from >= happened.to || ports.latenessMs === 0) return none;
  const source = await ports.openSource(request.sourceId);
  const analysis = ports.findAnalysis(request.analysis);
  if (!source.ok || !source.value.arrivals || !analysis) return none;
  if (!analysis.params.safeParse(request.params).success) return none;
  const own = analysis.question(request.params, request.window).filter ?? "";
  // What arrived later than this may not be found yet, in the slot's own answer neither: the next look is for it. Where the delay
  // is shorter than the lag, that is the end of every window, and each slot is asked once more.
  const foundMs = request.delayMs - ports.searchLagMs;
  const bucketMs = request.everyMs * Math.ceil((happened.to - happened.from) / request.everyMs / maxBuckets);
  const late = await source.value.arrivals(
    {
      filters: [request.filter, own].filter((clause) => clause !== ""),
      received: { from: to - request.everyMs + foundMs, to: to + foundMs },
      happened,
      everyMs: bucketMs,
    },
    AbortSignal.timeout(ports.timeoutMs),
  );
  if (late.ok) return ok({ starts: late.value.filter(({ count }) => count > 0).map(({ at }) => at), bucketMs });
  if (late.error.retryable) return late;
  // The log store cannot tell when logs arrived, and asking again would not change it: the answer itself stands.
  ports.onBlind(request.sourceId, late.error);
  return none;
};

/** Ends of the job's earlier slots whose window overlaps a bucket: one where windows tile, several where they overlap. */
const touchedSlots = (request: AnalysisRequest, { starts, bucketMs }: LateBuckets): number[] => {
  const { everyMs } = request;
  const { to: end } = request.window;
  const windowMs = end - request.window.from;
  const ends = new Set<number>();
  for (const at of starts) {
    // The first slot that ends after the bucket's start, counted back from this slot in whole intervals.
    const first = end - Math.floor((end - at - 1) / everyMs) * everyMs;
    for (let to = first; to - windowMs < at + bucketMs && to < end; to += everyMs) ends.add(to);
  }
  return [...ends].sort((left, right) => left - right);
};

const askAgain = (request: AnalysisRequested, to: number, now: number): Keyed<AnalysisRequested> => {
  const { data } = request;
  const windowMs = data.window.to - data.window.from;
  // Derived from the slot that looked, not from the clock: a redelivered look asks for the same revision.
  const revision = revisionAt(to, data.everyMs, data.window.to + data.delayMs);
  return {
    key: questionKey({ ...data, windowMs, cursor: to }),
    event: {
      id: `${slotId(data.jobId, to)}.${revision}`,
      type: "analysis.requested",
      at: now,
      cause: request.id,
      data: {
        ...data,
        slotId: slotId(data.jobId, to),
        window: { from: to - windowMs, to },
        revision,
        reason: "late-logs",
        dueAt: to + data.delayMs,
      },
    },
  };
};
