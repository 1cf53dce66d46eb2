// The preview is what would have happened: the same log run live and previewed afterwards from what history kept of it.
import type { LogEntry } from "@logwatch/events";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type BacktestRun, runBacktest } from "../../../simulators/backtest/run-backtest.ts";
import { reportOf } from "../../../simulators/backtest/write-books.ts";
import { login } from "../../../simulators/services/auth.ts";
import { attack, configuration, quiet, rule, start } from "../../../simulators/stack/test-scenario.ts";
import type { Ask } from "../../lib/question.ts";
import { fail } from "../../lib/result.ts";
import { openMemory } from "../../sources/memory.ts";
import type { Configuration } from "../../storage/configuration.ts";
import { type PreviewReport, previewLimits, previewRules } from "./preview-rules.ts";

const all = Number.MAX_SAFE_INTEGER;
const unbounded = { ...previewLimits, budgetMs: all, maxAlerts: all, maxMessages: all, maxListLength: all };

/** Previews the rules of a run's only job, from what the run left in its history. */
const previewOf = (run: BacktestRun, { jobs, rules, destinations }: Configuration): Promise<PreviewReport> => {
  const [job] = jobs;
  if (!job) throw new Error("A run has a job.");
  return previewRules(
    { job: { ...job, serviceName: "auth" }, rules, destinations, from: job.startAt, until: job.startAt + 86_400_000 },
    { ...run.storage, clockMs: () => 0, pause: async () => undefined },
    unbounded,
  );
};

/** Each episode of the rules' timelines, in words. */
const episodesOf = async ({ storage }: BacktestRun, { rules }: Configuration): Promise<string[]> => {
  const episodes = new Map<string, string[]>();
  for (const { id, name } of rules) {
    const events = await storage.ruleStates.events({ ruleId: id, limit: all });
    for (const event of events.reverse()) {
      if (event.from === event.to) continue;
      const words = episodes.get(event.alertId) ?? [`${name} ${JSON.stringify(event.labels)}`];
      episodes.set(event.alertId, words);
      words.push(`${event.to} ${(event.at - start) / 1000}`);
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

const previewedEpisodes = ({ alerts }: PreviewReport): string[] => {
  const moment = (at: number | null) => (at === null ? "-" : String((at - start) / 1000));
  return alerts.listed
    .map(({ ruleName, labels, pendingAt, firingAt, resolvedAt, fired }) =>
      [`${ruleName} ${JSON.stringify(labels)}`, moment(pendingAt), moment(firingAt), moment(resolvedAt), fired].join(
        " ",
      ),
    )
    .sort();
};

type Sent = { at: number; destinationId: string | null; message: { title: string; status: string; lines: string[] } };

const written = ({ at, destinationId, message }: Sent): string =>
  `${at - start} ${destinationId} [${message.status}] ${message.title}: ${message.lines.join(" / ")}`;

const expectEqual = async (run: BacktestRun, configured: Configuration): Promise<PreviewReport> => {
  const report = await previewOf(run, configured);
  const live = await reportOf({ lines: 0, parsed: {}, refused: [], entries: [] }, configured, run, []);
  const { findings, ...books } = report.books;
  const reasons = Object.entries(live.findings.suppressed).filter(([, count]) => count > 0);
  expect({ total: findings, ...books }).toEqual({ ...live.findings, suppressed: Object.fromEntries(reasons) });
  expect(report.verdicts).toBe(run.verdicts);
  expect(report.windows).toEqual({ ...live.windows, due: run.due });
  expect(previewedEpisodes(report)).toEqual(await episodesOf(run, configured));
  const sent = report.messages.listed.filter(({ reason }) => reason === "");
  expect(sent.map(written).sort()).toEqual(run.sent.map(written).sort());
  return report;
};

test("the scenario of the stack's tests: the same episodes, messages, times and books", async () => {
  const entries = [
    ...quiet(0, 130),
    ...quiet(200, 300),
    ...attack(12, 30, "203.0.113.7"),
    ...attack(41, 20, "192.0.2.77"),
    ...attack(75, 24, "198.51.100.9"),
  ];
  let messages = 0;
  for (const job of configuration.jobs) {
    const one = { ...configuration, jobs: [job], rules: configuration.rules.filter(({ jobId }) => jobId === job.id) };
    const run = await runBacktest(one, entries, { onResult: () => undefined });
    messages += (await expectEqual(run, one)).messages.sent;
  }
  // A preview that is empty would be equal to a run in which nothing happened.
  expect(messages).toBeGreaterThan(10);
});

const second = 1000;
const everyMs = 10 * second;

/** Failed sign-ins of two addresses in each slot of ten seconds. */
const logOf = (slots: readonly (readonly [number, number])[]): LogEntry[] => [
  ...slots.flatMap((counts, slot) =>
    counts.flatMap((count, who) =>
      Array.from({ length: count }, (_, index) => ({
        ...login("root", `203.0.113.${who}`, "invalid_password"),
        at: start + slot * everyMs + index * 100,
        service: "auth",
      })),
    ),
  ),
  { ...login("user", "10.20.0.5"), at: start + slots.length * everyMs - 1, service: "auth" },
];

/** A log store that is down in the slots that end at these numbers. */
const downIn = (entries: readonly LogEntry[], slots: ReadonlySet<number>): Ask => {
  const { ask } = openMemory(entries);
  return async (question, signal) =>
    slots.has((question.window.to - start) / everyMs)
      ? fail({ kind: "unreachable", message: "connect ECONNREFUSED: 192.0.2.1", retryable: true })
      : ask(question, signal);
};

const policy = fc.constantFrom("keep" as const, "alert" as const, "ok" as const);
const manners = fc.record({
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
const kinds = fc.oneof(
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
const counts = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 8 }));
const story = fc.record({
  slots: fc.array(fc.tuple(counts, counts), { minLength: 1, maxLength: 30 }),
  down: fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { maxLength: 6 }),
  windowMs: fc.constantFrom(everyMs, 3 * everyMs),
  maxPerHour: fc.constantFrom(2, 1000),
  rules: fc.array(fc.tuple(kinds, manners), { minLength: 1, maxLength: 3 }),
});

test("any series, any outage, any rules: the same episodes, messages, times and books", async () => {
  const [logins] = configuration.jobs;
  if (!logins) throw new Error("The scenario has a job.");
  await fc.assert(
    fc.asyncProperty(story, async ({ slots, down, windowMs, maxPerHour, rules }) => {
      const configured: Configuration = {
        ...configuration,
        jobs: [{ ...logins, windowMs }],
        rules: rules.map(([kind, over], index) => rule("logins", `rule ${index}`, { ...kind, ...over })),
        destinations: configuration.destinations.map((one) => ({ ...one, maxPerHour })),
      };
      const entries = logOf(slots);
      const ask = downIn(entries, new Set(down));
      await expectEqual(await runBacktest(configured, entries, { onResult: () => undefined, ask }), configured);
    }),
    { numRuns: 200 },
  );
}, 120_000);
