// Analyze step, core. In: a batch of `analysis.requested`. Out: one `analysis.finished` each, complete or failed.
// Requests that ask the same thing are asked once. A source that fails is a result too: a gap, never a zero.
import type {
  AnalysisFinished,
  AnalysisRequest,
  AnalysisRequested,
  AnalysisResult,
  Failure,
  Labels,
} from "@logwatch/events";
import type { Analysis } from "../analyses/analysis.ts";
import type { Emit, Keyed } from "../lib/emit.ts";
import { labelsKey } from "../lib/labels.ts";
import { fail, type Result } from "../lib/result.ts";
import { runIdOf } from "../lib/runs.ts";
import type { OpenSource } from "../sources/source.ts";
import { fitEvent } from "./fit-event.ts";
import { lookForLateLogs } from "./late-logs.ts";

export type AnalyzePorts = {
  /** An opened source, or why there is none (deleted, wrong settings). */
  openSource: (sourceId: string) => Promise<Result<OpenSource, Failure>>;
  findAnalysis: (id: string) => Analysis | undefined;
  emit: Emit;
  now: () => number;
  /** Most questions under way at once, over all sources: a log store is easily drowned. */
  maxConcurrent: number;
  /** After this long a question is given up, ms. */
  timeoutMs: number;
  /** Hears of a source that cannot tell when logs arrived: late ones of it are not noticed. */
  onBlind: (sourceId: string, failure: Failure) => void;
  /** How far back late logs are looked for, ms; 0: never. */
  latenessMs: number;
  /** How long a log store may take from receiving a message until a search finds it, ms. */
  searchLagMs: number;
  /** Which of these manual runs nobody wants any more; absent where there are none. */
  cancelledRuns?: (runIds: readonly string[]) => Promise<ReadonlySet<string>>;
};

type Answered = Pick<AnalysisResult, "outcome" | "failure" | "measurements" | "views" | "examples" | "truncated">;

/**
 * Runs every distinct question of the batch once and emits a result for each request as soon as it is there and the results of
 * the requests before it, of the same job, are.
 */
export const runAnalyses = async (requests: AnalysisRequested[], ports: AnalyzePorts): Promise<void> => {
  const unwanted = await findUnwanted(requests, ports);
  const groups = new Map<string, AnalysisRequested[]>();
  for (const request of requests) {
    if (unwanted.has(request)) continue;
    const key = questionText(request.data);
    const group = groups.get(key);
    if (group) group.push(request);
    else groups.set(key, [request]);
  }
  const outbox = openOutbox(ports.emit, requests);
  for (const request of unwanted) outbox.add(request, finished(request, failed(cancelled), ports.now()));
  await inParallel([...groups.values()], ports.maxConcurrent, async (group) => {
    const [first] = group;
    if (!first) return;
    const [answered, late] = await Promise.all([answer(first.data, ports), lookForLateLogs(group, ports)]);
    // A slot is complete only when late logs were looked for as well: its retry looks again, so none are missed.
    const result = answered.outcome === "complete" && !late.ok ? failed(late.error) : answered;
    for (const request of group) outbox.add(request, finished(request, result, ports.now()));
    if (late.ok) await ports.emit("logwatch.analysis.requested", late.value);
  });
  await outbox.flushed();
};

/**
 * Manual runs that were cancelled before they began: they are answered and not asked. When nobody can tell, they are asked: what a
 * cancelled run found is not shown anyway, and no job of the batch may wait for that.
 */
const findUnwanted = async (
  requests: readonly AnalysisRequested[],
  { cancelledRuns }: Pick<AnalyzePorts, "cancelledRuns">,
): Promise<ReadonlySet<AnalysisRequested>> => {
  const runs = requests.flatMap((request) => {
    const runId = request.data.reason === "manual" ? runIdOf(request.data.jobId) : undefined;
    return runId === undefined ? [] : [{ runId, request }];
  });
  if (runs.length === 0 || !cancelledRuns) return new Set();
  const ids = await cancelledRuns(runs.map(({ runId }) => runId)).catch((): ReadonlySet<string> => new Set());
  return new Set(runs.flatMap(({ runId, request }) => (ids.has(runId) ? [request] : [])));
};

const cancelled: Failure = { kind: "refused", message: "The run was cancelled before it began.", retryable: false };

/** Two requests with the same text have the same answer. */
const questionText = (request: AnalysisRequest): string =>
  JSON.stringify([
    request.sourceId,
    request.filter,
    request.analysis,
    request.params,
    request.window.from,
    request.window.to,
  ]);

