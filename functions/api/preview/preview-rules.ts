// Rule preview, core. In: a job, rules that are not saved, a span of time. Out: what they would have done over the stored history,
// judged and told by the production cores under a simulated clock (a window's end plus the job's delay).
// History holds each window's newest values: evidence that came late counts as if it had come in time. It holds neither log lines
// nor which lists a source had cut, so messages are without examples, and a label set that was not listed counts as zero.
import type { Window } from "@logwatch/events";
import { slug } from "../../apply/watch-ids.ts";
import type { Books } from "../../notify/balance-books.ts";
import type { DestinationRecord } from "../../storage/configuration.ts";
import type { Rule } from "../../storage/rule-states.ts";
import { collectAlerts, type PreviewAlerts } from "./collect-alerts.ts";
import { collectMessages, type PreviewMessages } from "./collect-messages.ts";
import { openPreviewWorld } from "./preview-world.ts";
import {
  countSlots,
  findSlots,
  type HistoryPorts,
  type PreviewJob,
  readSlots,
  type StoredSlot,
} from "./stored-slots.ts";

/** A rule as people write it, before it has an id. */
export type RuleDraft = Omit<Rule, "id" | "jobId">;

/** Slots that end in `(from, until]`, epoch ms. Destinations are those that the rules name; names of rules are unique. */
export type PreviewRequest = {
  job: PreviewJob;
  rules: readonly RuleDraft[];
  destinations: readonly DestinationRecord[];
  from: number;
  until: number;
};

export type PreviewPorts = HistoryPorts & {
  /** Milliseconds of real time, from any moment on. */
  clockMs: () => number;
  /** Lets others have their turn of the event loop. */
  pause: () => Promise<void>;
};

export const previewLimits = {
  maxSpanMs: 168 * 3_600_000,
  maxWindows: 200_000,
  /** Real time after which it ends with what it has. */
  budgetMs: 20_000,
  maxAlerts: 200,
  maxMessages: 100,
  /** Characters of JSON for the listed alerts, and as many again for the messages. */
  maxListLength: 250_000,
};
export type PreviewLimits = typeof previewLimits;

export type CutReason = "too-long" | "too-many-windows" | "out-of-time";

export type PreviewReport = {
  asked: Window;
  /** The windows' intervals that were judged, from the first to the last that history knows; null: none. */
  judged: Window | null;
  /** `missing`: never asked, or lost; rules saw a gap. `due` is the sum. */
  windows: { due: number; complete: number; failed: number; missing: number };
  /** What was left out: the oldest windows where there were too many, the newest where time was up. */
  cut: { reason: CutReason; windows: number }[];
  verdicts: number;
  alerts: PreviewAlerts;
  messages: PreviewMessages;
  /** Every verdict: told, or silent for a reason. */
  books: Books;
};

/** Stops at its limits and says what it left out. */
export const previewRules = async (
  { job, rules: drafts, destinations, from, until }: PreviewRequest,
  ports: PreviewPorts,
  limits: PreviewLimits = previewLimits,
): Promise<PreviewReport> => {
  const stopAt = ports.clockMs() + limits.budgetMs;
  const rules = drafts.map((rule) => ({ ...rule, id: previewIdOf(rule.name), jobId: job.id, enabled: true }));
  const alerts = collectAlerts(rules, limits.maxAlerts, limits.maxListLength);
  const messages = collectMessages(limits.maxMessages, limits.maxListLength);
  const judge = await openPreviewWorld(job, rules, destinations, { onCommit: alerts.add, messages });
  const { span, cut } = await boundedSlots({ job, from, until }, ports, limits);
  const windows = { due: 0, complete: 0, failed: 0, missing: 0 };
  let verdicts = 0;
  const judgeAll = async (): Promise<void> => {
    if (!span) return;
    for await (const slots of readSlots(job, span, ports)) {
      for (const batch of batchesOf(slots)) {
        if (ports.clockMs() >= stopAt) return;
        verdicts += await judge(batch.flatMap(({ result }) => result ?? []));
        for (const { result } of batch) windows[result?.outcome ?? "missing"] += 1;
        windows.due += batch.length;
        await ports.pause();
      }
    }
  };
  await judgeAll();
  const left = span ? countSlots(job, span.first, span.last) - windows.due : 0;
  if (left > 0) cut.push({ reason: "out-of-time", windows: left });
  const start = span ? span.first - job.everyMs : from;
  return {
    asked: { from, to: until },
    judged: windows.due > 0 ? { from: start, to: start + windows.due * job.everyMs } : null,
    windows,
    cut,
    verdicts,
    alerts: alerts.read(),
    ...messages.read(verdicts),
  };
};

/** Ids of rules that are not saved: no stored rule's begins so. */
export const previewIdOf = (name: string): string => `preview.${slug(name)}`;

/** The slots there are, the newest of them where there are too many. */
const boundedSlots = async (
  { job, from, until }: Pick<PreviewRequest, "job" | "from" | "until">,
  ports: HistoryPorts,
  limits: PreviewLimits,
) => {
  const cut: PreviewReport["cut"] = [];
  const start = Math.max(from, until - limits.maxSpanMs);
  const tooLong = countSlots(job, from + job.everyMs, start);
  if (tooLong > 0) cut.push({ reason: "too-long", windows: tooLong });
  const span = await findSlots(job, start, until, ports);
  const tooMany = span ? countSlots(job, span.first, span.last) - limits.maxWindows : 0;
  if (!span || tooMany <= 0) return { span, cut };
  cut.push({ reason: "too-many-windows", windows: tooMany });
  return { span: { ...span, first: span.first + tooMany * job.everyMs }, cut };
};

/** Judged without a pause; about ten milliseconds of work. */
const batchWeight = 500;

function* batchesOf(slots: readonly StoredSlot[]): Generator<StoredSlot[]> {
  let batch: StoredSlot[] = [];
  let weight = 0;
  for (const slot of slots) {
    batch.push(slot);
    weight += 1 + (slot.result?.measurements.length ?? 0);
    if (weight < batchWeight) continue;
    yield batch;
    batch = [];
    weight = 0;
  }
  if (batch.length > 0) yield batch;
}
