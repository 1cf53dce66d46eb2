// Back-test: what it found, as one object and as a page for people.
import type { AnalysisResult, Labels } from "@logwatch/events";
import { labelsKey } from "../../functions/lib/labels.ts";
import { type Books, balanceBooks } from "../../functions/notify/balance-books.ts";
import type { Configuration } from "../../functions/storage/configuration.ts";
import type { LogFile } from "./read-log-file.ts";
import type { BacktestRun } from "./run-backtest.ts";

type Total = { job: string; name: string; labels: Labels; value: number };

export type BacktestReport = {
  lines: number;
  parsed: Record<string, number>;
  refused: { reason: string; count: number }[];
  windows: { due: number; complete: number; failed: number; missing: number };
  alerts: { opened: number; resolved: number };
  /** Messages sent and owed, and findings that did not become one, per reason. */
  notifications: { sent: number; pending: number; suppressed: Books["suppressed"] };
  /** Findings are verdicts of one label set in one window; `total` = sent + pending + all suppressed. */
  findings: { total: number; sent: number; pending: number; suppressed: Books["suppressed"] };
  totals: Total[];
};

/** Adds every count measurement up over all windows. */
export const openTotals = (): { add: (result: AnalysisResult) => void; list: () => Total[] } => {
  const totals = new Map<string, Total>();
  return {
    add: (result) => {
      for (const { name, labels, value, unit } of result.measurements) {
        if (unit !== "count" || value === 0) continue;
        const key = `${result.jobId}\n${name}\n${labelsKey(labels)}`;
        const known = totals.get(key);
        if (known) known.value += value;
        else totals.set(key, { job: result.jobName, name, labels, value });
      }
    },
    list: () =>
      [...totals.values()].sort(
        (left, right) =>
          compare(left.job, right.job) ||
          compare(left.name, right.name) ||
          right.value - left.value ||
          compare(labelsKey(left.labels), labelsKey(right.labels)),
      ),
  };
};

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

/** @throws when the books do not balance: a finding was lost, and no figure here could be trusted. */
export const reportOf = async (
  file: LogFile,
  configuration: Configuration,
  run: BacktestRun,
  totals: Total[],
): Promise<BacktestReport> => {
  const { storage } = run;
  const records = await storage.notifications.list(Number.MAX_SAFE_INTEGER);
  const quiet = new Map(await storage.findings.totals());
  const told = records.length;
  const books = balanceBooks(quiet, records);
  // Windows in which nothing breached leave no row; what is not in the books by then was below its threshold.
  const unrecorded = run.verdicts - books.findings;
  if (unrecorded < 0)
    throw new Error(
      `The books do not balance: ${run.verdicts} verdicts, ${books.findings} findings, ${told} notifications.`,
    );
  books.suppressed["below-threshold"] = (books.suppressed["below-threshold"] ?? 0) + unrecorded;
  const windows = await windowsOf(configuration, run);
  const alerts = { opened: 0, resolved: 0 };
  for (const rule of configuration.rules) {
    for (const event of await storage.ruleStates.events({ ruleId: rule.id, limit: Number.MAX_SAFE_INTEGER })) {
      if (event.to === "firing" && event.from !== "firing") alerts.opened += 1;
      if (event.to === "resolved") alerts.resolved += 1;
    }
  }
  return {
    lines: file.lines,
    parsed: file.parsed,
    refused: file.refused.map(({ reason, count }) => ({ reason, count })),
    windows,
    alerts,
    notifications: {
      sent: records.filter((record) => record.state === "sent").length,
      pending: records.filter((record) => record.state === "owed").length,
      suppressed: books.suppressed,
    },
    findings: { total: run.verdicts, sent: books.sent, pending: books.pending, suppressed: books.suppressed },
    totals,
  };
};

const windowsOf = async (configuration: Configuration, run: BacktestRun): Promise<BacktestReport["windows"]> => {
  const windows = { due: run.due, complete: 0, failed: 0, missing: 0 };
  for (const job of configuration.jobs) {
    for (const range of await run.storage.coverage.read(job.id, 0, Number.MAX_SAFE_INTEGER)) {
      const slots = Math.round((range.to - range.from) / job.everyMs);
      if (range.state === "failed") windows.failed += slots;
      else if (range.state === "missing") windows.missing += slots;
      else windows.complete += slots;
    }
  }
  windows.missing += Math.max(0, windows.due - windows.complete - windows.failed - windows.missing);
  return windows;
};

/** For people: figures first, then the largest totals of each measurement. */
export const writeReport = (report: BacktestReport, run: BacktestRun): string => {
  const list = (record: Record<string, number>) =>
    Object.entries(record)
      .map(([name, count]) => `${name} ${count.toLocaleString("en")}`)
      .join(", ") || "none";
  const lines = [
    `Lines      ${report.lines.toLocaleString("en")} read; parsed: ${list(report.parsed)}; refused: ${list(Object.fromEntries(report.refused.map(({ reason, count }) => [reason, count])))}`,
    `Windows    ${list(report.windows)}`,
    `Alerts     ${list(report.alerts)}`,
    `Messages   sent ${report.notifications.sent}, pending ${report.notifications.pending}`,
    `Findings   ${report.findings.total.toLocaleString("en")} = sent ${report.findings.sent} + pending ${report.findings.pending} + suppressed (${list(report.findings.suppressed)})`,
    "",
    ...topTotals(report.totals),
  ];
  const shown = run.sent
    .slice(0, 10)
    .map(({ at, message }) => `  ${new Date(at).toISOString()}  [${message.status}] ${message.title}`);
  if (shown.length > 0) lines.push("", `First messages (${run.sent.length} in all):`, ...shown);
  return lines.join("\n");
};

const topTotals = (totals: readonly Total[], top = 10): string[] => {
  const lines: string[] = [];
  const seen = new Map<string, number>();
  for (const { job, name, labels, value } of totals) {
    const group = `${job}: ${name}`;
    const count = (seen.get(group) ?? 0) + 1;
    seen.set(group, count);
    if (count === 1) lines.push(group);
    const what =
      Object.values(labels)
        .map((text) => (text === "" ? "(none)" : text))
        .join(" · ") || "all";
    if (count <= top) lines.push(`  ${value.toLocaleString("en").padStart(10)}  ${JSON.stringify(what).slice(1, -1)}`);
  }
  return lines.map((line) => line);
};
