// Formats: the text of one line of BIND 9, behind its time. Names are chosen by clients; BIND escapes what is not printable in them.
import { maxSearched } from "./search-limit.ts";

type Side = { address: string; port?: number };

export type BindLine = {
  action: "query" | "response" | "query-failed" | "query-denied" | "transfer-denied" | "resolve-failed";
  /** Response code, as far as the line tells it. */
  code?: string;
  reason?: string;
  name?: string;
  class?: string;
  type?: string;
  client?: Side;
  server?: Side;
  /** BIND's own word, where `print-severity` is on, and the syslog severity it means. */
  logLevel?: string;
  level: number | null;
};

// Category and severity, each only where it is printed.
const headPattern = /^(?:([a-z][a-z-]{1,30}): )?(?:(debug \d{1,3}|info|notice|warning|error|critical): )?/;
const levels: Record<string, number> = { critical: 2, error: 3, warning: 4, notice: 5, info: 6 };

// `client @0x7f64 192.0.2.1#4711/key name (example.com): view internal: `
const clientPattern =
  /^client (?:@0x[0-9a-f]{1,16} )?([0-9A-Fa-f.:%\w]{2,64})#(\d{1,5})(?:\/key \S{1,255})?(?: \((\S{0,1024})\))?: (?:view [^:]{1,64}: )?/;

const queryPattern = /^query: (\S{1,1024}) (\S{1,16}) (\S{1,16}) [+-]\S{0,32}(?: \(([^\s()]{1,64})\))?/;
const responsePattern = /^response: (\S{1,1024}) (\S{1,16}) (\S{1,16}) ([A-Z]{3,16})(?: |$)/;
const failedPattern = /^query failed \(([^()]{1,64})\) for (\S{1,1024})\/([A-Z0-9]{1,16})\/([A-Z0-9]{1,16}) at /;
const deniedPattern =
  /^(?:rpz QNAME [^']{0,64}|query (?:\(cache\) )?|zone transfer |update |notify )'(\S{0,1024})\/([A-Z0-9]{1,16})\/([A-Z0-9]{1,16})' denied(?: \(([^()]{1,128})\))?/;
const badTransfer = /^bad zone transfer request: '(\S{0,1024})\/([A-Z0-9]{1,16})': ([^(]{1,64}) \(([A-Z]{3,16})\)/;
const resolvePattern =
  /^([A-Za-z ]{3,40}) resolving '(\S{1,1024})\/([A-Z0-9]{1,16})\/([A-Z0-9]{1,16})'(?:: (\S{2,64})#(\d{1,5}))?/;

/** Undefined for lines that are not about a query. */
export const readBindLine = (text: string): BindLine | undefined => {
  const line = text.slice(0, maxSearched);
  const head = headPattern.exec(line);
  const said = head?.[2];
  const levelled = {
    ...(said === undefined ? {} : { logLevel: said }),
    level: said === undefined ? null : (levels[said] ?? 7),
  };
  const rest = line.slice(head?.[0].length ?? 0);
  const client = clientPattern.exec(rest);
  if (!client) {
    const found = readResolution(rest);
    return found && { ...found, ...levelled };
  }
  const found = readClientLine(rest.slice(client[0].length));
  return found && { ...found, ...levelled, client: side(client[1] ?? "", client[2]) };
};

type Found = Omit<BindLine, "level" | "logLevel" | "client">;

const readClientLine = (rest: string): Found | undefined => {
  const query = queryPattern.exec(rest);
  if (query) {
    const [, name = "", kind = "", type = "", server] = query;
    return { action: "query", name, class: kind, type, ...(server === undefined ? {} : { server: side(server) }) };
  }
  const response = responsePattern.exec(rest);
  if (response) {
    const [, name = "", kind = "", type = "", code = ""] = response;
    return { action: "response", name, class: kind, type, code };
  }
  const failed = failedPattern.exec(rest);
  if (failed) {
    const [, why = "", name = "", kind = "", type = ""] = failed;
    return { action: "query-failed", code: codeOf(why), reason: why, name, class: kind, type };
  }
  const denied = deniedPattern.exec(rest);
  if (denied) {
    const [, name = "", type = "", kind = "", why] = denied;
    const action = rest.startsWith("zone transfer") ? "transfer-denied" : "query-denied";
    return { action, code: "REFUSED", reason: why ?? "denied", name, class: kind, type };
  }
  const bad = badTransfer.exec(rest);
  if (!bad) return undefined;
  const [, name = "", kind = "", reason = "", code = ""] = bad;
  return { action: "transfer-denied", code, reason, name, class: kind };
};

/** `REFUSED unexpected RCODE resolving 'x/A/IN': 192.0.2.1#53`, `connection refused resolving …`, `timed out resolving …`. */
const readResolution = (rest: string): Found | undefined => {
  const found = resolvePattern.exec(rest);
  if (!found) return undefined;
  const [, why = "", name = "", type = "", kind = "", server, port] = found;
  return {
    action: "resolve-failed",
    code: codeOf(why),
    reason: why,
    name,
    class: kind,
    type,
    ...(server === undefined ? {} : { server: side(server, port) }),
  };
};

/** BIND says a response code in capitals, or in words what its clients get as SERVFAIL. */
const codeOf = (why: string): string => /^[A-Z]{3,16}(?= |$)/.exec(why)?.[0] ?? "SERVFAIL";

const side = (address: string, port?: string): Side => ({
  address,
  ...(port === undefined ? {} : { port: Number(port) }),
});
