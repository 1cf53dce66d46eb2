// Formats: reads a log line by line. Each line is asked of the formats that understand most first, or of the one that was named.
import type { LogEntry } from "@logwatch/events";
import { registry } from "../lib/registry.ts";
import type { Format } from "./format.ts";
import * as plugins from "./index.ts";
import { openSyslog } from "./syslog-envelope.ts";

/** `skipped` lines are empty or a header; `refused` has one of a few fixed reasons, so that they can be counted. */
export type LineRead = { entry: LogEntry; format: string } | { refused: string } | { skipped: "empty" | "header" };

export type Log = { read: (line: string) => LineRead };

const formats = registry<Format>("format", plugins);
const byDetail = [
  ...formats.all.filter((format) => !format.isGeneral),
  ...formats.all.filter((format) => format.isGeneral),
];

/** @throws when there is no format of that name. */
export const openLog = (options: { format?: string; year: number; host?: string }): Log => {
  const asked = options.format === undefined ? byDetail : [formats.get(options.format)];
  // One reader of headers for all: a line that one format takes must move the year of the others too.
  const syslog = openSyslog(options);
  const readers = asked.map((format) => ({ id: format.id, read: format.reader({ ...options, syslog }) }));
  const unknown = options.format === undefined ? "no known format" : `not ${options.format}`;
  return {
    read: (raw) => {
      const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
      if (line.trim() === "") return { skipped: "empty" };
      for (const { id, read } of readers) {
        const entry = read(line);
        if (entry === "header") return { skipped: "header" };
        if (entry) return { entry, format: id };
      }
      const reasons = asked.map((format) => format.refusal?.(line));
      return { refused: reasons.find((reason) => reason !== undefined) ?? unknown };
    },
  };
};
