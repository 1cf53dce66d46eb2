// Formats: what stands around a syslog message, by RFC 3164 (with all that is written in its name, ISO times among it) and RFC 5424.
// In: a line. Out: when, where, which program, and the message. Kept apart from the formats, since sshd, BIND and the kernel write it.
import type { FieldValue, LogEntry } from "@logwatch/events";
import { type DateWithoutYear, dayStart, isoTime, joined, monthNumber, openYears, timeOfDay } from "./calendar.ts";
import { readStructuredData } from "./structured-data.ts";

export type Syslog = {
  rfc: 3164 | 5424;
  at: number;
  host: string;
  /** The tag as it was written, without the process id. */
  program: string;
  pid: number | undefined;
  message: string;
  /** How many equal messages it stands for. */
  repeats: number;
  /** Syslog severity; null when there is no priority. */
  level: number | null;
  fields: Record<string, FieldValue>;
};
export type ReadSyslog = (line: string) => Syslog | undefined;

/** One for each log: it finds the years, and knows which message was the last one. */
export const openSyslog = ({ year, host = "" }: { year: number; host?: string }): ReadSyslog => {
  const dateOf = openYears(year);
  let line: string | undefined;
  let read: Syslog | undefined;
  let previous: Syslog | undefined;
  return (next) => {
    // Several formats ask for the same line, one after the other.
    if (next === line) return read;
    previous = read ?? previous;
    line = next;
    const found = readEnvelope(next, dateOf, host);
    read = found && withRepeats(found, previous);
    return read;
  };
};

/** The entry of a syslog line; `fields` are what a format found in the message. */
export const syslogEntry = (syslog: Syslog, fields: Record<string, FieldValue> = {}, service?: string): LogEntry => {
  const { at, host, program, pid, message, repeats, level } = syslog;
  return {
    at,
    service: service ?? program,
    host,
    level,
    message,
    fields: {
      ...syslog.fields,
      ...(program === "" ? {} : { "process.name": program }),
      ...(pid === undefined ? {} : { "process.pid": pid }),
      ...fields,
    },
    ...(repeats > 1 ? { repeats } : {}),
  };
};

const classicPattern =
  /^[*.]?(?:(\d{4}) )?([A-Z][a-z]{2}) {1,2}(\d{1,2}) (?:(\d{4}) )?(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: (?:[A-Z]{1,5} )?((?:19|20)\d\d)(?= )| TZ[+-]\d{1,2})?(?::? |:?$)/;

/** True for a line that begins as RFC 3164 does, whether its date exists or not. */
export const looksClassic = (line: string): boolean => classicPattern.test(withoutPriority(line).rest);

const priorityPattern = /^(?:\d{1,7} )?<(\d{1,3})>/;
const maxPriority = 191;

const withoutPriority = (line: string): { priority: number | undefined; rest: string } => {
  const text = line.charCodeAt(0) === 0xfeff ? line.slice(1) : line;
  const found = priorityPattern.exec(text);
  const priority = Number(found?.[1]);
  if (!found || priority > maxPriority) return { priority: undefined, rest: text };
  return { priority, rest: text.slice(found[0].length) };
};

const readEnvelope = (line: string, dateOf: DateWithoutYear, host: string): Syslog | undefined => {
  const { priority, rest } = withoutPriority(line);
  const coded = codedPriority(priority);
  if (priority !== undefined && rest.startsWith("1 ")) return read5424(rest.slice(2), coded, host);
  const classic = classicPattern.exec(rest);
  if (classic) {
    const at = classicTime(classic, dateOf);
    return at === undefined ? undefined : read3164(at, rest.slice(classic[0].length), coded, host, false);
  }
  const end = rest.indexOf(" ");
  if (end < 16 || end > 40 || rest[10] !== "T") return undefined;
  const at = isoTime(rest.slice(0, end));
  return at === undefined ? undefined : read3164(at, rest.slice(end + 1), coded, host, priority === undefined);
};

type Coded = Pick<Syslog, "level" | "fields">;

