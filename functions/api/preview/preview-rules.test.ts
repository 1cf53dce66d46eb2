// What a preview says of history as it is: gaps, cuts, nobody to hear it, and bounds.
import type { AnalysisResult, Measurement } from "@logwatch/events";
import { expect, test } from "vitest";
import { createStorageOpener } from "../../../simulators/cloud/aurora/test-storage.ts";
import { archiveResults } from "../../archive/archive-results.ts";
import { slotId } from "../../lib/slots.ts";
import type { DestinationRecord } from "../../storage/configuration.ts";
import { openMemoryStorage } from "../../storage/open-storage.ts";
import type { Storage } from "../../storage/storage.ts";
import { type PreviewLimits, previewLimits, previewRules, type RuleDraft } from "./preview-rules.ts";

const minute = 60_000;
const hour = 60 * minute;
const start = Date.UTC(2026, 10, 22, 12);

const job = {
  id: "job",
  name: "failures",
  analysis: "failed-logins",
  serviceId: "auth",
  serviceName: "auth",
  everyMs: minute,
  windowMs: minute,
  delayMs: 30_000,
  startAt: start,
};

const draft = (over: Partial<RuleDraft> = {}): RuleDraft => ({
  name: "many",
  kind: "threshold",
  params: { measurement: "failures", op: "ge", limit: 10 },
  severity: "critical",
  holdMs: 0,
  clearAfterMs: 0,
  repeatMs: 0,
  repeatGrowth: 1,
  tellResolved: true,
  onFailure: "keep",
  onNoData: "keep",
  maxExamples: 10,
  maxTracked: 100,
  flappingChanges: 0,
  flappingMs: 0,
  destinationIds: [],
  ...over,
});

const mail: DestinationRecord = {
  id: "mail",
  name: "mail",
  channel: "email",
  address: {},
  secret: "",
  enabled: true,
  maxPerHour: 1000,
  confirmedAt: 0,
};

const failures = (value: number): Measurement => ({ name: "failures", labels: {}, value, unit: "count" });

/** A number: that many failures; `f`: the source failed; `m`: never asked; `e`: answered without a measurement; ` `: not recorded. */
type Seen = number | "f" | "m" | "e" | " ";

const fill = async (storage: Pick<Storage, "measurements" | "coverage">, seen: readonly Seen[]): Promise<void> => {
  for (const [index, one] of seen.entries()) {
    const to = start + (index + 1) * minute;
    if (one === " ") continue;
    if (one === "m") {
      const span = { jobId: "job", from: to - minute, to, revision: 0, reason: "catch-up", retryAt: null };
      await storage.coverage.record([{ ...span, state: "missing" }]);
      continue;
    }
    const outcome = one === "f" ? ("failed" as const) : ("complete" as const);
    const failure = { kind: "timeout" as const, message: "after 10 s: no answer", retryable: true };
    const data: AnalysisResult = {
      slotId: slotId("job", to),
      jobId: "job",
      jobName: "failures",
      analysis: "failed-logins",
      serviceId: "auth",
      serviceName: "auth",
      window: { from: to - minute, to },
      everyMs: minute,
      delayMs: 30_000,
      revision: 0,
      reason: "due",
      outcome,
      failure: one === "f" ? failure : null,
      measurements: typeof one === "number" ? [failures(one)] : [],
      views: [],
      examples: [],
      truncated: [],
      finishedAt: to,
    };
    await archiveResults([{ id: data.slotId, type: "analysis.finished", at: to, cause: null, data }], {
      ...storage,
      now: () => to,
    });
  }
};

type Asked = {
  rules?: RuleDraft[];
  destinations?: DestinationRecord[];
  limits?: Partial<PreviewLimits>;
  from?: number;
  until?: number;
  clockMs?: () => number;
};

const previewOver = async (storage: Pick<Storage, "measurements" | "coverage">, asked: Asked = {}) => {
  const { rules = [draft()], destinations = [], limits, from = start, until = start + 24 * hour } = asked;
  return previewRules(
    { job, rules, destinations, from, until },
    { ...storage, clockMs: asked.clockMs ?? (() => 0), pause: async () => undefined },
    { ...previewLimits, ...limits },
  );
};

const preview = async (seen: readonly Seen[], asked: Asked = {}) => {
  const storage = openMemoryStorage();
  await fill(storage, seen);
  return previewOver(storage, asked);
};

const at = (slot: number) => start + slot * minute;

