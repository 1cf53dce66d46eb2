// The largest update there can be, as whoever writes logs would make it, fits into one record of the bus.
import type { AnalysisResult } from "@logwatch/events";
import { expect, test } from "vitest";
import { countedGroups } from "../analyses/measured.ts";
import { encodeEvent } from "../lib/emit.ts";
import { threshold } from "../rule-kinds/index.ts";
import type { Rule } from "../storage/rule-states.ts";
import { evaluateRule } from "./evaluate-rule.ts";

/** What Kafka takes, less what it adds. */
const maxRecordBytes = 1_000_000;
/** The most that a watch file accepts, and that analyses give. */
const mostTracked = 1000;
const examples = new Array<string>(20).fill(`${"語".repeat(999)}…`);

const longName = "n".repeat(80);
const rule: Rule = {
  id: `${longName}/${longName}/${longName}`,
  jobId: `${longName}/${longName}`,
  name: longName,
  kind: "threshold",
  params: { measurement: "pairs", op: "gt", limit: 10 },
  severity: "critical",
  holdMs: 0,
  clearAfterMs: 0,
  repeatMs: 0,
  repeatGrowth: 2,
  tellResolved: true,
  onFailure: "keep",
  onNoData: "keep",
  maxExamples: 10,
  maxTracked: mostTracked,
  flappingChanges: 0,
  flappingMs: 0,
  destinationIds: ["mail"],
};

const result = (text: string): AnalysisResult => ({
  slotId: "job@1",
  jobId: rule.jobId,
  jobName: longName,
  analysis: "failed-logins",
  serviceId: `${longName}/${longName}`,
  serviceName: longName,
  window: { from: 0, to: 60_000 },
  everyMs: 60_000,
  delayMs: 0,
  revision: 0,
  reason: "due",
  outcome: "complete",
  failure: null,
  measurements: countedGroups("pairs", ["user", "address"], {
    rows: Array.from({ length: mostTracked + 100 }, (_, at) => ({
      keys: [`${at}${text.repeat(5000)}`, `${at}${text.repeat(5000)}`],
      count: 1_000_000_000 + at,
    })),
    truncated: false,
  }),
  views: [],
  examples,
  truncated: [],
  finishedAt: 60_000,
});

test.each(["a", "語", "😀", "\u0000", '"', "\ud800"])("1,000 pairs of long values made of %j", (text) => {
  const { update, findings } = evaluateRule({ rule, evaluatedTo: null, tracked: [] }, result(text), threshold, []);
  if (!update) throw new Error("There is no update.");
  expect(findings).toEqual({ told: mostTracked, capped: 100 });
  const event = { id: update.evaluationId, type: "alert.updated" as const, at: 0, cause: "job@1", data: update };
  const { key, value } = encodeEvent("logwatch.alert.updated", { key: update.ruleId, event });
  expect(Buffer.byteLength(key + value)).toBeLessThan(maxRecordBytes);
  expect(new Set(update.changes.map(({ labels }) => labels.user)).size).toBe(mostTracked);
});
