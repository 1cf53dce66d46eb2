// Slots that were never asked: the preview takes them for what rules saw of them live, which is nothing.
import type { AnalysisFinished } from "@logwatch/events";
import fc from "fast-check";
import { expect, test } from "vitest";
import { configuration, rule, start } from "../../../simulators/stack/test-scenario.ts";
import { archiveResults } from "../../archive/archive-results.ts";
import { evaluateResults } from "../../evaluate/evaluate-results.ts";
import { registry } from "../../lib/registry.ts";
import { slotId } from "../../lib/slots.ts";
import * as ruleKindPlugins from "../../rule-kinds/index.ts";
import type { Configuration } from "../../storage/configuration.ts";
import { openMemoryStorage } from "../../storage/open-storage.ts";
import { counts, episodesOf, everyMs, kinds, manners, previewedEpisodes, previewOf } from "./test-live.ts";

/** The same steps as live, one event at a time, where slots were never asked: what a back-test's own schedule never leaves out. */
const runWithHoles = async (configured: Configuration, seen: readonly (number | "failed" | "missing")[]) => {
  const [job] = configured.jobs;
  if (!job) throw new Error("A run has a job.");
  const storage = openMemoryStorage();
  await storage.configuration.apply("test", configured);
  for (const [slot, one] of seen.entries()) {
    const to = start + (slot + 1) * everyMs;
    const now = () => to + job.delayMs;
    if (one === "missing") {
      const span = { jobId: job.id, from: to - everyMs, to, revision: 0, reason: "catch-up", retryAt: null };
      await storage.coverage.record([{ ...span, state: "missing" }]);
      continue;
    }
    const events = [finished(job, to, one)];
    await archiveResults(events, { ...storage, now });
    await evaluateResults(events, { ...storage, getRuleKind, emit: async () => undefined, now });
  }
  return { storage, due: seen.length, verdicts: 0, finished: [], sent: [] };
};

const { get: getRuleKind } = registry("rule kind", ruleKindPlugins);

const finished = (job: Configuration["jobs"][number], to: number, seen: number | "failed"): AnalysisFinished => {
  const labels = { address: "203.0.113.1" };
  const data: AnalysisFinished["data"] = {
    slotId: slotId(job.id, to),
    jobId: job.id,
    jobName: job.name,
    analysis: job.analysis,
    serviceId: job.serviceId,
    serviceName: "auth",
    window: { from: to - job.windowMs, to },
    everyMs: job.everyMs,
    delayMs: job.delayMs,
    revision: 0,
    reason: "due",
    outcome: seen === "failed" ? "failed" : "complete",
    failure: seen === "failed" ? { kind: "timeout", message: "no answer", retryable: true } : null,
    measurements:
      seen === "failed"
        ? []
        : [
            { name: "failed_logins", labels: {}, value: seen, unit: "count" },
            ...(seen > 0 ? [{ name: "failed_logins_by_address", labels, value: seen, unit: "count" as const }] : []),
          ],
    views: [],
    examples: [],
    truncated: [],
    finishedAt: to,
  };
  return { id: data.slotId, type: "analysis.finished", at: to, cause: null, data };
};

test("any slots that were never asked: the same episodes", async () => {
  const [logins] = configuration.jobs;
  if (!logins) throw new Error("The scenario has a job.");
  const seen = fc.oneof(
    { weight: 4, arbitrary: counts },
    { weight: 1, arbitrary: fc.constantFrom("failed" as const, "missing" as const) },
  );
  let holes = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(seen, { maxLength: 40 }), fc.tuple(kinds, manners), async (slots, [kind, over]) => {
      const configured: Configuration = {
        ...configuration,
        jobs: [logins],
        rules: [rule("logins", "rule", { ...kind, ...over })],
      };
      const run = await runWithHoles(configured, slots);
      const report = await previewOf(run, configured);
      holes += report.windows.missing;
      expect(previewedEpisodes(report)).toEqual(await episodesOf(run, configured));
    }),
    { numRuns: 200 },
  );
  expect(holes).toBeGreaterThan(50);
}, 60_000);