const codedPriority = (priority: number | undefined): Coded =>
  priority === undefined
    ? { level: null, fields: {} }
    : {
        level: priority % 8,
        fields: { "log.syslog.facility.code": Math.floor(priority / 8), "log.syslog.severity.code": priority % 8 },
      };

const classicTime = (found: RegExpExecArray, dateOf: DateWithoutYear): number | undefined => {
  const [, first, name = "", day = "", second, hours = "", minutes = "", seconds = "", fraction, third] = found;
  const month = monthNumber(name);
  const ofDayMs = timeOfDay(hours, minutes, seconds, fraction);
  if (month === undefined || ofDayMs === undefined) return undefined;
  const year = first ?? second ?? third;
  return year === undefined
    ? dateOf(month, Number(day), ofDayMs)
    : joined(dayStart(Number(year), month, Number(day)), ofDayMs);
};

// `name`, `name[pid]`, `name(pam_unix)[pid]`, `name[pid] (origin)`, each with its colon.
const tagPattern = /^([^\s:[\]]{1,128})(?:\[(\d{1,10})\])?(?: \([^()\s]{1,200}\))?:(?: |$)/;
const levelWords = /^(?:trace|debug|info|notice|warn|warning|err|error|fatal|critical)$/i;

/** `strict`: an ISO time alone does not make it syslog, so there must be a host and a tag behind it. */
const read3164 = (at: number, text: string, coded: Coded, ownHost: string, strict: boolean): Syslog | undefined => {
  const trimmed = text.trimStart();
  const end = trimmed.indexOf(" ");
  const first = end < 0 ? trimmed : trimmed.slice(0, end);
  const isTag = first.endsWith(":") && trimmed[end + 1] !== "%";
  const host = isTag ? ownHost : first.endsWith(":") ? first.slice(0, -1) : first;
  const rest = isTag ? trimmed : end < 0 ? "" : trimmed.slice(end + 1).trimStart();
  const tag = tagPattern.exec(rest);
  if (strict && (!tag || levelWords.test(host))) return undefined;
  return {
    rfc: 3164,
    at,
    host,
    program: tag?.[1] ?? "",
    pid: tag?.[2] === undefined ? undefined : Number(tag[2]),
    message: tag ? rest.slice(tag[0].length).trimStart() : rest,
    repeats: 1,
    ...coded,
  };
};

const headPattern = /^(\S{1,64}) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) /;

const read5424 = (text: string, coded: Coded, ownHost: string): Syslog | undefined => {
  const found = headPattern.exec(`${text} `);
  if (!found) return undefined;
  const [head, stamp = "", host = "", program = "", pid = "", id = ""] = found;
  const at = isoTime(stamp);
  const data = readStructuredData(text, head.length);
  if (at === undefined || !data) return undefined;
  const message = text.slice(data.end).replace(/^ ?\uFEFF?/, "");
  return {
    rfc: 5424,
    at,
    host: host === "-" ? ownHost : host,
    program: program === "-" ? "" : program,
    pid: /^\d{1,10}$/.test(pid) ? Number(pid) : undefined,
    message,
    repeats: 1,
    level: coded.level,
    fields: { ...coded.fields, ...(id === "-" ? {} : { "log.syslog.msgid": id }), ...data.fields },
  };
};

const repeatedMessage = /^message repeated (\d{1,9}) times: \[ ?/;
const repeatedLast = /^-{0,3} ?last message repeated (\d{1,9}) times? ?-{0,3}$/;

/** rsyslog writes the message again and how often; syslogd only that the last one came so often again. */
const withRepeats = (syslog: Syslog, previous: Syslog | undefined): Syslog => {
  const { message, program, host } = syslog;
  const again = message.startsWith("message repeated") && message.endsWith("]") ? repeatedMessage.exec(message) : null;
  if (again) return { ...syslog, message: message.slice(again[0].length, -1), repeats: Math.max(1, Number(again[1])) };
  const last = program === "" && message.includes("last message") ? repeatedLast.exec(message) : null;
  if (!last || previous?.host !== host) return syslog;
  return { ...previous, at: syslog.at, repeats: Math.max(1, Number(last[1])) };
};
