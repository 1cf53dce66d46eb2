// The contract of a format: reads raw log lines. Used by replay, back-test and sources that hold raw text.
import type { LogEntry } from "@logwatch/events";

/** What a line alone does not say. `year` is for formats without one (it rolls over from December to January). */
export type ReaderOptions = { year: number; host?: string };

/** Reads one line; undefined when it is not of this format. Remembers what earlier lines said (year, doubles). */
export type ReadLine = (line: string) => LogEntry | undefined;

export type Format = {
  id: string;
  title: string;
  description: string;
  /** A fresh reader for one file or stream. */
  reader: (options: ReaderOptions) => ReadLine;
};

export const defineFormat = (format: Format): Format => format;
