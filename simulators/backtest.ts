// `npm run backtest -- FILE --watch W.yaml`: what these rules would have done over this log. Same engine, another clock.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import * as z from "zod";
import { compileWatch } from "../functions/apply/compile-watch.ts";
import { readWatch, writeProblems } from "../functions/apply/read-watch.ts";
import * as formats from "../functions/formats/index.ts";
import type { Configuration } from "../functions/storage/configuration.ts";
import { readLogFile } from "./backtest/read-log-file.ts";
import { fileSource, runBacktest } from "./backtest/run-backtest.ts";
import { openTotals, reportOf, writeReport } from "./backtest/write-books.ts";

const usage = `Usage: npm run backtest -- FILE --watch W.yaml [--format F] [--year Y] [--json]

  FILE        the log; - for standard input
  --watch     the watch file whose jobs and rules are tried
  --format    ${Object.values(formats)
    .map((format) => format.id)
    .join(", ")}; found out line by line when absent
  --year      year of the first line, for formats without one (this year when absent)
  --json      print one JSON object instead of a page`;

const options = z.strictObject({
  watch: z.string({ error: "is needed: --watch W.yaml" }),
  format: z.enum(Object.values(formats).map((format) => format.id)).optional(),
  year: z.coerce.number().int().min(1970).max(2999).default(new Date().getUTCFullYear()),
  json: z.boolean().default(false),
  file: z.string({ error: "is needed: the log to read" }),
});

const readArguments = (args: string[]) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      watch: { type: "string" },
      format: { type: "string" },
      year: { type: "string" },
      json: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return undefined;
  if (positionals.length > 1)
    throw new Error(`One file at a time; got ${positionals.length}: ${positionals.join(" ")}`);
  const { help: _help, ...given } = values;
  const parsed = options.safeParse({ ...given, file: positionals[0] });
  if (parsed.success) return parsed.data;
  throw new Error(
    parsed.error.issues
      .map((issue) => `${issue.path[0] === "file" ? "FILE" : `--${issue.path.join(".")}`} ${issue.message}`)
      .join("\n"),
  );
};

const readConfiguration = (file: string, now: number): Configuration => {
  const read = readWatch(readFileSync(file, "utf8"), { ...process.env });
  if (!read.ok) throw new Error(writeProblems(file, read.error));
  // Nothing is sent and nothing is kept: secrets need no sealing.
  const compiled = compileWatch(read.value, {
    defaultSourceId: fileSource.id,
    now,
    ownerId: "backtest",
    seal: (plain) => plain,
  });
  if (!compiled.ok) throw new Error(writeProblems(file, compiled.error));
  const enabled = compiled.value.jobs.filter((job) => job.enabled);
  if (enabled.length === 0) throw new Error(`${file}: no job is enabled, so there is nothing to try.`);
  return compiled.value;
};

const main = async (): Promise<void> => {
  const args = readArguments(process.argv.slice(2));
  if (!args) {
    console.log(usage);
    return;
  }
  // The watch file is read first: a mistake in it is told before a long log is read.
  readConfiguration(args.watch, 0);
  const file = await readLogFile(args.file, { year: args.year, ...(args.format ? { format: args.format } : {}) });
  const first = file.entries.reduce((oldest, entry) => Math.min(oldest, entry.at), Number.POSITIVE_INFINITY);
  if (file.entries.length === 0)
    throw new Error(`${args.file}: none of its ${file.lines} lines is of a known format. ${usage}`);
  const configuration = readConfiguration(args.watch, first);
  const totals = openTotals();
  const run = await runBacktest(configuration, file.entries, totals.add, progress());
  const report = await reportOf(file, configuration, run, totals.list());
  console.log(args.json ? JSON.stringify(report) : writeReport(report, run));
};

/** On a terminal, how far it is; nothing where it would only fill a log. */
const progress = (): ((done: number) => void) => {
  let last = 0;
  return (done) => {
    if (!process.stderr.isTTY || Date.now() - last < 200) return;
    last = Date.now();
    process.stderr.write(done >= 1 ? "\r          \r" : `\r${Math.floor(done * 100)} % …`);
  };
};

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
