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
import type { PreviewReport } from "./preview-rules.ts";
import { counts, episodesOf, everyMs, kinds, manners, previewedEpisodes, previewOf, written } from "./test-live.ts";

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
