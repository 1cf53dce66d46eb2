// A log entry as one line of an answer, bounded: whoever writes logs decides how long they are, and how many fields they have.
import type { FieldValue, LogEntry } from "@logwatch/events";
import type { LogLine } from "@logwatch/events/api";
import { cutToBytes, jsonBytes } from "../../analyses/cut-to-bytes.ts";

const maxFields = 200;
const maxNameBytes = 500;

/** `maxBytes` of JSON, roughly: half of it for the message, half for the fields. */
export const logLineOf = (entry: LogEntry, maxBytes: number): LogLine => {
  const message = cutToBytes(entry.message, maxBytes / 2);
  const { fields, isCut } = boundedFields(entry.fields, maxBytes / 2);
  return {
    at: entry.at,
    service: cutToBytes(entry.service, maxNameBytes),
    host: cutToBytes(entry.host, maxNameBytes),
    level: entry.level,
    message,
    fields,
    cut: isCut || message !== entry.message,
  };
};

/** In their order, while there is room; what has none is cut, and what comes behind it is left out. */
const boundedFields = (
  given: Readonly<Record<string, FieldValue>>,
  maxBytes: number,
): { fields: Record<string, FieldValue>; isCut: boolean } => {
  const all = Object.entries(given);
  const kept: [string, FieldValue][] = [];
  let room = maxBytes;
  let isCut = all.length > maxFields;
  for (const [name, value] of all.slice(0, maxFields)) {
    room -= jsonBytes(name);
    if (room <= minValueBytes) return { fields: Object.fromEntries(kept), isCut: true };
    const shown = typeof value === "string" ? cutToBytes(value, room) : value;
    room -= jsonBytes(String(shown));
    isCut ||= shown !== value;
    kept.push([name, shown]);
  }
  return { fields: Object.fromEntries(kept), isCut };
};

/** Less of a value tells nothing. */
const minValueBytes = 40;
