// What may be called at an address that a user gave, as data: made from what the operator listed. Entries are `host`, `host:port`,
// `*.suffix`, `10.0.0.0/8`, `10.0.0.0/8:9000`, `[fd00::1]:9000`; without a port the policy's usual ports hold, `:*` means any.
import { domainToASCII } from "node:url";
import { type AddressRange, addressRange, isInRange } from "./address.ts";
import { fail, ok, type Result } from "./result.ts";

export type Scheme = "https" | "http";

/** What one entry of the list allows. */
export type Allowance = {
  /** A name in ASCII, every name below a suffix, or the addresses of a range (one address is a range of one). */
  match: { name: string } | { suffix: string } | { range: AddressRange };
  port: number | "usual" | "any";
  /** Plain http too, and addresses that are not public: what the operator named belongs to them. */
  trusted: boolean;
};

export type EgressPolicy = {
  allowances: readonly Allowance[];
  /** Nothing else may be called, not even a public host. */
  onlyListed: boolean;
  usualPorts: Readonly<Record<Scheme, readonly number[]>>;
  /** How the list is called where the operator writes it, for messages. */
  listName: string;
};

/** Sources: any public host over https at the ports log stores use, and what `ALLOWED_SOURCE_HOSTS` names. */
export const sourcePolicy = (allowances: readonly Allowance[]): EgressPolicy => ({
  allowances,
  onlyListed: false,
  // Graylog's own port is 9000.
  usualPorts: { https: [443, 8443, 9000, 9443], http: [80, 8080, 9000] },
  listName: "ALLOWED_SOURCE_HOSTS",
});

/**
 * Slack: only the listed hosts, over https; plain http and loopback only where the list names this very machine.
 * @throws with the entry that cannot be read.
 */
export const slackPolicy = (hosts: readonly string[]): EgressPolicy => {
  const read = allowances(hosts.join());
  if (!read.ok) throw new Error(`LOGWATCH_SLACK_HOSTS: ${read.error}.`);
  return {
    allowances: read.value.map((one) => ({ ...one, trusted: isThisMachine(one) })),
    onlyListed: true,
    usualPorts: { https: [443], http: [80] },
    listName: "LOGWATCH_SLACK_HOSTS",
  };
};

/** The comma-separated list; the error names the entry that cannot be read. */
export const allowances = (text: string): Result<Allowance[], string> => {
  const all: Allowance[] = [];
  for (const entry of text.split(",").map((part) => part.trim())) {
    if (entry === "") continue;
    const read = allowance(entry);
    if (!read.ok) return read;
    all.push(read.value);
  }
  return ok(all);
};

const allowance = (entry: string): Result<Allowance, string> => {
  const range = addressRange(entry);
  if (range) return ok({ match: { range }, port: "usual", trusted: true });
  const [, host = "", portText] = /^(\[[^\]]*\](?:\/\d+)?|[^:[\]\\?#@%\s]+)(?::(\d{1,5}|\*))?$/.exec(entry) ?? [];
  const port = portText === undefined ? "usual" : portText === "*" ? "any" : Number(portText);
  if (host === "" || port === 0 || (typeof port === "number" && port > 65_535)) return unreadable(entry);
  const own = addressRange(host.replace(/^\[(.*)\]/, "$1"));
  if (own) return ok({ match: { range: own }, port, trusted: true });
  const isSuffix = host.startsWith("*.");
  const name = domainToASCII(isSuffix ? host.slice(2) : host);
  // A last label of digits is how an address is misspelt.
  if (host.includes("/") || !/^([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9_-]*[a-z_-][a-z0-9_-]*$/.test(name))
    return unreadable(entry);
  return ok({ match: isSuffix ? { suffix: `.${name}` } : { name }, port, trusted: true });
};

const unreadable = (entry: string): Result<never, string> =>
  fail(
    `${JSON.stringify(entry.slice(0, 80))} is neither a host, host:port, *.suffix nor a range of addresses such as 10.0.0.0/8`,
  );

const loopback = ["127.0.0.0/8", "::1"].flatMap((text) => addressRange(text) ?? []);

const isThisMachine = ({ match }: Allowance): boolean => {
  if (!("range" in match)) return "name" in match && match.name === "localhost";
  const { version, low, prefix } = match.range;
  return low === 0n && loopback.some((range) => isInRange({ version, bits: prefix }, range));
};
