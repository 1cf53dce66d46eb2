// Back-test: one watch file over one log file. In: their names. Out: the run and its books.
import { readFileSync } from "node:fs";
import { compileWatch } from "../../functions/apply/compile-watch.ts";
import { readWatch, writeProblems } from "../../functions/apply/read-watch.ts";
import type { Configuration } from "../../functions/storage/configuration.ts";
import { readLogFile } from "./read-log-file.ts";
import { type BacktestPorts, type BacktestRun, fileSource, runBacktest } from "./run-backtest.ts";
import { type BacktestReport, openTotals, reportOf } from "./write-books.ts";

export type BacktestOptions = {
  file: string;
  watch: string;
  format?: string;
  /** Year of the first line, for formats without one. */
  year: number;
  /** What `${NAME}` in the watch file stands for. */
  variables: Readonly<Record<string, string | undefined>>;
} & Pick<BacktestPorts, "onProgress" | "ask">;

/** @throws with words for people when a file cannot be read, the watch file has a mistake, or there is nothing to try. */
export const backtestFile = async (options: BacktestOptions): Promise<{ report: BacktestReport; run: BacktestRun }> => {
  const { file, watch, format, year, variables, onProgress, ask } = options;
  // The watch file is read first: a mistake in it is told before a long log is read.
  readConfiguration(watch, variables, 0);
  const log = await readLogFile(file, { year, ...(format ? { format } : {}) });
  if (log.entries.length === 0) throw new Error(nothingRead(file, log));
  const first = log.entries.reduce((oldest, entry) => Math.min(oldest, entry.at), Number.POSITIVE_INFINITY);
  const configuration = readConfiguration(watch, variables, first);
  const totals = openTotals();
  const run = await runBacktest(configuration, log.entries, { onResult: totals.add, onProgress, ask });
  return { report: await reportOf(log, configuration, run, totals.list()), run };
};

const readConfiguration = (file: string, variables: BacktestOptions["variables"], now: number): Configuration => {
  const read = readWatch(readFileSync(file, "utf8"), variables);
  if (!read.ok) throw new Error(writeProblems(file, read.error));
  const compiled = compileWatch(read.value, {
    defaultSourceId: fileSource.id,
    now,
    ownerId: "backtest",
    // Nothing is sent and nothing is kept: secrets need no sealing.
    seal: (plain) => plain,
  });
  if (!compiled.ok) throw new Error(writeProblems(file, compiled.error));
  if (!compiled.value.jobs.some((job) => job.enabled))
    throw new Error(`${file}: no job is enabled, so there is nothing to try.`);
  return compiled.value;
};

const nothingRead = (file: string, { lines, refused }: Awaited<ReturnType<typeof readLogFile>>): string => {
  const reasons = refused.map(({ reason, count, firstLine }) => `${reason} (${count}, first in line ${firstLine})`);
  return `${file}: none of its ${lines} lines could be read${reasons.length > 0 ? `: ${reasons.join("; ")}` : ""}.`;
};
