// Netfilter's lines by example, in the manner of real logs.
import { expect, it } from "vitest";
import { iptables } from "./iptables.ts";
import { entryBy, readBy } from "./test-lines.ts";

const head = "Jul  1 09:00:55 gate kernel: ";
const fieldsOf = (message: string) => entryBy(iptables, head + message).fields;
const packet =
  "IN=eth0 OUT= MAC=00:00:5e:00:53:01 SRC=192.0.2.1 DST=198.51.100.2 LEN=40 TOS=0x00 PROTO=TCP SPT=4711 DPT=22 SYN";

it("reads addresses, ports, protocol, interface, length and what was done", () => {
  expect(fieldsOf(`[203.842973] [UFW BLOCK] ${packet}`)).toEqual({
    "process.name": "kernel",
    "event.category": "network",
    "event.action": "block",
    "event.type": "denied",
    "rule.name": "UFW BLOCK",
    "network.transport": "tcp",
    "source.address": "192.0.2.1",
    "source.ip": "192.0.2.1",
    "source.port": 4711,
    "destination.address": "198.51.100.2",
    "destination.ip": "198.51.100.2",
    "destination.port": 22,
    "observer.ingress.interface.name": "eth0",
    "network.bytes": 40,
  });
});

it.each([
  ["[UFW ALLOW] ", "allow", "allowed"],
  ["[UFW AUDIT] ", "audit", "info"],
  ["IPTABLES-DROP: ", "drop", "denied"],
  ["iptables denied: ", "deny", "denied"],
  ["Shorewall:net2fw:REJECT:", "reject", "denied"],
  ["SFW2-INext-ACC-TCP ", "accept", "allowed"],
  ["", undefined, "info"],
])("what the prefix %j says was done", (prefix, action, type) => {
  expect([fieldsOf(prefix + packet)["event.action"], fieldsOf(prefix + packet)["event.type"]]).toEqual([action, type]);
});

it("reads IPv6, and the length of the packet, not of its UDP part", () => {
  const line =
    "IN=eth0 OUT=eth1 MAC= SRC=2001:db8::1 DST=ff02::fb LEN=527 TC=0 HOPLIMIT=255 PROTO=UDP SPT=5353 DPT=5353 LEN=487";
  expect(fieldsOf(line)).toMatchObject({
    "source.ip": "2001:db8::1",
    "destination.ip": "ff02::fb",
    "network.transport": "udp",
    "network.bytes": 527,
    "observer.egress.interface.name": "eth1",
  });
});

it("of an ICMP error, reads the error and not the packet it is about", () => {
  const fields = fieldsOf(
    "IN=eth0 OUT= SRC=192.0.2.1 DST=192.0.2.2 LEN=88 PROTO=ICMP TYPE=3 CODE=3 [SRC=192.0.2.2 DST=198.51.100.3 LEN=60 PROTO=UDP SPT=53 DPT=1024 LEN=40 ]",
  );
  expect(fields).toMatchObject({ "network.transport": "icmp", "network.icmp_type": 3, "destination.ip": "192.0.2.2" });
  expect(fields).not.toHaveProperty("source.port");
});

it("names protocols that the kernel numbers", () => {
  const fields = fieldsOf("IN=eth0 OUT= SRC=192.0.2.1 DST=224.0.0.1 LEN=28 PROTO=2");
  expect(fields).toMatchObject({ "network.transport": "igmp", "network.iana_number": 2 });
});

it.each([
  `${head}XX=eth0 OUT= SRC=192.0.2.1 DST=192.0.2.2 PROTO=TCP`,
  `${head}IN=eth0 OUT= SRC=192.0.2.1 DST=192.0.2.2 LEN=40`,
  "no syslog at all IN=eth0 OUT= SRC=192.0.2.1 PROTO=TCP",
  `${head}usb 1-1: new device`,
])("%j is no packet", (line) => expect(readBy(iptables, line)).toEqual([undefined]));
