// Back-test: reads a whole log file into entries, and keeps account of what was read and what was refused.
import type { LogEntry } from "@logwatch/events";
import { openLog } from "../../functions/formats/read-log.ts";
import { readLines } from "./read-lines.ts";

export type LogFile = {
  entries: LogEntry[];
  lines: number;
  parsed: Record<string, number>;
  refused: { reason: string; count: number; firstLine: number }[];
};

/** @throws when the file cannot be read. */
export const readLogFile = async (file: string, options: { format?: string; year: number }): Promise<LogFile> => {
  const log = openLog(options);
  const read: LogFile = { entries: [], lines: 0, parsed: {}, refused: [] };
  for await (const line of readLines(file)) {
    read.lines += 1;
    const one = log.read(line);
    if ("entry" in one) {
      read.entries.push(one.entry);
      read.parsed[one.format] = (read.parsed[one.format] ?? 0) + 1;
    } else if ("refused" in one) {
      const known = read.refused.find((refusal) => refusal.reason === one.refused);
      if (known) known.count += 1;
      else read.refused.push({ reason: one.refused, count: 1, firstLine: read.lines });
    }
  }
  return read;
};