test("a rule that nobody hears yet shows what would be told, to nobody, and the books say why", async () => {
  const { alerts, messages, books, windows } = await preview([1, 12, 3]);
  expect(windows).toEqual({ due: 3, complete: 3, failed: 0, missing: 0 });
  expect(alerts).toMatchObject({ total: 1, fired: 1, resolved: 1, neverFired: 0, open: 0 });
  expect(alerts.listed).toEqual([
    {
      ruleId: "preview.many",
      ruleName: "many",
      labels: {},
      state: "resolved",
      pendingAt: null,
      firingAt: at(2),
      resolvedAt: at(3),
      fired: 1,
      value: 12,
      why: "12 ≥ 10",
    },
  ]);
  expect(messages).toMatchObject({ total: 2, sent: 0, suppressed: 0, toNobody: 2 });
  expect(messages.listed.map((one) => [one.at, one.destinationId, one.reason, one.message.lines])).toEqual([
    [at(2) + 30_000, null, "no-destination", ["Firing: 12 ≥ 10"]],
    [at(3) + 30_000, null, "no-destination", ["Resolved: 3 < 10"]],
  ]);
  expect(books).toEqual({
    findings: 3,
    sent: 0,
    pending: 0,
    suppressed: { "no-destination": 2, "below-threshold": 1 },
  });
});

test("a destination hears at the window's end plus the delay, up to its limit of messages an hour", async () => {
  const { messages, books } = await preview([12, 0, 12, 0, 12], {
    rules: [draft({ destinationIds: ["mail"], tellResolved: false })],
    destinations: [{ ...mail, maxPerHour: 2 }],
  });
  expect(messages.listed.map((one) => [one.at, one.destinationId, one.reason])).toEqual([
    [at(1) + 30_000, "mail", ""],
    [at(3) + 30_000, "mail", ""],
    [at(5) + 30_000, "mail", "rate-limited"],
  ]);
  expect(books).toEqual({
    findings: 5,
    sent: 2,
    pending: 0,
    suppressed: { "rate-limited": 1, "resolved-not-wanted": 2 },
  });
});

test("the limit of messages an hour counts the last hour alone, however long the history", async () => {
  const seen = Array.from({ length: 300 }, (_, index) => (index % 10 === 0 ? 12 : 0));
  const { messages } = await preview(seen, {
    rules: [draft({ destinationIds: ["mail"], tellResolved: false })],
    destinations: [{ ...mail, maxPerHour: 4 }],
  });
  // One every ten minutes: four are told, and the next when the first of them is more than an hour old, seventy minutes after it.
  expect(messages).toMatchObject({ total: 30, sent: 18, suppressed: 12 });
});

test("a failed window is a failure with its words; a missing one is a gap that holds nothing and clears nothing", async () => {
  const alerting = await preview([1, "f", 1], { rules: [draft({ onFailure: "alert" })] });
  expect(alerting.alerts.listed).toMatchObject([
    { firingAt: at(2), resolvedAt: at(3), why: "no answer from the source: after 10 s: no answer" },
  ]);
  const missing = await preview([12, "m", " ", 12, 12, 1], {
    rules: [draft({ onFailure: "alert", holdMs: 2 * minute })],
  });
  expect(missing.windows).toEqual({ due: 6, complete: 4, failed: 0, missing: 2 });
  // Pending since the first minute; the two minutes of which nothing is known are no time in which it held.
  expect(missing.alerts.listed).toMatchObject([{ pendingAt: at(1), firingAt: at(5), resolvedAt: at(6) }]);
});

test("an answer without a measurement is no data, by the rule's policy", async () => {
  const { alerts, windows } = await preview([1, "e", 1], { rules: [draft({ onNoData: "alert" })] });
  expect(windows).toEqual({ due: 3, complete: 3, failed: 0, missing: 0 });
  expect(alerts.listed).toMatchObject([{ firingAt: at(2), resolvedAt: at(3), why: "no data" }]);
});

test("absence sees silence, and takes an outage for no silence", async () => {
  const quiet = { kind: "absence", params: { measurement: "failures", quietFor: "3m" } };
  expect((await preview([1, 0, 0, 0, 1], { rules: [draft(quiet)] })).alerts.listed).toMatchObject([
    { firingAt: at(4), resolvedAt: at(5) },
  ]);
  expect((await preview([1, "f", "f", "f", 1], { rules: [draft(quiet)] })).alerts.total).toBe(0);
});

test("what was pending and never fired is told apart", async () => {
  const { alerts } = await preview([12, 1, 12], { rules: [draft({ holdMs: 2 * minute })] });
  expect(alerts).toMatchObject({ total: 2, fired: 0, resolved: 0, neverFired: 1, open: 1 });
  expect(alerts.listed.map(({ state, pendingAt, firingAt }) => [state, pendingAt, firingAt])).toEqual([
    ["ok", at(1), null],
    ["pending", at(3), null],
  ]);
});

