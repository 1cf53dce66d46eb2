// Format: packets that netfilter logs (iptables, nftables, UFW, Shorewall, SuSEfirewall): `PREFIX IN=eth0 OUT= SRC=… DST=… PROTO=TCP …`.
import type { FieldValue } from "@logwatch/events";
import { addressFields } from "./address-fields.ts";
import { defineFormat } from "./format.ts";
import { openSyslog, syslogEntry } from "./syslog-envelope.ts";

export const iptables = defineFormat({
  id: "iptables",
  title: "iptables and netfilter",
  description:
    "Packets that the Linux kernel logs for iptables, nftables or UFW, with address, port, protocol and action.",
  reader: ({ syslog, ...options }) => {
    const readSyslog = syslog ?? openSyslog(options);
    return (line) => {
      if (!line.includes("SRC=")) return undefined;
      const envelope = readSyslog(line);
      const fields = envelope && packetFields(envelope.message);
      return envelope && fields ? syslogEntry(envelope, fields) : undefined;
    };
  },
});

/** The kernel cuts lines at 1 KB, also in the middle of a word. */
const maxPacket = 2048;
const headPattern = /^(?:\[ {0,10}\d{1,12}\.\d{1,9}\] ?)?(.{0,80}?)\bIN=(\S{0,32}) OUT=(\S{0,32}) /;

const packetFields = (message: string): Record<string, FieldValue> | undefined => {
  const text = message.slice(0, maxPacket);
  const head = headPattern.exec(text);
  if (!head) return undefined;
  const [whole, prefix = "", input = "", output = ""] = head;
  const values = packetValues(text.slice(whole.length));
  const source = values.get("SRC");
  const protocol = values.get("PROTO");
  if (source === undefined || protocol === undefined) return undefined;
  const action = actionOf(prefix);
  const rule = prefix.trim().replace(/^\[([^\]]*)\]$|:$/, "$1");
  return {
    "event.category": "network",
    ...action,
    ...(rule === "" ? {} : { "rule.name": rule }),
    ...protocolFields(protocol),
    ...addressFields("source", source, portOf(values.get("SPT"))),
    ...addressFields("destination", values.get("DST"), portOf(values.get("DPT"))),
    ...(input === "" ? {} : { "observer.ingress.interface.name": input }),
    ...(output === "" ? {} : { "observer.egress.interface.name": output }),
    ...(values.has("LEN") ? { "network.bytes": Number(values.get("LEN")) || 0 } : {}),
    ...(values.has("TYPE") ? { "network.icmp_type": Number(values.get("TYPE")) || 0 } : {}),
  };
};

/** The first of each name: a second `LEN` is that of UDP. In brackets stands the packet that an ICMP error is about. */
const packetValues = (text: string): ReadonlyMap<string, string> => {
  const values = new Map<string, string>();
  for (const word of text.split(" ")) {
    if (word.startsWith("[")) break;
    const equals = word.indexOf("=");
    const name = word.slice(0, equals);
    if (equals > 0 && !values.has(name)) values.set(name, word.slice(equals + 1));
  }
  return values;
};

const actions = [
  { word: /drop/i, action: "drop", type: "denied" },
  { word: /block/i, action: "block", type: "denied" },
  { word: /reject/i, action: "reject", type: "denied" },
  { word: /den(?:y|ied)/i, action: "deny", type: "denied" },
  { word: /accept|[- ]acc(?:[- ]|$)/i, action: "accept", type: "allowed" },
  { word: /allow|pass/i, action: "allow", type: "allowed" },
  { word: /audit/i, action: "audit", type: "info" },
  { word: /limit/i, action: "limit", type: "denied" },
];

/** The kernel does not log what became of a packet: only the prefix that the rule was given says so, if it does. */
const actionOf = (prefix: string): Record<string, FieldValue> => {
  const found = actions.find(({ word }) => word.test(prefix));
  return found ? { "event.action": found.action, "event.type": found.type } : { "event.type": "info" };
};

const protocolFields = (protocol: string): Record<string, FieldValue> =>
  /^\d{1,3}$/.test(protocol)
    ? { "network.iana_number": Number(protocol), "network.transport": protocolNames[protocol] ?? protocol }
    : { "network.transport": protocol === "ICMPv6" ? "ipv6-icmp" : protocol.toLowerCase() };

// The kernel writes these as numbers.
const protocolNames: Record<string, string> = { "2": "igmp", "4": "ipip", "41": "ipv6", "47": "gre", "103": "pim" };

const portOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : undefined;
