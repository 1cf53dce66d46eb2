// For tests: what happened live and what a preview says, in words that can be compared; and any rule there may be.
import fc from "fast-check";
import type { Configuration } from "../../storage/configuration.ts";
import type { Storage } from "../../storage/storage.ts";
import { type PreviewReport, previewLimits, previewRules } from "./preview-rules.ts";

/** What a run left in its stores. */
type LiveRun = { storage: Storage };

const all = Number.MAX_SAFE_INTEGER;
const unbounded = { ...previewLimits, budgetMs: all, maxAlerts: all, maxMessages: all, maxListLength: all };

/** Previews the rules of a run's only job, from what the run left in its history. */
export const previewOf = (run: LiveRun, { jobs, rules, destinations }: Configuration): Promise<PreviewReport> => {
  const [job] = jobs;
  if (!job) throw new Error("A run has a job.");
  return previewRules(
    { job: { ...job, serviceName: "auth" }, rules, destinations, from: job.startAt, until: job.startAt + 86_400_000 },
    { ...run.storage, clockMs: () => 0, pause: async () => undefined },
    unbounded,
  );
};

/** Each episode of the rules' timelines, in words. */
export const episodesOf = async ({ storage }: LiveRun, { rules }: Configuration): Promise<string[]> => {
  const episodes = new Map<string, string[]>();
  for (const { id, name } of rules) {
    const events = await storage.ruleStates.events({ ruleId: id, limit: all });
    for (const event of events.reverse()) {
      if (event.from === event.to) continue;
      const words = episodes.get(event.alertId) ?? [`${name} ${JSON.stringify(event.labels)}`];
      episodes.set(event.alertId, words);
      words.push(`${event.to} ${event.at}`);
    }
  }
  return [...episodes.values()].map(summary).sort();
};

/** The first time it was pending, the first it fired, the last it was resolved, and how often it fired. */
const summary = ([what = "", ...turns]: string[]): string => {
  const at = (state: string) => turns.filter((turn) => turn.startsWith(state)).map((turn) => turn.split(" ")[1]);
  const end = turns.at(-1)?.startsWith("resolved") ? at("resolved").at(-1) : "-";
  return [what, at("pending")[0] ?? "-", at("firing")[0] ?? "-", end, at("firing").length].join(" ");
};

export const previewedEpisodes = ({ alerts }: PreviewReport): string[] => {
  const moment = (at: number | null) => (at === null ? "-" : String(at));
  return alerts.listed
    .map(({ ruleName, labels, pendingAt, firingAt, resolvedAt, fired }) =>
      [`${ruleName} ${JSON.stringify(labels)}`, moment(pendingAt), moment(firingAt), moment(resolvedAt), fired].join(
        " ",
      ),
    )
    .sort();
};

type Sent = { at: number; destinationId: string | null; message: { title: string; status: string; lines: string[] } };

export const written = ({ at, destinationId, message }: Sent): string =>
  `${at} ${destinationId} [${message.status}] ${message.title}: ${message.lines.join(" / ")}`;

const second = 1000;
export const everyMs = 10 * second;

const policy = fc.constantFrom("keep" as const, "alert" as const, "ok" as const);
export const manners = fc.record({
  holdMs: fc.constantFrom(0, 10 * second, 30 * second),
  clearAfterMs: fc.constantFrom(0, 20 * second),
  repeatMs: fc.constantFrom(0, 20 * second),
  repeatGrowth: fc.constantFrom(1, 2),
  tellResolved: fc.boolean(),
  onFailure: policy,
  onNoData: policy,
  maxExamples: fc.constantFrom(1, 10),
  maxTracked: fc.constantFrom(1, 100),
  flappingChanges: fc.constantFrom(0, 3),
  flappingMs: fc.constant(120 * second),
  destinationIds: fc.subarray(["mail", "chat", "gone"]),
});
export const kinds = fc.oneof(
  fc.record({
    kind: fc.constant("threshold"),
    params: fc.record({
      measurement: fc.constantFrom("failed_logins", "failed_logins_by_address"),
      op: fc.constantFrom("ge", "lt"),
      limit: fc.integer({ min: 1, max: 6 }),
    }),
  }),
  fc.record({
    kind: fc.constant("absence"),
    params: fc.record({
      measurement: fc.constant("failed_logins_by_address"),
      quietFor: fc.constantFrom("10s", "30s", "50s"),
    }),
  }),
);
export const counts = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 8 }));