const answer = async (request: AnalysisRequest, ports: AnalyzePorts): Promise<Answered> => {
  const analysis = ports.findAnalysis(request.analysis);
  if (!analysis)
    return failed({
      kind: "bad-query",
      message: `There is no analysis called "${request.analysis}".`,
      retryable: false,
    });
  const source = await ports.openSource(request.sourceId);
  if (!source.ok) return failed(source.error);
  const question = questionOf(analysis, request);
  if (!question.ok) return failed(question.error);
  const filters = [request.filter, question.value.filter ?? ""].filter((clause) => clause !== "");
  const asked = await source.value.ask(
    { filters, window: request.window, parts: question.value.parts },
    AbortSignal.timeout(ports.timeoutMs),
  );
  if (!asked.ok) return failed(asked.error);
  const outcome = fitEvent(analysis.measure(asked.value, request.params, request.window));
  return { outcome: "complete", failure: null, ...outcome };
};

/** Parameters were checked when the job was saved; an older job may not fit a newer plug-in, and that is no reason to stop. */
const questionOf = (
  analysis: Analysis,
  request: AnalysisRequest,
): Result<ReturnType<Analysis["question"]>, Failure> => {
  const parsed = analysis.params.safeParse(request.params);
  if (parsed.success) return { ok: true, value: analysis.question(request.params, request.window) };
  const problems = parsed.error.issues.map((issue) => `params.${issue.path.join(".")}: ${issue.message}`).join("; ");
  return fail({ kind: "bad-query", message: problems, retryable: false });
};

const failed = (failure: Failure): Answered => ({
  outcome: "failed",
  failure,
  measurements: [],
  views: [],
  examples: [],
  truncated: [],
});

const finished = (request: AnalysisRequested, answered: Answered, now: number): Keyed<AnalysisFinished> => {
  const { slotId, jobId, jobName, analysis, serviceId, serviceName, window, everyMs, delayMs, revision, reason } =
    request.data;
  return {
    key: jobId,
    event: {
      id: `${slotId}.${revision}.finished`,
      type: "analysis.finished",
      at: now,
      cause: request.id,
      data: {
        slotId,
        jobId,
        jobName,
        analysis,
        serviceId,
        serviceName,
        window,
        everyMs,
        delayMs,
        revision,
        reason,
        ...answered,
        measurements: [...answered.measurements].sort(bySeries),
        finishedAt: now,
      },
    },
  };
};

/** A fixed order, so that the same answer gives the same bytes however the source sorted its groups. */
const bySeries = (left: { name: string; labels: Labels }, right: { name: string; labels: Labels }): number =>
  left.name < right.name ? -1 : left.name > right.name ? 1 : labelsKey(left.labels) < labelsKey(right.labels) ? -1 : 1;

/**
 * Collects what is ready and emits it together, without making an early result wait for a slow question. Only results of one job
 * wait for each other: a slot that a later one overtook would be taken for a redelivery, and never be judged.
 */
const openOutbox = (emit: Emit, requests: readonly AnalysisRequested[]) => {
  const queues = new Map<string, AnalysisRequested[]>();
  for (const request of requests) {
    const queue = queues.get(request.data.jobId);
    if (queue) queue.push(request);
    else queues.set(request.data.jobId, [request]);
  }
  const ready = new Map<AnalysisRequested, Keyed<AnalysisFinished>>();
  let waiting: Keyed<AnalysisFinished>[] = [];
  let flushing: Promise<void> = Promise.resolve();
  let scheduled = false;
  const flush = async () => {
    scheduled = false;
    const batch = waiting;
    waiting = [];
    await emit("logwatch.analysis.finished", batch);
  };
  return {
    add: (request: AnalysisRequested, event: Keyed<AnalysisFinished>) => {
      ready.set(request, event);
      waiting.push(...takeReady(queues.get(request.data.jobId) ?? [], ready));
      if (scheduled || waiting.length === 0) return;
      scheduled = true;
      flushing = flushing.then(() => Promise.resolve()).then(flush);
      // The rejection is reported by `flushed`; without this line Node would end the process before anybody asks.
      flushing.catch(() => undefined);
    },
    flushed: () => flushing,
  };
};

/** The results at the head of a job's queue, up to the first that is still being asked. */
const takeReady = (
  queue: AnalysisRequested[],
  ready: ReadonlyMap<AnalysisRequested, Keyed<AnalysisFinished>>,
): Keyed<AnalysisFinished>[] => {
  const taken: Keyed<AnalysisFinished>[] = [];
  for (let [head] = queue; head; [head] = queue) {
    const event = ready.get(head);
    if (!event) break;
    taken.push(event);
    queue.shift();
  }
  return taken;
};

const inParallel = async <Item>(items: Item[], limit: number, work: (item: Item) => Promise<void>): Promise<void> => {
  let next = 0;
  const worker = async () => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
};