test("history that was never kept is no window: the preview says from when to when it judged", async () => {
  const empty = await preview([]);
  expect(empty).toMatchObject({ judged: null, windows: { due: 0, missing: 0 }, verdicts: 0, alerts: { total: 0 } });
  const some = await preview([" ", " ", 1, 1, " "], { from: start - hour, until: start + hour });
  expect(some).toMatchObject({ judged: { from: at(2), to: at(4) }, windows: { due: 2 }, cut: [] });
});

test("slots from the one after `from` to the one that ends at `until` are judged, and none of before the job's start", async () => {
  const seen = [1, 1, 1, 1, 1];
  expect((await preview(seen, { from: at(1), until: at(4) })).judged).toEqual({ from: at(1), to: at(4) });
  expect((await preview(seen, { from: at(1) + 1, until: at(4) - 1 })).judged).toEqual({ from: at(1), to: at(3) });
  expect((await preview(seen, { from: start - hour, until: at(4) })).judged).toEqual({ from: at(0), to: at(4) });
});

test("too many windows: the newest are judged, and it says how many were not", async () => {
  const { cut, judged, windows } = await preview([1, 1, 1, 1, 12], { limits: { maxWindows: 2 } });
  expect(cut).toEqual([{ reason: "too-many-windows", windows: 3 }]);
  expect([judged, windows.due]).toEqual([{ from: at(3), to: at(5) }, 2]);
});

test("too long a span: its newest part is judged, and it says how many slots were not", async () => {
  const { cut, judged } = await preview([1, 1, 1, 1, 1], { until: at(5), limits: { maxSpanMs: 2 * minute } });
  expect([cut, judged]).toEqual([[{ reason: "too-long", windows: 3 }], { from: at(3), to: at(5) }]);
});

test("when time is up it ends with what it has, and says how many windows it left", async () => {
  const seen = Array.from({ length: 2000 }, () => 12);
  let reads = 0;
  const { cut, judged, windows, books } = await preview(seen, {
    until: start + 48 * hour,
    limits: { budgetMs: 5 },
    clockMs: () => reads++,
  });
  expect(windows.due).toBeGreaterThan(0);
  expect(cut).toEqual([{ reason: "out-of-time", windows: 2000 - windows.due }]);
  expect(judged).toEqual({ from: start, to: at(windows.due) });
  expect(books.findings).toBe(windows.due);
});

test("lists hold the first alerts and messages without holes, and counts hold all", async () => {
  const seen = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? 12 : 0));
  const few = await preview(seen, { limits: { maxAlerts: 3, maxMessages: 4 } });
  expect([few.alerts.total, few.messages.total, few.alerts.fired, few.alerts.resolved]).toEqual([20, 40, 20, 20]);
  expect(few.alerts.listed.map(({ firingAt }) => firingAt)).toEqual([at(1), at(3), at(5)]);
  expect(few.messages.listed).toHaveLength(4);
  const short = await preview(seen, { limits: { maxListLength: 1000 } });
  expect(JSON.stringify(short.alerts.listed).length).toBeLessThan(1100);
  expect(short.alerts.listed.length).toBeGreaterThan(0);
  expect(short.alerts.total).toBe(20);
});

test("the event loop has its turn at least every five hundred windows", async () => {
  const storage = openMemoryStorage();
  await fill(
    storage,
    Array.from({ length: 2000 }, () => 1),
  );
  let pauses = 0;
  await previewRules(
    { job, rules: [draft()], destinations: [], from: start, until: start + 48 * hour },
    {
      ...storage,
      clockMs: () => 0,
      pause: async () => {
        pauses += 1;
      },
    },
  );
  expect(pauses).toBeGreaterThanOrEqual(2000 / 250);
});

test("over the database it says the same as over memory, and writes nothing", async () => {
  const opener = createStorageOpener();
  const seen: Seen[] = [1, 12, "f", 12, "m", 0, "e", ...Array.from({ length: 300 }, (_, index) => (index % 7) * 2)];
  const rules = [draft({ destinationIds: ["mail"], repeatMs: 3 * minute, onFailure: "alert" })];
  const { storage, db } = await opener.open();
  await fill(storage, seen);
  const tables = ["rules", "alerts", "alert_events", "notifications", "findings", "coverage", "measurements"];
  const rows = async () => {
    const counts: unknown[] = [];
    for (const table of tables) counts.push((await db.execute(`SELECT COUNT(*) AS rows_there FROM ${table}`)).rows);
    return counts;
  };
  const before = await rows();
  const asked = { rules, destinations: [mail] };
  const report = await previewOver(storage, asked);
  expect(report).toEqual(await preview(seen, asked));
  expect(report.messages.sent).toBeGreaterThan(50);
  expect(await rows()).toEqual(before);
  await opener.closeAll();
});
