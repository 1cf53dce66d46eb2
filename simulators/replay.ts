// `npm run replay -- FILE`: sends a real log through GELF into a running stack, in its own time, shifted to now, or played.
import { existsSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { LogEntry } from "@logwatch/events";
import * as z from "zod";
import { openLog } from "../functions/formats/read-log.ts";
import { readLines } from "./backtest/read-lines.ts";
import { type GelfMessage, gelfMessages, openGelf } from "./gelf.ts";

const usage = `Usage: npm run replay -- FILE [flags]

  FILE          the log, also packed as .gz; - for standard input
  --gelf-port   GELF port (12201)
  --host        where the stack is (127.0.0.1)
  --transport   http, udp or tcp (http)
  --format      format of the lines; found out line by line when absent
  --year        year of the first line, for formats without one
  --speed       own: own times; shift: moved so that the last line is now; N: played N times as fast, from now (own)`;

const options = z.strictObject({
  file: z.string({ error: "is needed: the log to read" }),
  "gelf-port": z.coerce.number({ error: "must be a port number" }).int().min(1).max(65_535).default(12_201),
  host: z.string().min(1).default("127.0.0.1"),
  transport: z.enum(["http", "udp", "tcp"]).default("http"),
  format: z.string().min(1).optional(),
  year: z.coerce.number({ error: "must be a year" }).int().min(1970).max(2999).optional(),
  speed: z
    .union([z.literal(["own", "shift"]), z.coerce.number().positive()], {
      error: "must be own, shift or a number above 0",
    })
    .default("own"),
});
type Options = z.output<typeof options>;

const batchSize = 500;
const dayMs = 86_400_000;
const flags = ["gelf-port", "host", "transport", "format", "year", "speed"] as const;

const readArguments = (args: string[]): Options | undefined => {
  const known = Object.fromEntries(flags.map((name) => [name, { type: "string" as const }]));
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { ...known, help: { type: "boolean" } },
  });
  if (values.help) return undefined;
  if (positionals.length > 1) throw new Error(`One file at a time; got ${positionals.join(" ")}.`);
  const parsed = options.safeParse({ ...values, file: positionals[0] });
  if (!parsed.success) {
    const rules = parsed.error.issues.map(
      ({ path, message }) => `${path[0] === "file" ? "FILE" : `--${String(path[0])}`}: ${message}`,
    );
    throw new Error(rules.join("\n"));
  }
  const { file, speed } = parsed.data;
  if (file !== "-" && !existsSync(file)) throw new Error(`There is no file ${file}.`);
  if (file !== "-" && statSync(file).isDirectory()) throw new Error(`${file} is a folder; a log file is needed.`);
  if (file === "-" && speed === "shift")
    throw new Error("--speed: shift reads the log twice, to find its last line; standard input can be read once.");
  return parsed.data;
};

type Totals = {
  lines: number;
  parsed: Map<string, number>;
  refused: Map<string, { count: number; firstLine: number }>;
  bytes: number;
};
const newTotals = (): Totals => ({ lines: 0, parsed: new Map(), refused: new Map(), bytes: 0 });

async function* entriesOf({ file, format, year }: Options, totals: Totals): AsyncGenerator<LogEntry> {
  const open = (first: number) => openLog({ year: first, ...(format ? { format } : {}) });
  const thisYear = new Date().getUTCFullYear();
  let log = open(year ?? thisYear);
  let yearIsSure = year !== undefined;
  for await (const line of readLines(file)) {
    totals.lines += 1;
    totals.bytes += Buffer.byteLength(line) + 1;
    let one = log.read(line);
    if ("entry" in one && !yearIsSure) {
      yearIsSure = true;
      // A line without a year that would lie in the future is of last year.
      if (one.entry.at > Date.now() + dayMs) {
        log = open(thisYear - 1);
        one = log.read(line);
      }
    }
    if ("entry" in one) {
      totals.parsed.set(one.format, (totals.parsed.get(one.format) ?? 0) + 1);
      yield one.entry;
    } else if ("refused" in one) {
      const known = totals.refused.get(one.refused);
      if (known) known.count += 1;
      else totals.refused.set(one.refused, { count: 1, firstLine: totals.lines });
    }
  }
}

const lastTime = async (args: Options): Promise<number> => {
  let last = Number.NEGATIVE_INFINITY;
  for await (const { at } of entriesOf(args, newTotals())) last = Math.max(last, at);
  return last;
};

const replay = async (args: Options): Promise<void> => {
  const gelf = openGelf({ transport: args.transport, host: args.host, port: args["gelf-port"] });
  const totals = newTotals();
  const begun = Date.now();
  const shift = args.speed === "shift" ? begun - (await lastTime(args)) : 0;
  const show = progress(args.file, begun);
  let batch: GelfMessage[] = [];
  let first: number | undefined;
  let sent = 0;
  const flush = async () => {
    await gelf.send(batch);
    sent += batch.length;
    batch = [];
    show(totals, sent);
  };
  try {
    for await (const entry of entriesOf(args, totals)) {
      first ??= entry.at;
      const at =
        typeof args.speed === "number" ? begun + Math.round((entry.at - first) / args.speed) : entry.at + shift;
      if (typeof args.speed === "number" && at > Date.now()) {
        await flush();
        await sleep(Math.max(0, at - Date.now()));
      }
      batch.push(...gelfMessages({ ...entry, at }));
      if (batch.length >= batchSize) await flush();
    }
    await flush();
  } finally {
    await gelf.close();
  }
  console.log(report(totals, sent, Date.now() - begun));
  if (sent === 0) throw new Error(`${args.file}: no line could be read, so nothing was sent.`);
};

const progress = (file: string, begun: number): ((totals: Totals, sent: number) => void) => {
  const size = file === "-" || file.endsWith(".gz") ? 0 : statSync(file).size;
  // Where it is no terminal, a line now and then, so as not to fill a log.
  const everyMs = process.stderr.isTTY ? 250 : 10_000;
  let last = begun;
  return ({ lines, bytes }, sent) => {
    const now = Date.now();
    if (now - last < everyMs) return;
    last = now;
    const share = size > 0 ? `, ${Math.min(100, Math.floor((bytes / size) * 100))} %` : "";
    const text = `${lines} lines, ${Math.round((sent * 1000) / (now - begun))} per second${share}`;
    process.stderr.write(process.stderr.isTTY ? `\r${text}   ` : `${text}\n`);
  };
};

const report = ({ lines, parsed, refused }: Totals, sent: number, tookMs: number): string =>
  [
    `${lines} lines read, ${sent} messages sent in ${(tookMs / 1000).toFixed(1)} s.`,
    ...[...parsed].map(([format, count]) => `  ${format}: ${count}`),
    ...[...refused].map(
      ([reason, { count, firstLine }]) => `  refused: ${count}, ${reason} (first: line ${firstLine})`,
    ),
  ].join("\n");

const main = async (): Promise<void> => {
  const args = readArguments(process.argv.slice(2));
  if (args) await replay(args);
  else console.log(usage);
};

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
