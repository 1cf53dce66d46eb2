// Asking by hand: the run is noted, its question published as any slot's is, and its answer waited for, a while.
import { setTimeout as sleep } from "node:timers/promises";
import type { ShownRun } from "@logwatch/events/api";
import { type RunQuestion, runJobId, runRequest } from "../../lib/runs.ts";
import { queuedRun } from "../../storage/runs.ts";
import type { Caller } from "../authenticate.ts";
import { markChanges } from "../mark-changes.ts";
import type { ApiPorts } from "../ports.ts";
import { type Answer, answer } from "../route.ts";
import { inReadableWords } from "./failure-words.ts";
import { shownRunOf } from "./runs-view.ts";
import { readKept, readResult } from "./snapshot-result.ts";

export type Asked = Omit<RunQuestion, "runId"> & {
  user: Caller["user"];
  jobId: string | null;
  /** The job's own, where one is run: see `runRequest`. */
  like?: { windowMs: number; everyMs: number } | undefined;
  waitMs: number;
};

/** 200 with the run when it ended in time, else 202 and where to look. */
export const askRun = async (
  { user, jobId, like, waitMs, ...question }: Asked,
  now: number,
  ports: ApiPorts,
): Promise<Answer<ShownRun>> => {
  const { storage, emit } = ports;
  const { serviceId, analysis, params, window } = question;
  const run = { id: ports.newId(), userId: user.id, serviceId, jobId, analysis, params, window, requestedAt: now };
  await storage.runs.create(run);
  await emit("logwatch.analysis.requested", [runRequest({ ...question, runId: run.id }, now, like)]);
  await markChanges([{ scope: { user: user.id }, kind: "run", id: run.id }], ports);
  const ended = await waitForEnd(run.id, user, waitMs, ports);
  return answer(ended ?? shownRunOf(queuedRun(run), null, now), {
    status: ended ? 200 : 202,
    headers: { location: `/api/runs/${run.id}` },
    audit: { action: "run.requested", kind: "run", objectId: run.id, after: { serviceId, jobId, analysis, window } },
  });
};

const firstPauseMs = 25;
const longestPauseMs = 400;
/** Redis is asked each time, the database each so many: there a failure stands, and what Redis did not keep. */
const databaseEvery = 4;

/** Undefined when it takes longer. */
const waitForEnd = async (
  runId: string,
  user: Caller["user"],
  waitMs: number,
  ports: ApiPorts,
): Promise<ShownRun | undefined> => {
  const until = performance.now() + waitMs;
  for (let turn = 1; performance.now() < until; turn += 1) {
    await sleep(Math.min(longestPauseMs, firstPauseMs * turn, Math.max(0, until - performance.now())));
    const kept = await readKept(runJobId(runId), ports);
    if (!kept && turn % databaseEvery !== 0) continue;
    const [run] = await inReadableWords(await ports.storage.runs.find([runId]), user, ports);
    if (run && (kept || run.state !== "queued"))
      return shownRunOf(run, kept ?? (await storedResult(runId, ports)), ports.now());
  }
  return undefined;
};

/** The history is written before a run is called finished. */
const storedResult = (runId: string, ports: ApiPorts) => readResult(runJobId(runId), ports);
