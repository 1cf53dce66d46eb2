// `npm run backtest -- FILE --watch W.yaml`: what these rules would have done over this log. Same engine, another clock.
import { parseArgs } from "node:util";
import * as z from "zod";
import * as formats from "../functions/formats/index.ts";
import { backtestFile } from "./backtest/backtest-file.ts";
import { writeReport } from "./backtest/write-books.ts";

const usage = `Usage: npm run backtest -- FILE --watch W.yaml [--format F] [--year Y] [--json]

  FILE        the log, also packed as .gz; - for standard input
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

const main = async (): Promise<void> => {
  const args = readArguments(process.argv.slice(2));
  if (!args) {
    console.log(usage);
    return;
  }
  const { report, run } = await backtestFile({ ...args, variables: process.env, onProgress: progress() });
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
