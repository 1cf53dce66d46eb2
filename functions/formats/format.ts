// The contract of a format: reads raw log lines. Used by replay, back-test and sources that hold raw text.
import type { LogEntry } from "@logwatch/events";
import type { ReadSyslog } from "./syslog-envelope.ts";

/** What a line alone does not say. `year` is for formats without one (it rolls over from December to January). */
export type ReaderOptions = {
  year: number;
  /** Where the log was written, for lines that do not say. */
  host?: string;
  /** The syslog header reader that all readers of one log share, so that they agree on the year; an own one when absent. */
  syslog?: ReadSyslog;
};

/**
 * Reads one line; undefined when it is not of this format, `header` when it only says how to read the next ones. Remembers what
 * earlier lines said (year, columns, doubles). Never throws, whatever the line is.
 */
export type ReadLine = (line: string) => LogEntry | "header" | undefined;

export type Format = {
  id: string;
  title: string;
  description: string;
  /** It takes every line of its kind, whatever it says, so formats that understand more are asked first. */
  isGeneral?: boolean;
  /** A fresh reader for one file or stream. */
  reader: (options: ReaderOptions) => ReadLine;
  /** Why a line that looks like this format cannot be read: one of a few fixed texts; undefined when it does not look so. */
  refusal?: (line: string) => string | undefined;
};

export const defineFormat = (format: Format): Format => format;
