// Tests of formats: reads lines by one format, or by all, and shows what matters of an entry.
import type { LogEntry } from "@logwatch/events";
import type { Format } from "./format.ts";
import { openLog } from "./read-log.ts";

export const testYear = 2026;

/** Entries of the lines by one format; undefined where it does not take the line. */
export const readBy = (format: Format, ...lines: string[]): (LogEntry | "header" | undefined)[] => {
  const read = format.reader({ year: testYear });
  return lines.map((line) => read(line));
};

/** The entry of one line. @throws when there is none, so that a test says so. */
export const entryBy = (format: Format, line: string): LogEntry => {
  const [entry] = readBy(format, line);
  if (entry === undefined || entry === "header") throw new Error(`${format.id} does not read: ${line.slice(0, 200)}`);
  return entry;
};

/** How many sign-ins failed and succeeded, with all formats at work. */
export const loginsIn = (lines: readonly string[]): { failures: number; successes: number } => {
  const log = openLog({ year: testYear });
  const total = { failures: 0, successes: 0 };
  for (const line of lines) {
    const one = log.read(line);
    if (!("entry" in one) || one.entry.fields["event.category"] !== "authentication") continue;
    const times = one.entry.repeats ?? 1;
    if (one.entry.fields["event.outcome"] === "failure") total.failures += times;
    else total.successes += times;
  }
  return total;
};
