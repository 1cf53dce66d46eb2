// Format: one JSON object a line, of our own or with the names that loggers commonly use (ECS, GELF, pino, bunyan, Docker, journald).
import type { FieldValue } from "@logwatch/events";
import { addressFields } from "./address-fields.ts";
import { defineFormat } from "./format.ts";
import { flatFields } from "./json-fields.ts";
import { jsonTime } from "./json-time.ts";

type Fields = Map<string, FieldValue>;

export const jsonLines = defineFormat({
  id: "json-lines",
  title: "JSON lines",
  description: "One JSON object a line; time, level, host, service and message are found under their common names.",
  reader: ({ host = "" }) => {
    return (line) => {
      if (!looksJson(line)) return undefined;
      const fields = flatFields(line);
      const at = fields && takeTime(fields);
      if (!fields || at === undefined) return undefined;
      const level = takeLevel(fields);
      const service = takeText(fields, serviceNames) ?? "";
      const message = takeText(fields, messageNames) ?? line;
      const writtenOn = takeText(fields, hostNames) ?? host;
      const repeats = takeRepeats(fields);
      for (const [name, common] of renamed) rename(fields, name, common);
      const rest = { ...addressesOf(fields), ...Object.fromEntries(fields) };
      return { at, service, host: writtenOn, level, message, fields: rest, ...(repeats > 1 ? { repeats } : {}) };
    };
  },
  refusal: (line) => {
    if (!looksJson(line)) return undefined;
    return flatFields(line) ? "JSON without a time that can be read" : "JSON that is broken or not an object";
  },
});

const looksJson = (line: string): boolean => /^\uFEFF?\s{0,16}\{/.test(line);

// The first that is there wins, so a log of our own is not misread for a field that happens to have a common name.
const timeNames = [
  "@timestamp",
  "at",
  "timestamp",
  "time",
  "ts",
  "datetime",
  "eventTime",
  "date",
  "__REALTIME_TIMESTAMP",
];
const levelNames = ["level", "log.level", "severity", "log.syslog.severity.code", "loglevel", "lvl", "PRIORITY"];
const serviceNames = [
  "service",
  "service.name",
  "service_name",
  "app",
  "application",
  "program",
  "SYSLOG_IDENTIFIER",
  "name",
  "logger",
];
const hostNames = ["host", "host.name", "host.hostname", "hostname", "_HOSTNAME", "source"];
const messageNames = ["message", "msg", "short_message", "full_message", "@message", "MESSAGE", "log", "text"];

/** Names of other schemas that the rest of LogWatch knows under those of the Elastic Common Schema (Zeek's JSON, Suricata, journald). */
const renamed: readonly (readonly [string, string])[] = [
  ["id.orig_h", "source.address"],
  ["id.orig_p", "source.port"],
  ["id.resp_h", "destination.address"],
  ["id.resp_p", "destination.port"],
  ["src_ip", "source.address"],
  ["src_port", "source.port"],
  ["dest_ip", "destination.address"],
  ["dest_port", "destination.port"],
  ["rcode_name", "dns.response_code"],
  ["_PID", "process.pid"],
];

const takeFirst = <Value>(fields: Fields, names: readonly string[], read: (value: FieldValue) => Value | undefined) => {
  for (const name of names) {
    const value = fields.get(name);
    const found = value === undefined ? undefined : read(value);
    if (found === undefined) continue;
    fields.delete(name);
    return found;
  }
  return undefined;
};

const takeText = (fields: Fields, names: readonly string[]): string | undefined =>
  takeFirst(fields, names, (value) => (value === "" ? undefined : String(value)));

const takeTime = (fields: Fields): number | undefined => takeFirst(fields, timeNames, jsonTime);

const takeLevel = (fields: Fields): number | null => takeFirst(fields, levelNames, levelOf) ?? null;

const takeRepeats = (fields: Fields): number =>
  takeFirst(fields, ["repeats"], (value) =>
    typeof value === "number" && Number.isSafeInteger(value) && value >= 1 ? value : undefined,
  ) ?? 1;

const rename = (fields: Fields, name: string, common: string): void => {
  const value = fields.get(name);
  if (value === undefined || fields.has(common)) return;
  fields.delete(name);
  fields.set(common, value);
};

/** An address that stands alone is also an IP address, if it is one. */
const addressesOf = (fields: Fields): Record<string, FieldValue> => {
  const of = (side: "source" | "destination") => {
    const address = fields.get(`${side}.address`);
    return typeof address === "string" ? addressFields(side, address) : {};
  };
  return { ...of("source"), ...of("destination") };
};

const words: Record<string, number> = {
  emergency: 0,
  emerg: 0,
  panic: 0,
  alert: 1,
  critical: 2,
  crit: 2,
  fatal: 2,
  error: 3,
  err: 3,
  severe: 3,
  warning: 4,
  warn: 4,
  notice: 5,
  information: 6,
  informational: 6,
  info: 6,
  debug: 7,
  trace: 7,
  verbose: 7,
};
/** pino and bunyan count up, in tens; syslog counts down, from 7. */
const tens: Record<number, number> = { 10: 7, 20: 7, 30: 6, 40: 4, 50: 3, 60: 2 };

const levelOf = (value: FieldValue): number | undefined => {
  const number = typeof value === "number" ? value : /^\d{1,2}$/.test(value) ? Number(value) : undefined;
  if (number === undefined)
    return Object.hasOwn(words, String(value).toLowerCase()) ? words[String(value).toLowerCase()] : undefined;
  if (Number.isInteger(number) && number >= 0 && number <= 7) return number;
  return tens[number];
};
