// Format: what BIND logs of queries: the query log, answers (`responselog`), queries that failed or were denied, and names it could
// not resolve itself. By syslog or in files of its own. A failure that is written several times counts once; its other lines are kept
// without an outcome.
import type { FieldValue } from "@logwatch/events";
import { addressFields } from "./address-fields.ts";
import { type BindLine, readBindLine } from "./bind-line.ts";
import { dayStart, isoTime, joined, monthNumber, timeOfDay } from "./calendar.ts";
import { openCountOnce } from "./count-once.ts";
import { defineFormat } from "./format.ts";
import { openSyslog, syslogEntry } from "./syslog-envelope.ts";

export const bindQuery = defineFormat({
  id: "bind-query",
  title: "BIND queries",
  description: "Query log, answers, denied and failed queries of BIND 9, from its own files or by syslog.",
  reader: ({ syslog, ...options }) => {
    const readSyslog = syslog ?? openSyslog(options);
    const isNew = openFailures();
    return (line) => {
      if (!mayBeBind(line)) return undefined;
      const own = readHead(line);
      const envelope = own ? undefined : readSyslog(line);
      if (!own && !envelope) return undefined;
      // Behind a syslog header BIND's own time may stand once more, and is the finer one.
      const head = own ?? readHead(envelope?.message ?? "") ?? { at: undefined, rest: envelope?.message ?? "" };
      const said = readBindLine(head.rest);
      if (!said) return undefined;
      const at = head.at ?? envelope?.at;
      if (at === undefined) return undefined;
      const outcome =
        said.code === "NOERROR" ? "success" : said.code !== undefined && isNew(said, at) ? "failure" : undefined;
      const fields = queryFields(said, outcome);
      if (envelope) return { ...syslogEntry({ ...envelope, message: head.rest }, fields, "named"), at };
      return { at, service: "named", host: options.host ?? "", level: said.level, message: head.rest, fields };
    };
  },
  refusal: (line) =>
    mayBeBind(line) && readBindLine(line) ? "a line of BIND without a time (print-time is off)" : undefined,
});

/** Every line that is read holds one of these; most lines of other programs are told apart by it. */
const mayBeBind = (line: string): boolean => line.includes("client ") || line.includes(" resolving");

const ownTime = /^\uFEFF?(\d{1,2})-([A-Z][a-z]{2})-(\d{4}) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? /;

/** `17-Feb-2018 23:06:56.326 …`, or the ISO time of `print-time iso8601`. */
const readHead = (line: string): { at: number; rest: string } | undefined => {
  const own = ownTime.exec(line);
  if (own) {
    const [head, day, name = "", year, hour = "", minute = "", second = "", fraction] = own;
    const month = monthNumber(name);
    const date = month === undefined ? undefined : dayStart(Number(year), month, Number(day));
    const at = joined(date, timeOfDay(hour, minute, second, fraction));
    return at === undefined ? undefined : { at, rest: line.slice(head.length) };
  }
  const end = line.indexOf(" ");
  const at = end >= 20 && end <= 35 ? isoTime(line.slice(0, end)) : undefined;
  const rest = line.slice(end + 1);
  // Of syslog with an ISO time the second word is a host, not a category of BIND.
  return at !== undefined && /^(?:[\w-]{1,32}: |client )/.test(rest) ? { at, rest } : undefined;
};

const queryFields = (said: BindLine, outcome: string | undefined): Record<string, FieldValue> => ({
  "event.category": "network",
  "event.action": said.action,
  ...(outcome === undefined ? {} : { "event.outcome": outcome }),
  ...(said.code === undefined ? {} : { "dns.response_code": said.code }),
  ...(said.reason === undefined ? {} : { "event.reason": said.reason }),
  ...(said.name === undefined ? {} : { "dns.question.name": said.name }),
  ...(said.class === undefined ? {} : { "dns.question.class": said.class }),
  ...(said.type === undefined ? {} : { "dns.question.type": said.type }),
  ...(said.logLevel === undefined ? {} : { "log.level": said.logLevel }),
  "network.protocol": "dns",
  ...addressFields("source", said.client?.address, said.client?.port),
  ...addressFields("destination", said.server?.address, said.server?.port),
});

/** BIND gives up on a name after 10 s at most, and writes all lines about it until then. */
const sameQueryMs = 10_000;

/**
 * One query may be written as `query (cache) 'x/A/IN' denied` and as `query failed (REFUSED) for x/IN/A`; one that fails for its
 * client also as a line for each server that was asked in vain.
 */
const openFailures = (): ((said: BindLine, at: number) => boolean) => {
  const ofClient = openCountOnce(sameQueryMs);
  const ofName = openCountOnce(sameQueryMs);
  return ({ action, code, client, name, type }, at) => {
    const question = `${name?.toLowerCase()}/${type}`;
    if (action === "resolve-failed") return ofName(question, "server", at, 1) > 0;
    if (client && ofClient(`${client.address}#${client.port}/${question}`, action, at) === 0) return false;
    return code !== "SERVFAIL" || ofName(question, "client", at) > 0;
  };
};
